import type { DurationStatistics } from './duration-statistics.ts';

export interface MeanOfRuns {
  readonly count: number;
  readonly meanMs: number;
}

/** The successful runs of one type that are newest: where runs begin to take longer, it shows here first. */
export interface RunsOfLate {
  /** Of the last minutes. */
  readonly newest: MeanOfRuns;
  /** Of the whole day, the last minutes included. */
  readonly today: MeanOfRuns;
}

const RUNS_THAT_SHOW_DRIFT = 20;
/** A mean that moved by less is as good as before. */
const DRIFT_RATIO = 0.1;
/** So few types say nothing about those that did not run. */
const TYPES_THAT_SPEAK_FOR_ALL = 3;

/**
 * The statistics of each type with its drift: by its runs of the last minutes where there are enough of them, else by those of the day. Where
 * most of the types that ran in the last minutes take longer than ever, what they share is slow (a machine, a database): a type that did
 * not run is taken to be as slow as half of them are, unless its day was slower.
 */
export function withDrift(
  statistics: ReadonlyMap<string, DurationStatistics>,
  ofLate: ReadonlyMap<string, RunsOfLate>,
): Map<string, DurationStatistics> {
  const running: number[] = [];
  for (const [taskType, known] of statistics) {
    const newest = ofLate.get(taskType)?.newest;
    if (newest !== undefined && newest.count >= RUNS_THAT_SHOW_DRIFT) running.push(driftOf(known, newest));
  }
  running.sort((a, b) => a - b);
  const median = running[(running.length - 1) >> 1] ?? 1;
  const common = running.length >= TYPES_THAT_SPEAK_FOR_ALL ? Math.max(1, median) : 1;
  return new Map(
    [...statistics].map(([taskType, known]) => {
      const { newest, today } = ofLate.get(taskType) ?? { newest: NO_RUNS, today: NO_RUNS };
      const isHeard = newest.count >= RUNS_THAT_SHOW_DRIFT;
      const drift = isHeard ? driftOf(known, newest) : Math.max(common, driftOf(known, today));
      return [taskType, { ...known, drift }];
    }),
  );
}

const NO_RUNS: MeanOfRuns = { count: 0, meanMs: 0 };

/**
 * How many times as long as ever the newest runs took: 1 while the difference is less than a tenth, or no more than chance makes
 * of so few runs (three standard errors: types are looked at again and again).
 */
function driftOf({ count, meanMs, varianceMs2 }: DurationStatistics, latest: MeanOfRuns): number {
  if (latest.count < RUNS_THAT_SHOW_DRIFT || count === 0 || meanMs === 0) return 1;
  const ratio = latest.meanMs / meanMs;
  const byChance = (3 * Math.sqrt(varianceMs2 / latest.count)) / meanMs;
  return Math.abs(ratio - 1) > Math.max(DRIFT_RATIO, byChance) ? ratio : 1;
}
