import { isDeepStrictEqual } from 'node:util';

import { ConflictError, InvalidInputError, NotFoundError, RevisionMismatchError } from '../core/errors.ts';
import { DEFAULT_MISFIRE_GRACE_MS } from '../core/plan.ts';
import type { Placement, TaskSchedule, TaskStatus } from '../core/task.ts';
import { readCalendarSets } from './calendar-sets.ts';
import type { Database, Transaction } from './database.ts';
import { expandBehind } from './expand-behind.ts';
import { readDatabaseClock } from './expansion-store.ts';
import { notifyWork } from './notify.ts';
import { postgresFailure, withDatabase } from './postgres-errors.ts';
import { recordRevisions, type RevisionChange } from './revision-store.ts';
import { type ScheduleColumns, type TaskDefinition, toColumns, toSchedule } from './task-definition.ts';
import { carryOver, fallsOn, holdStartable, partWaiting, withdrawForEdit } from './task-edit.ts';
import { assertNotOver, type Beginning, beginSchedule, PAST_SLACK_MS, settleSchedule } from './task-timing.ts';

/**
 * Writes tasks together with the occurrences that follow from them, each change in one transaction; schedulers and distributors are
 * told when it commits. Occurrences that run at that moment are left alone.
 */
export interface TaskStore {
  /** Answers the id. @throws InvalidInputError when it can not run any more, ConflictError when its key is taken. */
  create(definition: TaskDefinition): Promise<string>;
  /**
   * Replaces the definition. What is still to come is taken back and written anew; what was about to start, and what has been tried
   * before, goes on under the new definition if it still has that time. A place that advice gave it stays while its schedule, its flexible
   * window and its placement do.
   * @throws RevisionMismatchError when `expectedRevision` is not the present one (null: whatever it is); else as `create`.
   */
  replace(taskId: string, definition: TaskDefinition, expectedRevision: number | null): Promise<void>;
  deactivate(taskId: string, reason: string | null): Promise<void>;
  /** Until `untilMs`, or until somebody activates it. @throws ConflictError when it is inactive. */
  pause(taskId: string, reason: string | null, untilMs: number | null): Promise<void>;
  /** From now on: what fell into the time between is not caught up. @throws ConflictError when its one time is over. */
  activate(taskId: string): Promise<void>;
  /** Its history stays. */
  remove(taskId: string): Promise<void>;
}

/** `graceMs`: how late an occurrence may be written and still count as on time, unless its task says otherwise. */
export function createTaskStore(database: Database, graceMs = DEFAULT_MISFIRE_GRACE_MS): TaskStore {
  const change = <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> =>
    withDatabase(() => database.transaction(work));
  return {
    create: (definition) => change((transaction) => create(transaction, definition)),
    replace: (taskId, definition, expectedRevision) =>
      change((transaction) => replace(transaction, taskId, definition, expectedRevision, graceMs)),
    deactivate: (taskId, reason) => change((transaction) => deactivate(transaction, taskId, reason, graceMs)),
    pause: (taskId, reason, untilMs) => change((transaction) => pause(transaction, taskId, reason, untilMs, graceMs)),
    activate: (taskId) => change((transaction) => activate(transaction, taskId)),
    remove: (taskId) => change((transaction) => remove(transaction, taskId, graceMs)),
  };
}

interface LockedTask {
  readonly id: string;
  readonly status: TaskStatus;
  readonly statusReason: string | null;
  readonly pausedUntil: Date | null;
  readonly revision: number;
  readonly schedule: TaskSchedule;
  readonly flexibleWindowMs: number;
  readonly placement: Placement;
}

interface Written {
  id: string;
  revision: number;
}

async function create(transaction: Transaction, definition: TaskDefinition): Promise<string> {
  const calendarSets = await readCalendarSets(transaction, definition.schedule);
  const nowMs = await nowOf(transaction);
  const schedule = settleSchedule(definition.schedule, nowMs, calendarSets);
  assertNotOver(schedule, nowMs);
  const beginning = beginSchedule(schedule, nowMs, definition.flexibleWindowMs);
  const values = [JSON.stringify(toColumns(definition, schedule)), beginning.expandedUntilMs];
  const task = await writeDefinition(transaction, definition, 'queries/insert_task.sql', values);
  await begin(transaction, task, beginning, nowMs, 'created');
  return task.id;
}

