import { quantile } from './histogram.ts';

/** How long runs take: what can be asked of them, whatever is known. */
export interface RunLengths {
  /** Where it comes from: runs of the task, runs of all tasks of its type, or what the type declares. */
  readonly basis: 'task' | 'type' | 'estimate';
  /** Runs behind it; 0 for an estimate. */
  readonly runs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Which share of the runs, 0 to 1, is longer than a time. */
  readonly shareAbove: (ms: number) => number;
}

/** Of so many runs a twentieth is at least one. */
export const ENOUGH_RUNS = 20;

/** Of runs that were measured one by one, in ms; `undefined` when they are too few to speak of one in twenty. */
export function lengthsOfTask(elapsedMs: readonly number[]): RunLengths | undefined {
  if (elapsedMs.length < ENOUGH_RUNS) return undefined;
  const sorted = [...elapsedMs].sort((a, b) => a - b);
  return {
    basis: 'task',
    runs: sorted.length,
    p50Ms: quantileOf(sorted, 0.5),
    p95Ms: quantileOf(sorted, 0.95),
    shareAbove: (ms) => sorted.filter((one) => one > ms).length / sorted.length,
  };
}

/** Of runs that were counted in buckets; the declared estimate where there are none. */
export function lengthsOfType(histogram: readonly number[], estimateMs: number): RunLengths {
  const runs = histogram.reduce((sum, count) => sum + count, 0);
  const [p50Ms, p95Ms] = [quantile(histogram, 0.5), quantile(histogram, 0.95)];
  if (p50Ms === undefined || p95Ms === undefined) {
    const shareAbove = (ms: number): number => (estimateMs > ms ? 1 : 0);
    return { basis: 'estimate', runs: 0, p50Ms: estimateMs, p95Ms: estimateMs, shareAbove };
  }
  return { basis: 'type', runs, p50Ms, p95Ms, shareAbove: (ms) => countAbove(histogram, ms) / runs };
}

/** What no run of a type was longer than, by its histogram; `undefined` without runs, Infinity when the last bucket has some. */
export function longestMs(histogram: readonly number[]): number | undefined {
  const last = histogram.findLastIndex((count) => count > 0);
  if (last === -1) return undefined;
  return last === histogram.length - 1 ? Infinity : 2 ** (last / 4);
}

/** Between the bounds of a bucket its runs are taken as evenly spread, as `quantile` takes them. */
function countAbove(histogram: readonly number[], ms: number): number {
  return histogram.reduce((sum, count, index) => {
    const lowerMs = index === 0 ? 0 : 2 ** ((index - 1) / 4);
    const upperMs = 2 ** (index / 4);
    return sum + count * Math.min(1, Math.max(0, (upperMs - ms) / (upperMs - lowerMs)));
  }, 0);
}

/** Linear between the two nearest; `sorted` is not empty. */
export function quantileOf(sorted: readonly number[], q: number): number {
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const lowerMs = Number(sorted[below]);
  return lowerMs + (Number(sorted[Math.ceil(place)]) - lowerMs) * (place - below);
}
