import { MINUTE_MS, SECOND_MS } from './duration.ts';

/** How the need becomes a number of replicas to ask for. */
export interface Shaping {
  /** How long before the work a replica is asked for. */
  readonly leadTimeMs: number;
  /** How long a replica is kept after the work, because the last starts still run. */
  readonly tailMs: number;
  /** Valleys shorter than this are filled: stopping and starting again costs more than keeping. */
  readonly closingMs: number;
  /** How many replicas at most go within a minute; no limit when left out. */
  readonly stepDownPerMinute?: number | undefined;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** Replicas to have asked for in each second. Never below the curve, except where `maxReplicas` binds. */
export function shapeCurve(curve: readonly number[], shaping: Shaping): number[] {
  const closing = Math.round(shaping.closingMs / SECOND_MS);
  const filled = slidingMin(slidingMax(curve, 0, closing), closing, 0);
  const lead = Math.ceil(shaping.leadTimeMs / SECOND_MS);
  const tail = Math.ceil(shaping.tailMs / SECOND_MS);
  const ahead = slowDown(slidingMax(filled, tail, lead), shaping.stepDownPerMinute);
  return ahead.map((replicas) => Math.min(shaping.maxReplicas, Math.max(shaping.minReplicas, replicas)));
}

/** The same curve, falling no faster than by so many a minute. */
function slowDown(curve: readonly number[], perMinute = Infinity): readonly number[] {
  const secondsPerMinute = MINUTE_MS / SECOND_MS;
  let level = 0; // in sixtieths of a replica, so that it stays whole
  return curve.map((replicas) => {
    level = Math.max(replicas * secondsPerMinute, level - perMinute);
    return Math.ceil(level / secondsPerMinute);
  });
}

function slidingMin(values: readonly number[], before: number, after: number): number[] {
  const negated = values.map((value) => -value);
  return slidingMax(negated, before, after).map((value) => 0 - value);
}

/** For each index the greatest value from `before` places earlier to `after` places later, both within the array. Linear time. */
function slidingMax(values: readonly number[], before: number, after: number): number[] {
  const result = new Array<number>(values.length).fill(0);
  const candidates = new Int32Array(values.length); // indices whose values fall from head to tail
  let head = 0;
  let tail = 0;
  let next = 0;
  for (let index = 0; index < values.length; index += 1) {
    for (; next < values.length && next <= index + after; next += 1) {
      const value = Number(values[next]);
      while (tail > head && Number(values[Number(candidates[tail - 1])]) <= value) tail -= 1;
      candidates[tail] = next;
      tail += 1;
    }
    while (Number(candidates[head]) < index - before) head += 1;
    result[index] = Number(values[Number(candidates[head])]);
  }
  return result;
}
