import { DAY_MS, HOUR_MS } from '../core/duration.ts';
import type { MeasuredRun } from '../core/duration-trend.ts';
import type { OverlapPolicy } from '../core/task.ts';
import type { Queryable } from './database.ts';

/** How long runs of a task type took lately. */
export interface TypeLengths {
  readonly timeoutMs: number;
  readonly estimateMs: number;
  /** Attempts that failed or ran out of time; the histogram does not have them. */
  readonly failed: number;
  readonly histogram: readonly number[];
}

export async function readTypeLengths(on: Queryable, pool: string): Promise<ReadonlyMap<string, TypeLengths>> {
  const rows = await on.run<{
    task_type: string;
    timeout_ms: number;
    estimate_ms: number;
    failed: number;
    histogram: number[];
  }>('queries/read_type_lengths.sql', [pool]);
  return new Map(
    rows.map((row) => [
      row.task_type,
      { timeoutMs: row.timeout_ms, estimateMs: row.estimate_ms, failed: row.failed, histogram: row.histogram },
    ]),
  );
}

const SLICE_MS = 6 * HOUR_MS;
/** A week. */
const SLICES = 28;
const RUNS_PER_SLICE = 8;
/** Rows that are looked at for them, about: some runs failed. */
const ROWS_PER_SLICE = 24;

export interface SampledTask {
  readonly id: string;
  /** Occurrences a day. */
  readonly perDay: number;
}

/** Runs of each of the tasks in the week before `untilMs`, eight of each six hours at most, by task id. */
export async function sampleTaskRuns(
  on: Queryable,
  tasks: readonly SampledTask[],
  untilMs: number,
): Promise<ReadonlyMap<string, readonly MeasuredRun[]>> {
  if (tasks.length === 0) return new Map();
  const rows = await on.run<{ task_id: string; at_ms: number[]; elapsed_ms: number[] }>(
    'queries/sample_task_runs.sql',
    [
      tasks.map(({ id }) => id),
      untilMs - SLICES * SLICE_MS,
      SLICES,
      SLICE_MS,
      RUNS_PER_SLICE,
      tasks.map(({ perDay }) => Math.min(SLICE_MS, (ROWS_PER_SLICE * DAY_MS) / perDay)),
    ],
  );
  return new Map(
    rows.map((row) => [
      row.task_id,
      row.at_ms.map((atMs, index): MeasuredRun => ({ atMs, elapsedMs: Number(row.elapsed_ms[index]) })),
    ]),
  );
}

export interface OverlappingTask {
  readonly name: string;
  readonly overlap: OverlapPolicy;
}

export async function readOverlapPolicies(
  on: Queryable,
  taskIds: readonly string[],
): Promise<ReadonlyMap<string, OverlappingTask>> {
  const rows = await on.run<{ id: string; name: string; overlap_policy: OverlapPolicy }>(
    'queries/read_overlap_policies.sql',
    [taskIds],
  );
  return new Map(rows.map((row) => [row.id, { name: row.name, overlap: row.overlap_policy }]));
}
