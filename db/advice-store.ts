import { ConflictError, NotFoundError } from '../core/errors.ts';
import type { MovableOccurrence } from '../core/movable-task.ts';
import { settledOffsetMs } from '../core/placement.ts';
import { expansionHorizonMs } from '../core/plan.ts';
import type { Transaction } from './database.ts';
import { expandBehind, expandUntil } from './expand-behind.ts';
import { readDatabaseClock } from './expansion-store.ts';
import { type LockedMovable, lockMovableTasks } from './movable-task-store.ts';
import { notifyWork } from './notify.ts';
import { rescheduleTasks } from './reschedule-tasks.ts';
import { holdStartable } from './task-edit.ts';

/** A task with the place that it is to get. */
export interface PlacedMove {
  readonly task: LockedMovable;
  readonly windowMs: number;
  readonly offsetMs: number;
  /** All that waits of it and is written anew. */
  readonly occurrences: readonly MovableOccurrence[];
}

export interface AdviceToRecord {
  readonly pool: string;
  readonly nowMs: number;
  readonly lookedUntilMs: number;
  readonly peakBefore: number;
  readonly peakAfter: number;
  readonly request: string;
}

/** The application that was made with the same request, if there was one. */
export async function findAdvice(transaction: Transaction, request: string): Promise<string | undefined> {
  const [row] = await transaction.run<{ id: string }>('queries/find_advice.sql', [request]);
  return row?.id;
}

/**
 * Locks the tasks, lets nothing of them start until the transaction ends, and writes what they have called for until now, unless `graceMs` is
 * null. The instant that it answers is that of the change.
 */
export async function beginMove(
  transaction: Transaction,
  taskIds: readonly string[],
  graceMs: number | null,
): Promise<{ readonly tasks: ReadonlyMap<string, LockedMovable>; readonly nowMs: number }> {
  const tasks = await lockMovableTasks(transaction, taskIds);
  await holdStartable(transaction, [...tasks.keys()]);
  const nowMs = Math.floor(await readDatabaseClock(transaction));
  if (graceMs !== null) await expandBehind(transaction, [...tasks.keys()], nowMs, graceMs);
  return { tasks, nowMs };
}

/** Gives tasks their places and writes what they have ahead anew, at once. Answers the id of the application. */
export async function applyMoves(
  transaction: Transaction,
  moves: readonly PlacedMove[],
  advice: AdviceToRecord,
  graceMs: number,
): Promise<string> {
  const { pool, nowMs, lookedUntilMs, peakBefore, peakAfter, request } = advice;
  const values = [pool, nowMs, lookedUntilMs, peakBefore, peakAfter, request];
  const [recorded] = await transaction.run<{ id: string }>('queries/record_advice.sql', values);
  const adviceId = String(recorded?.id);
  const ids = moves.map(({ task }) => task.id);
  await transaction.run('queries/place_tasks.sql', [
    ids,
    moves.map(({ windowMs }) => windowMs),
    moves.map(({ offsetMs }) => offsetMs),
    ids.map(() => adviceId),
  ]);
  await rescheduleTasks(transaction, ids, nowMs, 'smoothed');
  await expandUntil(transaction, ids, { nowMs, untilMs: expansionHorizonMs(nowMs) }, graceMs);
  const after = await lockMovableTasks(transaction, ids);
  const records = moves.map((move, position) => toRecord(move, position, after.get(move.task.id)?.revision ?? 0));
  await transaction.run('queries/record_advice_moves.sql', [adviceId, JSON.stringify(records)]);
  await notifyWork(transaction);
  return adviceId;
}

/** A task that was left as it is. */
export interface LeftTask {
  readonly taskId: string;
  readonly reason: string;
}

/**
 * Takes back what an application of advice did: windows, places, and the instants at which the occurrences were due. Tasks that were changed
 * since are left as they are.
 * @throws NotFoundError; ConflictError when every one of its tasks was changed.
 */
export async function undoMoves(
  transaction: Transaction,
  adviceId: string,
  graceMs: number,
): Promise<{ readonly restored: number; readonly left: readonly LeftTask[] }> {
  const rows = await transaction.run<UndoRow>('queries/lock_advice.sql', [adviceId]);
  if (rows.length === 0) throw new NotFoundError('applied advice', adviceId);
  const moves = rows.filter((row): row is MovedRow => row.task_id !== null);
  const { tasks, nowMs } = await beginMove(
    transaction,
    moves.map((move) => move.task_id),
    graceMs,
  );
  const left = moves.flatMap((move) => reasonToLeave(move, tasks.get(move.task_id)));
  const kept = new Set(left.map(({ taskId }) => taskId));
  const undone = moves.filter((move) => !kept.has(move.task_id));
  if (undone.length === 0 && left.length > 0) throw new ConflictError(describeLeft(left));
  if (undone.length > 0) await restore(transaction, adviceId, undone, nowMs, graceMs);
  return { restored: undone.length, left };
}

