import type { MovableOccurrence } from '../core/movable-task.ts';
import type { Placement, Priority, ScheduleKind, TaskStatus } from '../core/task.ts';
import type { Queryable, Transaction } from './database.ts';

/** A task that could be moved, without its occurrences. */
export interface MovableCandidate {
  readonly id: string;
  readonly name: string;
  readonly taskType: string;
  readonly priority: Priority;
  readonly revision: number;
  /** 0: it is not flexible. */
  readonly flexibleWindowMs: number;
  readonly placement: Placement;
  readonly placementOffsetMs: number | null;
  /** Mean execution time of its type. */
  readonly durationMs: number;
}

/** Tasks with runs at the given seconds (epoch ms), at most `perPeak` of each kind and peak. `reachMs`: the longest run, as the curve has it. */
export async function findMovableTasks(
  on: Queryable,
  pool: string,
  peaks: readonly number[],
  { nowMs, reachMs, perPeak }: { readonly nowMs: number; readonly reachMs: number; readonly perPeak: number },
): Promise<MovableCandidate[]> {
  const values = [pool, peaks, reachMs, perPeak, nowMs];
  const rows = await on.run<PlaceRow & { average_elapsed_ms: number }>('queries/find_movable_tasks.sql', values);
  return rows.map((row) => ({ ...toPlace(row), durationMs: row.average_elapsed_ms }));
}

/** What an edit at `nowMs` would write anew, by task; at most `most` of each. Tasks without any are left out. */
export async function readMovableOccurrences(
  on: Queryable,
  taskIds: readonly string[],
  { nowMs, untilMs, most }: { readonly nowMs: number; readonly untilMs: number | null; readonly most: number },
): Promise<ReadonlyMap<string, readonly MovableOccurrence[]>> {
  if (taskIds.length === 0) return new Map();
  const rows = await on.run<{ id: string; scheduled_ms: number[]; due_ms: number[] }>(
    'queries/read_movable_occurrences.sql',
    [taskIds, nowMs, untilMs, most],
  );
  return new Map(
    rows.map(({ id, scheduled_ms: scheduled, due_ms: due }) => [
      id,
      scheduled.map((scheduledMs, index) => ({ scheduledMs, dueMs: due[index] ?? scheduledMs })),
    ]),
  );
}

/** A task that is about to be moved, locked until the transaction ends. */
export interface LockedMovable extends Omit<MovableCandidate, 'durationMs'> {
  readonly status: TaskStatus;
  readonly scheduleKind: ScheduleKind;
  readonly adviceId: string | null;
  /** The watermark, epoch ms; null: nothing is left to expand. */
  readonly expandedUntilMs: number | null;
  readonly expandError: string | null;
  readonly pool: string;
}

/** Those of the tasks that are not deleted, by id. */
export async function lockMovableTasks(
  transaction: Transaction,
  taskIds: readonly string[],
): Promise<ReadonlyMap<string, LockedMovable>> {
  const rows = await transaction.run<LockedRow>('queries/lock_tasks_to_move.sql', [taskIds]);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        ...toPlace(row),
        status: row.status,
        scheduleKind: row.schedule_kind,
        adviceId: row.advice_id,
        expandedUntilMs: row.expanded_until_ms,
        expandError: row.expand_error,
        pool: row.pool,
      },
    ]),
  );
}

interface PlaceRow {
  readonly id: string;
  readonly name: string;
  readonly task_type: string;
  readonly priority: Priority;
  readonly revision: number;
  readonly flexible_window_ms: string;
  readonly placement: Placement;
  readonly placement_offset_ms: string | null;
}

interface LockedRow extends PlaceRow {
  readonly status: TaskStatus;
  readonly schedule_kind: ScheduleKind;
  readonly advice_id: string | null;
  readonly expanded_until_ms: number | null;
  readonly expand_error: string | null;
  readonly pool: string;
}

function toPlace(row: PlaceRow): Omit<MovableCandidate, 'durationMs'> {
  return {
    id: row.id,
    name: row.name,
    taskType: row.task_type,
    priority: row.priority,
    revision: row.revision,
    flexibleWindowMs: Number(row.flexible_window_ms),
    placement: row.placement,
    placementOffsetMs: row.placement_offset_ms === null ? null : Number(row.placement_offset_ms),
  };
}
