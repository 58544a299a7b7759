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
  /** How many times as long as all this says runs take now; 1 when left out. See `withDrift`. */
  readonly drift?: number | undefined;
}

export const RUNS_THAT_SHOW_SPREAD = 10;
/** What is taken for the standard deviation, as a part of the mean, of a type that has not run often enough to show it. */
export const GUESSED_VARIATION = 0.5;

const RUNS_THAT_EARN_TRUST = 50;

/** The statistics to plan with: those of before, moved to where the newest runs are. */
export function followDrift(statistics: DurationStatistics): DurationStatistics {
  const { meanMs, varianceMs2, p90Ms, drift = 1 } = statistics;
  if (drift === 1) return statistics;
  return {
    ...statistics,
    meanMs: meanMs * drift,
    varianceMs2: varianceMs2 * drift ** 2,
    p90Ms: p90Ms * drift,
    drift: undefined,
  };
}

/** Whether so much is known of a type that work of it may be planned as tightly as the replay allows. Lost again as soon as it drifts. */
export function isTrusted({ count, drift = 1 }: DurationStatistics): boolean {
  return count >= RUNS_THAT_EARN_TRUST && drift === 1;
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
