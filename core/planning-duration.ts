import { type DemandRow, SLOT_WORK_MS, START_WINDOW_MS } from './forecast.ts';

/** What is known of how long the runs of one task type take, as it was measured where they run. */
export interface DurationStatistics {
  /** Runs that were measured; 0 when `meanMs` is only what was declared. */
  readonly count: number;
  readonly meanMs: number;
  /** In ms². */
  readonly varianceMs2: number;
  /** A run is longer than this once in ten times. */
  readonly p90Ms: number;
}

/** One-sided 95 %: the sum of what is planned together stays below its plan 19 times of 20. */
export const PLANNING_Z = 1.65;

/** What is taken for the spread of a type that has not run often enough to show it. */
const GUESSED_VARIATION = 0.5;
const RUNS_THAT_SHOW_SPREAD = 10;

/**
 * How long to plan one run when `together` of its type fall into one window. The errors of many short runs cancel, so that each needs
 * less in reserve the more there are; a long run holds a slot alone, and only its own tail counts. What few runs were measured is not
 * trusted fully: the error of the mean itself comes on top. With `z` = 0 it is the mean.
 */
export function planningDurationMs(statistics: DurationStatistics, together: number, z: number): number {
  const { count, meanMs, varianceMs2, p90Ms } = statistics;
  if (z === 0 || meanMs === 0) return meanMs;
  const isGuess = count < RUNS_THAT_SHOW_SPREAD;
  const variation = isGuess ? GUESSED_VARIATION : Math.sqrt(varianceMs2) / meanMs;
  if (meanMs >= SLOT_WORK_MS && !isGuess) return Math.max(meanMs, p90Ms);
  const sharing = meanMs >= SLOT_WORK_MS ? 1 : together;
  return meanMs * (1 + z * variation * Math.sqrt(1 / Math.max(1, sharing) + 1 / Math.max(1, count)));
}

/**
 * The rows with planning durations instead of means, in the same order. Together are those of one type that fall due within a start window
 * from the row on. A type without statistics keeps the duration of its rows. `overheadMs` is what handing over one occurrence costs its slot.
 */
export function withPlanningDurations<Row extends DemandRow & { readonly taskType: string }>(
  rows: readonly Row[],
  statistics: ReadonlyMap<string, DurationStatistics>,
  { z, overheadMs }: { readonly z: number; readonly overheadMs: number },
): Row[] {
  const planned = [...rows];
  for (const [taskType, placed] of byTypeAndTime(rows)) {
    const known = statistics.get(taskType);
    const together = sharingWindow(placed.map(({ row }) => row));
    for (const [position, { row, index }] of placed.entries()) {
      const runMs = known === undefined ? row.durationMs : planningDurationMs(known, Number(together[position]), z);
      planned[index] = { ...row, durationMs: runMs + overheadMs };
    }
  }
  return planned;
}

/** For each of the rows, which come in order of time, how many occurrences fall into the window that begins with it. */
function sharingWindow(rows: readonly DemandRow[]): Float64Array {
  const times = Float64Array.from(rows, ({ atMs }) => atMs);
  const counts = Float64Array.from(rows, ({ count }) => count);
  const together = new Float64Array(rows.length);
  let last = rows.length - 1;
  let count = 0;
  for (let position = last; position >= 0; position -= 1) {
    count += Number(counts[position]);
    for (; Number(times[last]) >= Number(times[position]) + START_WINDOW_MS; last -= 1) count -= Number(counts[last]);
    together[position] = count;
  }
  return together;
}

function byTypeAndTime<Row extends DemandRow & { readonly taskType: string }>(
  rows: readonly Row[],
): Map<string, { row: Row; index: number }[]> {
  const byType = new Map<string, { row: Row; index: number }[]>();
  for (const [index, row] of rows.entries()) {
    const placed = byType.get(row.taskType);
    if (placed === undefined) byType.set(row.taskType, [{ row, index }]);
    else placed.push({ row, index });
  }
  for (const placed of byType.values()) placed.sort((a, b) => a.row.atMs - b.row.atMs);
  return byType;
}