async function replace(
  transaction: Transaction,
  taskId: string,
  definition: TaskDefinition,
  expectedRevision: number | null,
  graceMs: number,
): Promise<void> {
  const calendarSets = await readCalendarSets(transaction, definition.schedule);
  const before = await lock(transaction, taskId);
  if (expectedRevision !== null && expectedRevision !== before.revision) {
    throw new RevisionMismatchError(expectedRevision, before.revision);
  }
  const nowMs = await nowOf(transaction);
  // An interval that is posted without its start keeps the one it has, so that saving it does not shift its phase.
  const startMs = before.schedule.kind === 'interval' ? before.schedule.startsAtMs : nowMs;
  const schedule = settleSchedule(definition.schedule, startMs, calendarSets);
  const isSame = isDeepStrictEqual(schedule, before.schedule);
  if (!isSame) assertNotOver(schedule, nowMs);
  await expandBehind(transaction, [taskId], nowMs, graceMs);
  const withdrawn = first(await withdrawForEdit(transaction, [taskId], nowMs));
  const waiting = partWaiting(withdrawn, (atMs) => isSame || fallsOn(schedule, atMs));
  const beginning =
    before.status === 'active'
      ? beginAgain(schedule, nowMs, isSame, definition.flexibleWindowMs)
      : { firstMs: null, expandedUntilMs: nowMs };
  const keepsPlace =
    isSame && definition.flexibleWindowMs === before.flexibleWindowMs && definition.placement === before.placement;
  const columns = JSON.stringify(toColumns(definition, schedule));
  const values = [taskId, columns, beginning.expandedUntilMs, withdrawn.ahead, keepsPlace];
  const task = await writeDefinition(transaction, definition, 'queries/replace_task.sql', values);
  await carryOver(transaction, [{ ...task, ...waiting }], 'the task was edited');
  await begin(transaction, task, beginning, nowMs, 'edited');
}

/** An edit that leaves the schedule as it is does not repeat a run that has been, or that is carried over. */
function beginAgain(schedule: TaskSchedule, nowMs: number, isSame: boolean, flexibleWindowMs: number): Beginning {
  const isOver = schedule.kind === 'immediate' || (schedule.kind === 'once' && schedule.atMs <= nowMs);
  return isSame && isOver ? { firstMs: null, expandedUntilMs: null } : beginSchedule(schedule, nowMs, flexibleWindowMs);
}

async function deactivate(
  transaction: Transaction,
  taskId: string,
  reason: string | null,
  graceMs: number,
): Promise<void> {
  const task = await lock(transaction, taskId);
  if (task.status === 'inactive' && task.statusReason === reason) return;
  const nowMs = await nowOf(transaction);
  await stop(transaction, task, nowMs, { status: 'inactive', reason, expandedUntilMs: nowMs }, 'deactivated', graceMs);
}

async function pause(
  transaction: Transaction,
  taskId: string,
  reason: string | null,
  untilMs: number | null,
  graceMs: number,
): Promise<void> {
  const task = await lock(transaction, taskId);
  if (task.status === 'inactive')
    throw new ConflictError('The task is inactive: there is nothing to pause. Activate it first.');
  const nowMs = await nowOf(transaction);
  if (untilMs !== null && untilMs <= nowMs) {
    throw new InvalidInputError([{ path: 'until', message: 'expected an instant in the future' }]);
  }
  if (task.status === 'paused' && task.statusReason === reason && (task.pausedUntil?.getTime() ?? null) === untilMs)
    return;
  await stop(
    transaction,
    task,
    nowMs,
    { status: 'paused', reason, untilMs, expandedUntilMs: nowMs },
    'paused',
    graceMs,
  );
}

async function activate(transaction: Transaction, taskId: string): Promise<void> {
  const task = await lock(transaction, taskId);
  if (task.status === 'active') return;
  const nowMs = await nowOf(transaction);
  const { schedule } = task;
  if (schedule.kind === 'once' && schedule.atMs < nowMs - PAST_SLACK_MS) {
    const at = new Date(schedule.atMs).toISOString();
    throw new ConflictError(`The one time of the task, ${at}, is over. Give it a new time, or run it now.`);
  }
  const beginning =
    schedule.kind === 'immediate'
      ? { firstMs: null, expandedUntilMs: null }
      : beginSchedule(schedule, nowMs, task.flexibleWindowMs);
  const after = await setStatus(transaction, task, {
    status: 'active',
    reason: null,
    expandedUntilMs: beginning.expandedUntilMs,
  });
  await begin(transaction, after, beginning, nowMs, 'activated');
}

