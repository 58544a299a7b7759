import type { DstPolicy, MisfirePolicy, ScheduleKind, TaskSchedule } from '../core/task.ts';
import type { Queryable } from './database.ts';

/** A task whose watermark is behind the horizon, locked for the transaction that expands it. Instants in epoch ms. */
export interface ExpandableTask {
  readonly id: string;
  readonly revision: number;
  readonly schedule: TaskSchedule;
  readonly misfire: MisfirePolicy;
  readonly expandedUntilMs: number;
}

/** The instants of one plan, shared by every task whose schedule and watermark are equal. */
export interface ExpansionPlan {
  readonly taskIds: readonly string[];
  readonly revisions: readonly number[];
  /** With a reason, the instant is recorded as Skipped for it. */
  readonly instants: readonly { readonly atMs: number; readonly skipReason: string | null }[];
  /** The new watermark; null: nothing is left to expand. */
  readonly expandedUntilMs: number | null;
}

interface ExpandableRow {
  id: string;
  revision: number;
  schedule_kind: ScheduleKind;
  cron_expressions: string[] | null;
  time_zone: string | null;
  run_ms: string | null;
  every_ms: string | null;
  starts_ms: string | null;
  ends_ms: string | null;
  dst_gap: DstPolicy['gap'];
  dst_repeat: DstPolicy['repeat'];
  misfire_policy: MisfirePolicy;
  expanded_until_ms: string;
}

export async function lockTasksToExpand(
  transaction: Queryable,
  limit: number,
  horizonMs: number,
): Promise<ExpandableTask[]> {
  const rows = await transaction.run<ExpandableRow>('queries/lock_tasks_to_expand.sql', [limit, horizonMs]);
  return rows.map((row) => ({
    id: row.id,
    revision: row.revision,
    schedule: toSchedule(row),
    misfire: row.misfire_policy,
    expandedUntilMs: Number(row.expanded_until_ms),
  }));
}

/** Answers how many rows were new. */
export async function writePlans(transaction: Queryable, plans: readonly ExpansionPlan[]): Promise<number> {
  const taskIds = plans.flatMap((plan) => plan.taskIds);
  const instants = plans.flatMap((plan, number) => plan.instants.map((instant) => ({ number, ...instant })));
  let written = 0;
  if (instants.length > 0) {
    const rows = await transaction.run<{ written: number }>('queries/insert_occurrences.sql', [
      taskIds,
      plans.flatMap((plan) => plan.revisions),
      plans.flatMap((plan, number) => plan.taskIds.map(() => number)),
      instants.map((instant) => instant.number),
      instants.map((instant) => instant.atMs),
      instants.map((instant) => instant.skipReason),
    ]);
    written = rows[0]?.written ?? 0;
  }
  await transaction.run('queries/move_watermarks.sql', [
    taskIds,
    plans.flatMap((plan) => plan.taskIds.map(() => plan.expandedUntilMs)),
  ]);
  return written;
}

export async function markExpandErrors(
  transaction: Queryable,
  errors: readonly { readonly id: string; readonly message: string }[],
): Promise<void> {
  if (errors.length === 0) return;
  await transaction.run('queries/mark_expand_errors.sql', [
    errors.map((error) => error.id),
    errors.map((error) => error.message),
  ]);
}

export async function resumePaused(database: Queryable): Promise<number> {
  return (await database.run('queries/resume_paused.sql', [])).length;
}

/** The database's clock in epoch ms, with its fraction: the one clock that instants are compared with. */
export async function readDatabaseClock(database: Queryable): Promise<number> {
  const rows = await database.run<{ now_ms: number }>('queries/database_clock.sql', []);
  return Number(rows[0]?.now_ms);
}

function toSchedule(row: ExpandableRow): TaskSchedule {
  switch (row.schedule_kind) {
    case 'immediate':
      return { kind: 'immediate' };
    case 'once':
      return { kind: 'once', atMs: Number(row.run_ms) };
    case 'interval':
      return {
        kind: 'interval',
        everyMs: Number(row.every_ms),
        startsAtMs: Number(row.starts_ms),
        endsAtMs: orNull(row.ends_ms),
      };
    case 'cron':
      return {
        kind: 'cron',
        expressions: row.cron_expressions ?? [],
        timeZone: row.time_zone ?? 'UTC',
        startsAtMs: orNull(row.starts_ms),
        endsAtMs: orNull(row.ends_ms),
        dst: { gap: row.dst_gap, repeat: row.dst_repeat },
      };
  }
}

function orNull(text: string | null): number | null {
  return text === null ? null : Number(text);
}
