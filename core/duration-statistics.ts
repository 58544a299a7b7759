import { SLOT_WORK_MS } from './forecast.ts';

/** What is known of how long the runs of one task type take, as it was measured where they run. */
export interface DurationStatistics {
  /** Runs that were measured; 0 when `meanMs` is only what was declared. */
  readonly count: number;
  readonly meanMs: number;
  /** In ms². */
  readonly varianceMs2: number;
  /** A run is longer than this once in ten times. */
  readonly p90Ms: number;
  /** The newest runs by themselves: where runs begin to take longer, it shows here first. */
  readonly latest?: LatestRuns | undefined;
}

export interface LatestRuns {
  readonly count: number;
  readonly meanMs: number;
}

export const RUNS_THAT_SHOW_SPREAD = 10;
/** What is taken for the standard deviation, as a part of the mean, of a type that has not run often enough to show it. */
export const GUESSED_VARIATION = 0.5;

const RUNS_THAT_SHOW_DRIFT = 20;
const RUNS_THAT_EARN_TRUST = 50;
/** A mean that moved by less is as good as before. */
const DRIFT_RATIO = 0.1;

/** What to go by for drift: the runs of the last minutes where there are enough of them, else those of the whole day. */
export function latestRuns(newest: LatestRuns, today: LatestRuns): LatestRuns {
  return newest.count >= RUNS_THAT_SHOW_DRIFT ? newest : today;
}

/**
 * How many times as long as ever the newest runs took: 1 while the difference is less than a tenth, or no more than chance makes
 * of so few runs (three standard errors: types are looked at again and again).
 */
export function driftOf({ count, meanMs, varianceMs2, latest }: DurationStatistics): number {
  if (latest === undefined || latest.count < RUNS_THAT_SHOW_DRIFT || count === 0 || meanMs === 0) return 1;
  const ratio = latest.meanMs / meanMs;
  const byChance = (3 * Math.sqrt(varianceMs2 / latest.count)) / meanMs;
  return Math.abs(ratio - 1) > Math.max(DRIFT_RATIO, byChance) ? ratio : 1;
}

/** The statistics to plan with: those of before, moved to where the newest runs are. */
export function followDrift(statistics: DurationStatistics): DurationStatistics {
  const drift = driftOf(statistics);
  if (drift === 1) return statistics;
  const { meanMs, varianceMs2, p90Ms } = statistics;
  return { ...statistics, meanMs: meanMs * drift, varianceMs2: varianceMs2 * drift ** 2, p90Ms: p90Ms * drift };
}

/** Whether so much is known of a type that work of it may be planned as tightly as the replay allows. Lost again as soon as it drifts. */
export function isTrusted(statistics: DurationStatistics): boolean {
  return statistics.count >= RUNS_THAT_EARN_TRUST && driftOf(statistics) === 1;
}

/** Standard deviation of one run, guessed where too few ran. */
export function spreadMs({ count, meanMs, varianceMs2 }: DurationStatistics): number {
  return count < RUNS_THAT_SHOW_SPREAD ? meanMs * GUESSED_VARIATION : Math.sqrt(varianceMs2);
}

/** What nine of ten runs of a type stay below, when they are long; Infinity when that is not known, or short runs are over soon anyway. */
export function longestMs(statistics: DurationStatistics | undefined): number {
  if (statistics === undefined || statistics.count < RUNS_THAT_SHOW_SPREAD) return Infinity;
  const { meanMs, p90Ms } = followDrift(statistics);
  return meanMs >= SLOT_WORK_MS ? Math.max(meanMs, p90Ms) : Infinity;
}
