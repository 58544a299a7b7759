import { SECOND_MS } from './duration.ts';

/** Some equal occurrences that fall due within one second: how many, and how long one of them runs. */
export interface DemandRow {
  /** Start of the second, epoch ms. */
  readonly atMs: number;
  readonly count: number;
  readonly durationMs: number;
}

/**
 * The mission's numbers: work must start within a window of 10 s, and a slot gives nine of its ten seconds, the tenth being kept against
 * overload. So one slot takes 9,000 ms of work per window.
 */
export const START_WINDOW_MS = 10_000;
const BUFFER_RATIO = 0.1;
export const SLOT_WORK_MS = START_WINDOW_MS * (1 - BUFFER_RATIO);

/** The base formula, for occurrences of one scheduled time: ceil(total compute ms / 9000) per slot. */
export function requiredInstances(computeMs: number, slotsPerReplica: number): number {
  return Math.ceil(roundedUpAbove(computeMs / SLOT_WORK_MS) / slotsPerReplica);
}

/** A span of time in whole seconds: element 0 is the second that starts at `fromMs`. */
export interface Span {
  /** A whole second, epoch ms. */
  readonly fromMs: number;
  readonly seconds: number;
}

/**
 * The formula as a curve: instances needed in each second of the span. A row asks for its share of a slot over the whole start window, or,
 * when one run is longer than a slot's window, for a slot per run for as long as it runs, stretched by the buffer. Where scheduled times
 * lie apart this equals `requiredInstances` of each; where they share a window or outlast it they add up.
 */
export function formulaCurve(rows: readonly DemandRow[], span: Span, slotsPerReplica: number): number[] {
  const change = new Float64Array(span.seconds + 1);
  for (const row of rows) {
    const isShort = row.durationMs <= SLOT_WORK_MS;
    const slots = isShort ? (row.count * row.durationMs) / SLOT_WORK_MS : row.count;
    const lengthMs = isShort ? START_WINDOW_MS : row.durationMs / (1 - BUFFER_RATIO);
    const first = Math.floor((row.atMs - span.fromMs) / SECOND_MS);
    const last = first + Math.ceil(lengthMs / SECOND_MS);
    if (last <= 0 || first >= span.seconds) continue;
    addTo(change, Math.max(0, first), slots);
    addTo(change, Math.min(span.seconds, last), -slots);
  }
  let slots = 0;
  return Array.from(change.subarray(0, span.seconds), (difference) => {
    slots += difference;
    return Math.max(0, Math.ceil(roundedUpAbove(slots) / slotsPerReplica));
  });
}

/** How the curve becomes a number of replicas to ask for. */
export interface Shaping {
  /** How long before the work a replica is asked for. */
  readonly leadTimeMs: number;
  /** How long a replica is kept after the work, because the last starts still run. */
  readonly tailMs: number;
  /** Valleys shorter than this are filled: stopping and starting again costs more than keeping. */
  readonly closingMs: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** Replicas to have asked for in each second. Never below the curve, except where `maxReplicas` binds. */
export function shapeCurve(curve: readonly number[], shaping: Shaping): number[] {
  const closing = Math.round(shaping.closingMs / SECOND_MS);
  const filled = slidingExtreme(slidingExtreme(curve, 0, closing, Math.max), -closing, 0, Math.min);
  const lead = Math.ceil(shaping.leadTimeMs / SECOND_MS);
  const tail = Math.ceil(shaping.tailMs / SECOND_MS);
  const ahead = slidingExtreme(filled, -tail, lead, Math.max);
  return ahead.map((replicas) => Math.min(shaping.maxReplicas, Math.max(shaping.minReplicas, replicas)));
}

/**
 * How many occurrences of each second would start after the start window with only `slots` slots, served in order as a steady flow that
 * uses all of every slot: the buffer is there to be used when it is too late for anything else.
 */
export function predictLate(rows: readonly DemandRow[], span: Span, slots: number): number[] {
  const late = new Array<number>(span.seconds).fill(0);
  const bySecond = [...rows].sort((a, b) => a.atMs - b.atMs || a.durationMs - b.durationMs);
  let backlogMs = 0;
  let clockMs = bySecond[0]?.atMs ?? span.fromMs;
  for (const row of bySecond) {
    backlogMs = Math.max(0, backlogMs - (row.atMs - clockMs) * slots);
    clockMs = row.atMs;
    // The n-th of them (from 0) starts when the work before it is done: (backlog + n * duration) / slots after its time.
    const roomMs = START_WINDOW_MS * slots - backlogMs;
    const startable = row.durationMs === 0 ? row.count : Math.floor(roomMs / row.durationMs) + 1;
    const inTime = slots > 0 && roomMs >= 0 ? startable : 0;
    const second = Math.floor((row.atMs - span.fromMs) / SECOND_MS);
    const lateHere = Math.max(0, row.count - inTime);
    if (second >= 0 && second < span.seconds) late[second] = Number(late[second]) + lateHere;
    backlogMs += row.count * row.durationMs;
  }
  return late;
}

/** The greatest value of each step of `size` seconds; peaks matter, so never the average. */
export function maxPerStep(values: readonly number[], size: number): number[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, step) =>
    Math.max(...values.slice(step * size, (step + 1) * size)),
  );
}

export function sumPerStep(values: readonly number[], size: number): number[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, step) =>
    values.slice(step * size, (step + 1) * size).reduce((sum, value) => sum + value, 0),
  );
}

/** For each index the extreme of the values from `index + from` to `index + until`, both within the array. Linear time. */
function slidingExtreme(
  values: readonly number[],
  from: number,
  until: number,
  pick: (a: number, b: number) => number,
): number[] {
  const beats = (a: number, b: number): boolean => pick(a, b) === a;
  const result: number[] = [];
  const candidates: { readonly index: number; readonly value: number }[] = [];
  let head = 0;
  let next = 0;
  for (let index = 0; index < values.length; index += 1) {
    for (; next < values.length && next <= index + until; next += 1) {
      const value = Number(values[next]);
      while (candidates.length > head && beats(value, Number(candidates.at(-1)?.value))) candidates.pop();
      candidates.push({ index: next, value });
    }
    while (Number(candidates[head]?.index) < index + from) head += 1;
    result.push(Number(candidates[head]?.value));
  }
  return result;
}

function addTo(values: Float64Array, index: number, amount: number): void {
  values[index] = Number(values[index]) + amount;
}

/** Sums of fractions end a hair above the whole number they stand for; that hair must not cost an instance. */
function roundedUpAbove(slots: number): number {
  return Math.round(slots * 1e6) / 1e6;
}
