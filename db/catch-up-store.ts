import type { Database, Transaction } from './database.ts';
import { notifyWork } from './notify.ts';

export interface CatchUpConfig {
  /** How late an occurrence may be and still count as on time, unless its task says otherwise. */
  readonly graceMs: number;
  /** Missed occurrences of all tasks together that run per second at most, so that fresh work keeps its time. */
  readonly catchUpPerSecond: number;
}

export interface CatchUpReport {
  /** Occurrences that will run, and those that their misfire policy leaves out. */
  readonly released: number;
  readonly skipped: number;
  /** Whether there may be more. */
  readonly more: boolean;
}

/** Tasks per transaction. */
const BATCH = 500;

/**
 * Decides about occurrences that became due while no distributor was there: each is released at a moment that the rates allow, or skipped,
 * as the misfire policy of its task says. Those that were late by no more than the grace, and those that do not come from the schedule, are
 * due at once. Tasks whose expansion is behind wait for it. One caller at a time does the work; the others find nothing.
 */
export function catchUp(database: Database, config: CatchUpConfig): Promise<CatchUpReport> {
  return database.transaction(async (transaction) => {
    const values = [BATCH, config.graceMs, config.catchUpPerSecond];
    const [row] = await transaction.run<{ released: number; skipped: number }>('queries/catch_up.sql', values);
    const { released, skipped } = row ?? { released: 0, skipped: 0 };
    if (released > 0) await notifyWork(transaction);
    return { released, skipped, more: released + skipped > 0 };
  });
}

/** Occurrences that are due up to an instant, and that nobody has claimed, are left to `catchUp` from now on. */
export async function leaveToCatchUp(transaction: Transaction, untilMs: number | null): Promise<void> {
  if (untilMs !== null) await transaction.run('queries/leave_to_catch_up.sql', [untilMs]);
}
