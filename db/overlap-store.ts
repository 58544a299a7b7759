import type { OccurrenceKey } from '../core/occurrence.ts';
import { keyArrays } from './claim-store.ts';
import type { Queryable } from './database.ts';

/** What becomes of an occurrence that could not start because others of its task run or wait. `Queued`: it may start after all. */
export interface OverlapDecision extends OccurrenceKey {
  readonly status: 'Queued' | 'Scheduled' | 'Skipped';
}

/** Decides by the overlap policies of their tasks, and records it; no task twice. Those that were taken back meanwhile are left out. */
export async function decideOverlap(
  database: Queryable,
  requests: readonly (OccurrenceKey & { readonly claimId: string })[],
): Promise<readonly OverlapDecision[]> {
  const { taskIds, times, first, last } = keyArrays(requests);
  const claimIds = requests.map((request) => request.claimId);
  const rows = await database.run<{ task_id: string; scheduled_ms: string; status: OverlapDecision['status'] }>(
    'queries/decide_overlap.sql',
    [taskIds, times, claimIds, first, last],
  );
  return rows.map((row) => ({ taskId: row.task_id, scheduledMs: Number(row.scheduled_ms), status: row.status }));
}

/** Makes the next waiting occurrence of each task due at once, unless another one of it still runs, and tells the distributors. */
export async function wakeWaiting(database: Queryable, taskIds: readonly string[]): Promise<readonly OccurrenceKey[]> {
  const rows = await database.run<{ task_id: string; scheduled_ms: string }>('queries/wake_waiting.sql', [
    [...new Set(taskIds)],
  ]);
  return rows.map((row) => ({ taskId: row.task_id, scheduledMs: Number(row.scheduled_ms) }));
}

/** Removes what is left of occurrences that wait no more. */
export async function forgetWaiting(database: Queryable): Promise<void> {
  await database.run('queries/forget_waiting.sql', []);
}
