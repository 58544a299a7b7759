import type { Transaction } from './database.ts';

export type RevisionChange =
  | 'created'
  | 'edited'
  | 'activated'
  | 'paused'
  | 'deactivated'
  | 'deleted'
  | 'calendar'
  | 'migrated'
  | 'smoothed'
  | 'unsmoothed';

/** A task as a change left it, with the one occurrence that was written together with it. */
export interface ChangedTask {
  readonly id: string;
  readonly firstMs: number | null;
}

/** Keeps what tasks have become at `nowMs`, in the transaction that changed them: the ledger recomputes from it what had to happen. */
export async function recordRevisions(
  transaction: Transaction,
  tasks: readonly ChangedTask[],
  nowMs: number,
  change: RevisionChange,
): Promise<void> {
  if (tasks.length === 0) return;
  const ids = tasks.map(({ id }) => id);
  const firsts = tasks.map(({ firstMs }) => firstMs);
  await transaction.run('queries/record_revisions.sql', [ids, nowMs, change, firsts]);
}
