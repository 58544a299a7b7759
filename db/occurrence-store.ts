import { ConflictError, InvalidInputError, NotFoundError } from '../core/errors.ts';
import {
  formatOccurrenceId,
  type OccurrenceKey,
  type OccurrenceStatus,
  type OccurrenceTrigger,
} from '../core/occurrence.ts';
import type { TaskStatus } from '../core/task.ts';
import type { Database, Transaction } from './database.ts';
import { readDatabaseClock } from './expansion-store.ts';
import { notifyWork } from './notify.ts';
import { wakeWaiting } from './overlap-store.ts';
import { withDatabase } from './postgres-errors.ts';
import { PAST_SLACK_MS } from './task-timing.ts';

/** One row of the schedule with its task. Instants in epoch ms. */
export interface OccurrenceRecord extends OccurrenceKey {
  readonly taskName: string;
  readonly taskType: string;
  readonly dueMs: number | null;
  readonly status: OccurrenceStatus;
  readonly trigger: OccurrenceTrigger;
  readonly attempt: number;
  readonly startMs: number | null;
  readonly endMs: number | null;
  /** The name of the replica that holds it, or its id when that replica is gone. */
  readonly lockedBy: string | null;
  readonly reason: string | null;
  /** The scheduled time of the occurrence of the same task that kept it from starting. */
  readonly blockedByMs: number | null;
}

/** What a person does to single occurrences. Each is one guarded statement: the row's state decides, not what was read before. */
export interface OccurrenceStore {
  get(key: OccurrenceKey): Promise<OccurrenceRecord>;
  /** Adds an occurrence that is due now. @throws ConflictError when the task is not active, or skips overlaps and runs. */
  runNow(taskId: string): Promise<OccurrenceRecord>;
  /** Moves one that is Scheduled. @throws ConflictError in any other state. */
  reschedule(key: OccurrenceKey, dueMs: number): Promise<OccurrenceRecord>;
  /** Cancels one that is Scheduled or Queued, and asks for the end of one that is Running. @throws ConflictError in any other state. */
  cancel(key: OccurrenceKey): Promise<OccurrenceRecord>;
  /** Sends one that is Failed round again, with all its attempts before it. @throws ConflictError in any other state. */
  redrive(key: OccurrenceKey): Promise<OccurrenceRecord>;
}

export function createOccurrenceStore(database: Database): OccurrenceStore {
  const change = (work: (transaction: Transaction) => Promise<OccurrenceKey>): Promise<OccurrenceRecord> =>
    withDatabase(() =>
      database.transaction(async (transaction) => {
        const key = await work(transaction);
        await notifyWork(transaction);
        return read(transaction, key);
      }),
    );
  return {
    get: (key) => withDatabase(() => read(database, key)),
    runNow: (taskId) => change((transaction) => runNow(transaction, taskId)),
    reschedule: (key, dueMs) => change((transaction) => reschedule(transaction, key, dueMs)),
    cancel: (key) => change((transaction) => cancel(transaction, key)),
    redrive: (key) => change((transaction) => redrive(transaction, key)),
  };
}

async function runNow(transaction: Transaction, taskId: string): Promise<OccurrenceKey> {
  const rows = await transaction.run<{ status: TaskStatus; revision: number }>('queries/share_task.sql', [taskId]);
  const [task] = rows;
  if (task === undefined) throw new NotFoundError('task', taskId);
  if (task.status !== 'active') throw new ConflictError(`The task is ${task.status}: activate it before you run it.`);
  const [running] = await transaction.run<{ scheduled_ms: string }>('queries/read_bar.sql', [taskId]);
  if (running !== undefined) {
    const id = formatOccurrenceId({ taskId, scheduledMs: Number(running.scheduled_ms) });
    throw new ConflictError(
      `The occurrence ${id} of the task is running, and the task does not let another one overlap.`,
    );
  }
  const nowMs = Math.floor(await readDatabaseClock(transaction));
  // Another occurrence may stand at this very millisecond; the next free one is as good.
  for (let scheduledMs = nowMs; scheduledMs < nowMs + 1_000; scheduledMs += 1) {
    const values = [taskId, task.revision, scheduledMs, 'manual'];
    const written = await transaction.run('queries/insert_occurrence.sql', values);
    if (written.length > 0) return { taskId, scheduledMs };
  }
  throw new ConflictError('Every millisecond of this second has an occurrence of the task already. Try again.');
}

