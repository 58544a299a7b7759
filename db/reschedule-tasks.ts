import type { TaskSchedule } from '../core/task.ts';
import { addCalendarSets, type NamedCalendars } from './calendar-sets.ts';
import type { Transaction } from './database.ts';
import { recordRevisions, type RevisionChange } from './revision-store.ts';
import { type ScheduleColumns, toSchedule } from './task-definition.ts';
import { type CarriedTask, carryOver, fallsOn, partWaiting, withdrawForEdit, type WithdrawnTask } from './task-edit.ts';

/** Tasks per statement: each has some hundred occurrences ahead. */
const BATCH_SIZE = 500;

/** The tasks that name a calendar and are not deleted, locked in the order of their ids. */
export async function lockTasksOf(transaction: Transaction, calendar: string): Promise<string[]> {
  return (await transaction.run<{ id: string }>('queries/lock_calendar_tasks.sql', [calendar])).map(({ id }) => id);
}

/**
 * What an edit does that leaves the schedules as they are, for tasks whose calendar or whose places have changed: what they have ahead is taken
 * back and will be written anew; what waits goes on if it still has its time. The tasks are locked.
 */
export async function rescheduleTasks(
  transaction: Transaction,
  taskIds: readonly string[],
  nowMs: number,
  change: Extract<RevisionChange, 'calendar' | 'smoothed' | 'unsmoothed'>,
): Promise<void> {
  for (let from = 0; from < taskIds.length; from += BATCH_SIZE) {
    await rescheduleBatch(transaction, taskIds.slice(from, from + BATCH_SIZE), nowMs, change);
  }
}

async function rescheduleBatch(
  transaction: Transaction,
  taskIds: readonly string[],
  nowMs: number,
  change: RevisionChange,
): Promise<void> {
  const withdrawn = await withdrawForEdit(transaction, taskIds, nowMs);
  const written = await transaction.run<{ id: string; revision: number }>('queries/reschedule_tasks.sql', [
    withdrawn.map(({ id }) => id),
    withdrawn.map(({ ahead }) => ahead),
    nowMs,
  ]);
  const revisions = new Map(written.map(({ id, revision }) => [id, revision]));
  const carried = await decideAboutWaiting(transaction, withdrawn, revisions);
  // Only a calendar can take a time away from what waits.
  await carryOver(transaction, carried, 'a calendar of the task was changed');
  const changed = taskIds.map((id) => ({ id, firstMs: null }));
  await recordRevisions(transaction, changed, nowMs, change);
}

async function decideAboutWaiting(
  transaction: Transaction,
  withdrawn: readonly WithdrawnTask[],
  revisions: ReadonlyMap<string, number>,
): Promise<CarriedTask[]> {
  const concerned = withdrawn.filter(({ begun, waiting }) => begun.length + waiting.length > 0);
  const schedules = await readSchedules(
    transaction,
    concerned.filter(({ waiting }) => waiting.length > 0).map(({ id }) => id),
  );
  return concerned.map((task) => {
    const schedule = schedules.get(task.id);
    return {
      id: task.id,
      revision: revisions.get(task.id) ?? 0,
      ...partWaiting(task, (atMs) => schedule !== undefined && fallsOn(schedule, atMs)),
    };
  });
}

interface ScheduleRow extends ScheduleColumns {
  id: string;
}

/** With the calendars as this transaction sees them: a task may name others that are being changed as well, and whose turn comes after. */
async function readSchedules(transaction: Transaction, taskIds: readonly string[]) {
  if (taskIds.length === 0) return new Map<string, TaskSchedule>();
  const rows = await transaction.run<NamedCalendars<ScheduleRow>>('queries/read_task_schedules.sql', [taskIds]);
  const complete = await addCalendarSets<ScheduleRow>(transaction, rows);
  return new Map(complete.map((row) => [row.id, toSchedule(row)]));
}
