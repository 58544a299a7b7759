import { instantsBetween } from '../core/schedule.ts';
import type { TaskSchedule } from '../core/task.ts';
import type { Transaction } from './database.ts';

export interface WithdrawnTask {
  readonly id: string;
  /** How many occurrences of its schedule were still to come: they are decided anew. */
  readonly ahead: number;
  /** Scheduled times (epoch ms) of what waits and was not deleted: tried before or made by a person, and all others. */
  readonly begun: readonly number[];
  readonly waiting: readonly number[];
}

/** What becomes of the occurrences (epoch ms) that wait while their task gets a new revision. */
export interface CarriedTask {
  readonly id: string;
  readonly revision: number;
  readonly carried: readonly number[];
  readonly cancelled: readonly number[];
}

/**
 * Lets nothing of the tasks, which are locked, start until the transaction ends. The instant of a change is read after this: else an
 * occurrence could fall due and start in the moment between, and no revision would have called for it.
 */
export async function holdStartable(transaction: Transaction, taskIds: readonly string[]): Promise<void> {
  await transaction.run('queries/hold_startable.sql', [taskIds]);
}

/** Takes back what the tasks, which are locked, have ahead of `nowMs`. One answer for each, in no particular order. */
export function withdrawForEdit(
  transaction: Transaction,
  taskIds: readonly string[],
  nowMs: number,
): Promise<WithdrawnTask[]> {
  return transaction.run<WithdrawnTask>('queries/withdraw_for_edit.sql', [taskIds, nowMs]);
}

/** `reason` is for what is cancelled. */
export async function carryOver(
  transaction: Transaction,
  tasks: readonly CarriedTask[],
  reason: string,
): Promise<void> {
  const carried = tasks.flatMap(({ id, revision, carried: times }) => times.map((atMs) => ({ id, revision, atMs })));
  const cancelled = tasks.flatMap(({ id, cancelled: times }) => times.map((atMs) => ({ id, atMs })));
  if (carried.length + cancelled.length === 0) return;
  await transaction.run('queries/carry_over.sql', [
    carried.map(({ id }) => id),
    carried.map(({ atMs }) => atMs),
    carried.map(({ revision }) => revision),
    cancelled.map(({ id }) => id),
    cancelled.map(({ atMs }) => atMs),
    reason,
  ]);
}

/** Parts what waits into what the new schedule still has, or what has begun, and what is to be cancelled. */
export function partWaiting(
  { begun, waiting }: WithdrawnTask,
  staysOn: (atMs: number) => boolean,
): Pick<CarriedTask, 'carried' | 'cancelled'> {
  return {
    carried: [...begun, ...waiting.filter((atMs) => staysOn(atMs))],
    cancelled: waiting.filter((atMs) => !staysOn(atMs)),
  };
}

export function fallsOn(schedule: TaskSchedule, atMs: number): boolean {
  return instantsBetween(schedule, atMs, atMs + 1, 1).length > 0;
}
