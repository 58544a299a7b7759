import type { ForetoldWork, HappenedWork, Prediction } from '../core/forecast-accuracy.ts';
import type { Queryable } from './database.ts';

/** From one instant to before another, epoch ms. */
export interface Range {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Writes down what the plan says about some minutes ahead; of what was said about a minute before, nothing changes. */
export async function recordPredictions(
  database: Queryable,
  pool: string,
  predictions: readonly Prediction[],
  leadTimeMs: number,
): Promise<void> {
  await database.run('queries/record_predictions.sql', [
    pool,
    predictions.map(({ horizonMinutes }) => horizonMinutes),
    predictions.map(({ atMs }) => atMs),
    predictions.map(({ required }) => required),
    predictions.map(({ planned }) => planned),
    Math.round(leadTimeMs),
    predictions.map(({ foretold }) => (foretold === undefined ? null : JSON.stringify(foretold))),
  ]);
}

export async function readPredictions(database: Queryable, pool: string, range: Range): Promise<Prediction[]> {
  const rows = await database.run<{
    horizon_minutes: number;
    at_ms: number;
    required_instances: number;
    planned_instances: number;
    foretold: ForetoldWork[] | null;
  }>('queries/read_predictions.sql', [pool, range.fromMs, range.untilMs]);
  return rows.map((row) => ({
    horizonMinutes: row.horizon_minutes,
    atMs: row.at_ms,
    required: row.required_instances,
    planned: row.planned_instances,
    foretold: row.foretold ?? undefined,
  }));
}

/** What ran and was due in the range; `noticeMs`: how long before that it had to be a row to count as on schedule. */
export async function readHappened(
  database: Queryable,
  pool: string,
  range: Range,
  noticeMs: number,
): Promise<HappenedWork[]> {
  const rows = await database.run<{
    at_ms: number;
    task_type: string;
    on_schedule: boolean;
    runs: number;
    work_ms: number;
  }>('queries/read_happened.sql', [pool, range.fromMs, range.untilMs, noticeMs]);
  return rows.map((row) => ({
    atMs: row.at_ms,
    taskType: row.task_type,
    onSchedule: row.on_schedule,
    runs: row.runs,
    workMs: row.work_ms,
  }));
}

export interface StartDelays {
  /** `undefined`: of all types. */
  readonly taskType: string | undefined;
  readonly starts: number;
  /** Within 10 s of the instant at which they were due. */
  readonly inTime: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** How late attempts started that were due in the range; nothing where none did. */
export async function readStartDelays(database: Queryable, pool: string, range: Range): Promise<StartDelays[]> {
  const rows = await database.run<{
    task_type: string | null;
    starts: number;
    in_time: number;
    delays_ms: [number, number, number];
  }>('queries/read_start_delays.sql', [pool, range.fromMs, range.untilMs]);
  return rows.map(({ task_type: taskType, starts, in_time: inTime, delays_ms: [p50Ms, p95Ms, p99Ms] }) => ({
    taskType: taskType ?? undefined,
    starts,
    inTime,
    p50Ms,
    p95Ms,
    p99Ms,
  }));
}

/** Share of the ready slots that was busy; `undefined` where nothing was recorded, or nothing was ready. */
export async function readBusyShare(database: Queryable, pool: string, range: Range): Promise<number | undefined> {
  const [row] = await database.run<{ busy: number | null; ready: number | null }>('queries/read_occupancy.sql', [
    pool,
    range.fromMs,
    range.untilMs,
  ]);
  const { busy = null, ready = null } = row ?? {};
  return busy === null || ready === null || ready === 0 ? undefined : Math.min(1, busy / ready);
}

/** Replica time that slow starts cost: what they took beyond the lead time that was planned with when they were asked for. */
export async function readMissingReplicaMs(
  database: Queryable,
  pool: string,
  range: Range,
  horizonMinutes: number,
): Promise<number> {
  const [row] = await database.run<{ missing_ms: number }>('queries/read_late_replicas.sql', [
    pool,
    range.fromMs,
    range.untilMs,
    horizonMinutes,
  ]);
  return row?.missing_ms ?? 0;
}