async function reschedule(transaction: Transaction, key: OccurrenceKey, dueMs: number): Promise<OccurrenceKey> {
  const nowMs = await readDatabaseClock(transaction);
  if (dueMs < nowMs - PAST_SLACK_MS) {
    throw new InvalidInputError([{ path: 'dueAt', message: 'expected an instant in the future' }]);
  }
  const moved = await transaction.run('queries/reschedule_occurrence.sql', [key.taskId, key.scheduledMs, dueMs]);
  if (moved.length === 0) await refuse(transaction, key, 'moved', 'Scheduled');
  return key;
}

async function cancel(transaction: Transaction, key: OccurrenceKey): Promise<OccurrenceKey> {
  // It may start, or end, between two looks.
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const values = [key.taskId, key.scheduledMs, CANCELLED];
    const cancelled = await transaction.run('queries/cancel_occurrence.sql', values);
    if (cancelled.length > 0) {
      await wakeWaiting(transaction, [key.taskId]); // others may have waited behind it
      return key;
    }
    const asked = await transaction.run('queries/end_attempt.sql', [key.taskId, key.scheduledMs, 'cancel', CANCELLED]);
    if (asked.length > 0) return key;
    const { status } = await read(transaction, key);
    if (!UNENDED.includes(status)) break;
  }
  return refuse(transaction, key, 'cancelled', 'Scheduled, Queued or Running');
}

const MAX_LOOKS = 3;
const CANCELLED = 'cancelled by a person';
const UNENDED: readonly OccurrenceStatus[] = ['Scheduled', 'Queued', 'Running'];

async function redrive(transaction: Transaction, key: OccurrenceKey): Promise<OccurrenceKey> {
  const redriven = await transaction.run('queries/redrive_occurrences.sql', [[key.taskId], [key.scheduledMs]]);
  if (redriven.length === 0) await refuse(transaction, key, 'redriven', 'Failed');
  return key;
}

/** Says why a guarded statement found nothing to change. */
async function refuse(transaction: Transaction, key: OccurrenceKey, what: string, allowed: string): Promise<never> {
  const { status } = await read(transaction, key);
  if (allowed.includes(status))
    throw new ConflictError(`The task of the occurrence was deleted, so it can not be ${what}.`);
  throw new ConflictError(`The occurrence is ${status}; only one that is ${allowed} can be ${what}.`);
}

export interface OccurrenceRow {
  task_id: string;
  scheduled_ms: string;
  task_name: string;
  task_type: string;
  due_at: Date | null;
  status: OccurrenceStatus;
  trigger: OccurrenceTrigger;
  attempt: number;
  start_time: Date | null;
  end_time: Date | null;
  locked_by: string | null;
  reason: string | null;
  blocked_by: Date | null;
}

export function toOccurrence(row: OccurrenceRow): OccurrenceRecord {
  return {
    taskId: row.task_id,
    scheduledMs: Number(row.scheduled_ms),
    taskName: row.task_name,
    taskType: row.task_type,
    dueMs: row.due_at?.getTime() ?? null,
    status: row.status,
    trigger: row.trigger,
    attempt: row.attempt,
    startMs: row.start_time?.getTime() ?? null,
    endMs: row.end_time?.getTime() ?? null,
    lockedBy: row.locked_by,
    reason: row.reason,
    blockedByMs: row.blocked_by?.getTime() ?? null,
  };
}

async function read(on: Pick<Database, 'run'>, key: OccurrenceKey): Promise<OccurrenceRecord> {
  const [row] = await on.run<OccurrenceRow>('queries/read_occurrence.sql', [key.taskId, key.scheduledMs]);
  if (row === undefined) throw new NotFoundError('occurrence', formatOccurrenceId(key));
  return toOccurrence(row);
}