async function restore(
  transaction: Transaction,
  adviceId: string,
  moves: readonly MovedRow[],
  nowMs: number,
  graceMs: number,
): Promise<void> {
  const ids = moves.map((move) => move.task_id);
  await transaction.run('queries/place_tasks.sql', [
    ids,
    moves.map((move) => move.window_before_ms),
    moves.map((move) => move.offset_before_ms),
    moves.map((move) => move.advice_before),
  ]);
  await rescheduleTasks(transaction, ids, nowMs, 'unsmoothed');
  // Up to where places are known; what was written since then the scheduler places as it places everything.
  const places = new Map(moves.map((move) => [move.task_id, new Map(pairs(move.scheduled_ms, move.due_ms))]));
  const horizonMs = expansionHorizonMs(nowMs);
  const byEnd = new Map<number, string[]>();
  for (const move of moves) {
    const untilMs = Math.min(horizonMs, move.written_until_ms ?? horizonMs);
    byEnd.set(untilMs, [...(byEnd.get(untilMs) ?? []), move.task_id]);
  }
  for (const [untilMs, some] of byEnd) await expandUntil(transaction, some, { nowMs, untilMs }, graceMs, places);
  const after = await lockMovableTasks(transaction, ids);
  const revisions = ids.map((id) => after.get(id)?.revision ?? 0);
  await transaction.run('queries/end_advice_moves.sql', [adviceId, ids, revisions, nowMs]);
  await notifyWork(transaction);
}

function reasonToLeave(move: MovedRow, task: LockedMovable | undefined): readonly LeftTask[] {
  if (task?.revision === move.revision) return [];
  const reason =
    task === undefined
      ? 'it was deleted'
      : `it was changed since: it is at revision ${task.revision}, and the advice left it at ${move.revision}`;
  return [{ taskId: move.task_id, reason }];
}

function describeLeft(left: readonly LeftTask[]): string {
  const named = left.slice(0, 5).map(({ taskId, reason }) => `task ${taskId}: ${reason}`);
  const others = left.length > named.length ? `; and ${left.length - named.length} more` : '';
  return `Nothing can be undone. ${named.join('; ')}${others}.`;
}

/** Places that follow from the task need no record. */
function toRecord({ task, windowMs, offsetMs, occurrences }: PlacedMove, position: number, revision: number) {
  const kept = settledOffsetMs(task) === undefined ? occurrences : [];
  const instant = (atMs: number): string => new Date(atMs).toISOString();
  return {
    task_id: task.id,
    position,
    revision_before: task.revision,
    revision,
    window_before_ms: task.flexibleWindowMs,
    window_ms: windowMs,
    offset_before_ms: task.placementOffsetMs,
    offset_ms: offsetMs,
    shown_offset_ms: commonOffsetMs(occurrences),
    advice_before: task.adviceId,
    written_until: task.expandedUntilMs === null ? null : instant(task.expandedUntilMs),
    scheduled_times: kept.map(({ scheduledMs }) => instant(scheduledMs)),
    due_times: kept.map(({ dueMs }) => instant(dueMs)),
  };
}

/** How long after its time each of some occurrences is due, when it is the same for all. */
export function commonOffsetMs(occurrences: readonly MovableOccurrence[]): number | null {
  const offsets = new Set(occurrences.map(({ scheduledMs, dueMs }) => dueMs - scheduledMs));
  const [first] = offsets;
  return first !== undefined && offsets.size === 1 ? first : null;
}

interface UndoRow {
  readonly task_id: string | null;
  readonly revision: number;
  readonly window_before_ms: string;
  readonly offset_before_ms: string | null;
  readonly advice_before: string | null;
  readonly written_until_ms: number | null;
  readonly scheduled_ms: readonly number[];
  readonly due_ms: readonly number[];
}

type MovedRow = UndoRow & { readonly task_id: string };

function pairs(keys: readonly number[], values: readonly number[]): (readonly [number, number])[] {
  return keys.map((key, index) => [key, values[index] ?? key]);
}
