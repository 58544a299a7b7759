import type { RecordedWork } from '../core/counterfactual.ts';
import type { DurationStatistics } from '../core/duration-statistics.ts';
import type { Queryable } from './database.ts';
import { type DurationRow, toStatistics } from './live-work-store.ts';

/** A stretch of the past, in epoch ms. */
export interface RecordedRange {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** How attempts started that were due in a stretch. Delays in ms from the due time on. */
export interface RecordedStarts {
  readonly occurrences: number;
  readonly late: number;
  readonly firstDueMs: number;
  readonly lastDueMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

interface StartsRow {
  step: number | null;
  occurrences: number;
  late: number;
  first_due_ms: number;
  last_due_ms: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  worst_ms: number;
}

/** `total` is `undefined` when nothing was due. Late ones by steps from the begin of the range on. */
export async function readRecordedStarts(
  database: Queryable,
  pool: string,
  { fromMs, untilMs }: RecordedRange,
  stepMs: number,
): Promise<{ readonly total: RecordedStarts | undefined; readonly latePerStep: ReadonlyMap<number, number> }> {
  const rows = await database.run<StartsRow>('queries/read_recorded_starts.sql', [pool, fromMs, untilMs, stepMs]);
  const total = rows.find((row) => row.step === null && row.occurrences > 0);
  return {
    total: total && {
      occurrences: total.occurrences,
      late: total.late,
      firstDueMs: total.first_due_ms,
      lastDueMs: total.last_due_ms,
      p50Ms: total.p50_ms,
      p95Ms: total.p95_ms,
      p99Ms: total.p99_ms,
      worstMs: total.worst_ms,
    },
    latePerStep: new Map(rows.flatMap(({ step, late }) => (step === null ? [] : [[step, late]]))),
  };
}

/** The work itself, instants from the begin of the range on. `fine`: runs of unlike durations are not thrown together. */
export async function readRecordedWork(
  database: Queryable,
  pool: string,
  { fromMs, untilMs }: RecordedRange,
  { fine, leadMs }: { readonly fine: boolean; readonly leadMs: number },
): Promise<RecordedWork[]> {
  const rows = await database.run<{
    at_ms: number;
    task_type: string;
    foretold: boolean;
    count: number;
    duration_ms: number;
  }>('queries/read_recorded_work.sql', [pool, fromMs, untilMs, fine, leadMs]);
  return rows.map((row) => ({
    atMs: Math.round(row.at_ms) - fromMs,
    taskType: row.task_type,
    foretold: row.foretold,
    count: row.count,
    durationMs: row.duration_ms,
  }));
}

/** Replicas that took work, in epoch ms. */
export async function readRecordedFleet(
  database: Queryable,
  pool: string,
  { fromMs, untilMs }: RecordedRange,
): Promise<{ readonly atMs: number; readonly ready: number }[]> {
  const rows = await database.run<{ at_ms: number; ready: number }>('queries/read_recorded_fleet.sql', [
    pool,
    fromMs,
    untilMs,
  ]);
  return rows.map((row) => ({ atMs: row.at_ms, ready: row.ready }));
}

/** How long replicas took to start, in ms: the last of them before an instant. */
export async function readRecordedStartUps(database: Queryable, pool: string, untilMs: number): Promise<number[]> {
  const rows = await database.run<{ elapsed_ms: number }>('queries/read_recorded_start_ups.sql', [pool, untilMs]);
  return rows.map((row) => row.elapsed_ms);
}

/** What was known of each task type before the UTC day of an instant. */
export async function readDurationsBefore(
  database: Queryable,
  pool: string,
  atMs: number,
): Promise<Map<string, DurationStatistics>> {
  const rows = await database.run<DurationRow>('queries/read_durations_before.sql', [pool, atMs]);
  return new Map(rows.map((row) => [row.task_type, toStatistics([row])]));
}
