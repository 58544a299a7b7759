import type { MisfirePolicy, Placement, TaskSchedule } from '../core/task.ts';
import { addCalendarSets, type NamedCalendars } from './calendar-sets.ts';
import type { Queryable, Transaction } from './database.ts';
import { recordRevisions } from './revision-store.ts';
import { type ScheduleColumns, toSchedule } from './task-definition.ts';

/** A task whose watermark is behind the horizon, locked for the transaction that expands it. Instants in epoch ms. */
export interface ExpandableTask {
  readonly id: string;
  readonly taskType: string;
  readonly revision: number;
  readonly schedule: TaskSchedule;
  readonly misfire: MisfirePolicy;
  /** Null: as the scheduler is configured. */
  readonly misfireGraceMs: number | null;
  readonly flexibleWindowMs: number;
  readonly placement: Placement;
  /** What advice decided in its place; null: nothing. */
  readonly placementOffsetMs: number | null;
  readonly slotsDecided: number;
  readonly expandedUntilMs: number;
}

/** The instants of one plan, for every task that shares it. */
export interface ExpansionPlan {
  readonly tasks: readonly PlannedTask[];
  readonly instants: readonly PlannedInstant[];
  /** The new watermark; null: nothing is left to expand. */
  readonly expandedUntilMs: number | null;
  /** The last occurrence that a limit of runs allows, when it is among these. */
  readonly lastSlotMs: number | null;
}

export interface PlannedTask {
  readonly id: string;
  readonly revision: number;
  /** Its own watermark: earlier instants of the plan are not for it. */
  readonly expandedUntilMs: number;
  /** How long after its scheduled time each of its occurrences is due. */
  readonly offsetMs: number;
}

export interface PlannedInstant {
  readonly atMs: number;
  /** Null: as the offset of the task says. */
  readonly dueMs: number | null;
  /** With a reason, the instant is recorded as Skipped for it. */
  readonly skipReason: string | null;
}

interface ExpandableRow extends ScheduleColumns {
  id: string;
  task_type: string;
  revision: number;
  misfire_policy: MisfirePolicy;
  misfire_grace_ms: string | null;
  flexible_window_ms: string;
  placement: Placement;
  placement_offset_ms: string | null;
  slots_decided: string;
  expanded_until_ms: string;
}

export async function lockTasksToExpand(
  transaction: Queryable,
  limit: number,
  horizonMs: number,
): Promise<ExpandableTask[]> {
  const locked = await transaction.run<NamedCalendars<ExpandableRow>>('queries/lock_tasks_to_expand.sql', [
    limit,
    horizonMs,
  ]);
  return toExpandable(transaction, locked);
}

/** Those of the tasks, which are locked, that are active and whose watermark is before an instant. */
export async function readTasksBehind(
  transaction: Queryable,
  taskIds: readonly string[],
  beforeMs: number,
): Promise<ExpandableTask[]> {
  const values = [taskIds, beforeMs];
  return toExpandable(
    transaction,
    await transaction.run<NamedCalendars<ExpandableRow>>('queries/read_tasks_behind.sql', values),
  );
}

async function toExpandable(
  transaction: Queryable,
  named: readonly NamedCalendars<ExpandableRow>[],
): Promise<ExpandableTask[]> {
  const rows = await addCalendarSets<ExpandableRow>(transaction, named);
  return rows.map((row) => ({
    id: row.id,
    taskType: row.task_type,
    revision: row.revision,
    schedule: toSchedule(row),
    misfire: row.misfire_policy,
    misfireGraceMs: row.misfire_grace_ms === null ? null : Number(row.misfire_grace_ms),
    flexibleWindowMs: Number(row.flexible_window_ms),
    placement: row.placement,
    placementOffsetMs: row.placement_offset_ms === null ? null : Number(row.placement_offset_ms),
    slotsDecided: Number(row.slots_decided),
    expandedUntilMs: Number(row.expanded_until_ms),
  }));
}

/** Writes the occurrences of plans and moves the watermarks of their tasks. Answers how many rows were new. */
export async function writePlans(transaction: Queryable, plans: readonly ExpansionPlan[]): Promise<number> {
  const tasks = plans.flatMap((plan, number) => plan.tasks.map((task) => ({ number, plan, ...task })));
  if (tasks.length === 0) return 0;
  const instants = plans.flatMap((plan, number) => plan.instants.map((instant) => ({ number, ...instant })));
  const [row] = await transaction.run<{ written: number }>('queries/expand_tasks.sql', [
    tasks.map((task) => task.id),
    tasks.map((task) => task.revision),
    tasks.map((task) => task.number),
    tasks.map((task) => task.expandedUntilMs),
    tasks.map((task) => task.offsetMs),
    tasks.map((task) => task.plan.expandedUntilMs),
    tasks.map((task) => task.plan.lastSlotMs),
    instants.map((instant) => instant.number),
    instants.map((instant) => instant.atMs),
    instants.map((instant) => instant.dueMs),
    instants.map((instant) => instant.skipReason),
    tasks.map((task) => countFrom(task.plan.instants, task.expandedUntilMs)),
  ]);
  return row?.written ?? 0;
}

function countFrom(instants: readonly PlannedInstant[], fromMs: number): number {
  const [first] = instants;
  if (first === undefined || first.atMs >= fromMs) return instants.length;
  return instants.filter(({ atMs }) => atMs >= fromMs).length;
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

/** Tasks whose pause is over go on from now. Answers how many. */
export async function resumePaused(transaction: Transaction): Promise<number> {
  const locked = await transaction.run<{ id: string }>('queries/lock_over_pauses.sql', []);
  if (locked.length === 0) return 0;
  // Read after the lock: no revision of theirs began later.
  const nowMs = Math.floor(await readDatabaseClock(transaction));
  await transaction.run('queries/resume_paused.sql', [locked.map(({ id }) => id), nowMs]);
  const tasks = locked.map(({ id }) => ({ id, firstMs: null }));
  await recordRevisions(transaction, tasks, nowMs, 'activated');
  return locked.length;
}

/** The database's clock in epoch ms, with its fraction: the one clock that instants are compared with. */
export async function readDatabaseClock(database: Queryable): Promise<number> {
  const rows = await database.run<{ now_ms: number }>('queries/database_clock.sql', []);
  return Number(rows[0]?.now_ms);
}