async function remove(transaction: Transaction, taskId: string, graceMs: number): Promise<void> {
  const task = await lock(transaction, taskId);
  const nowMs = await nowOf(transaction);
  const change = { status: 'inactive', reason: 'deleted', expandedUntilMs: null, deleted: true } as const;
  await stop(transaction, task, nowMs, change, 'deleted', graceMs);
}

/** Nothing of the task starts any more, from the answer on. */
async function stop(
  transaction: Transaction,
  task: LockedTask,
  nowMs: number,
  change: StatusChange,
  what: Extract<RevisionChange, 'deactivated' | 'paused' | 'deleted'>,
  graceMs: number,
): Promise<void> {
  await expandBehind(transaction, [task.id], nowMs, graceMs);
  const withdrawn = await withdraw(transaction, task.id, nowMs, `the task was ${what}`);
  await setStatus(transaction, task, { ...change, withdrawn });
  await recordRevisions(transaction, [{ id: task.id, firstMs: null }], nowMs, what);
}

/** Writes the one occurrence that comes with a definition, keeps the revision, and rings the others. */
async function begin(
  transaction: Transaction,
  task: Written,
  { firstMs }: Beginning,
  nowMs: number,
  change: RevisionChange,
): Promise<void> {
  if (firstMs !== null) {
    await transaction.run('queries/insert_occurrence.sql', [task.id, task.revision, firstMs, 'schedule']);
  }
  await recordRevisions(transaction, [{ id: task.id, firstMs }], nowMs, change);
  await notifyWork(transaction);
}

interface LockedRow extends ScheduleColumns {
  id: string;
  status: TaskStatus;
  status_reason: string | null;
  paused_until: Date | null;
  revision: number;
  flexible_window_ms: string;
  placement: Placement;
}

async function lock(transaction: Transaction, taskId: string): Promise<LockedTask> {
  const [row] = await transaction.run<LockedRow>('queries/lock_task.sql', [taskId]);
  if (row === undefined) throw new NotFoundError('task', taskId);
  await holdStartable(transaction, [taskId]);
  const { id, status, status_reason: statusReason, paused_until: pausedUntil, revision, placement } = row;
  const flexibleWindowMs = Number(row.flexible_window_ms);
  return { id, status, statusReason, pausedUntil, revision, schedule: toSchedule(row), flexibleWindowMs, placement };
}

interface StatusChange {
  readonly status: TaskStatus;
  readonly reason: string | null;
  readonly expandedUntilMs: number | null;
  readonly untilMs?: number | null;
  readonly deleted?: boolean;
  /** Occurrences of its schedule that were still to come. */
  readonly withdrawn?: number;
}

async function setStatus(transaction: Transaction, task: LockedTask, change: StatusChange): Promise<Written> {
  const { status, reason, expandedUntilMs, untilMs = null, deleted = false, withdrawn = 0 } = change;
  const until = untilMs === null ? null : new Date(untilMs).toISOString();
  const values = [task.id, status, reason, until, expandedUntilMs, deleted, withdrawn];
  return first(await transaction.run<Written>('queries/set_task_status.sql', values));
}

/** Answers how many occurrences of its schedule were still to come: they would be decided anew. */
async function withdraw(transaction: Transaction, taskId: string, nowMs: number, reason: string): Promise<number> {
  const values = [taskId, nowMs, reason];
  return first(await transaction.run<{ ahead: number }>('queries/withdraw_occurrences.sql', values)).ahead;
}

async function writeDefinition(
  transaction: Transaction,
  definition: TaskDefinition,
  file: 'queries/insert_task.sql' | 'queries/replace_task.sql',
  values: readonly unknown[],
): Promise<Written> {
  try {
    return first(await transaction.run<Written>(file, values));
  } catch (error) {
    const { constraint } = postgresFailure(error);
    if (constraint === 'tasks_key') {
      throw new ConflictError(`The key ${String(definition.key)} belongs to another task.`, { cause: error });
    }
    if (constraint === 'tasks_task_type_fkey') {
      throw new InvalidInputError([{ path: 'taskType', message: 'there is no such task type' }], { cause: error });
    }
    throw error;
  }
}

/** The database's clock in whole ms: keys of occurrences have no fraction. */
async function nowOf(transaction: Transaction): Promise<number> {
  return Math.floor(await readDatabaseClock(transaction));
}

function first<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error('The statement answers one row, and did not.');
  return row;
}
