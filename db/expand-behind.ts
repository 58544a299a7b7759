import { hashOffsetMs } from '../core/placement.ts';
import { type ExpansionOutcome, planExpansion } from '../core/plan.ts';
import { leaveToCatchUp } from './catch-up-store.ts';
import type { Transaction } from './database.ts';
import { type ExpandableTask, type ExpansionPlan, readTasksBehind, writePlans } from './expansion-store.ts';

/** Rows per task and statement. */
const MAX_INSTANTS = 5_000;

/**
 * Writes what the present definitions of tasks called for before `nowMs` and no scheduler has written yet. The tasks are locked and about to
 * be changed: the new definition counts from then on, and what was due under the old one would be lost. One that can not be expanded is
 * left as it is.
 */
export async function expandBehind(
  transaction: Transaction,
  taskIds: readonly string[],
  nowMs: number,
  graceMs: number,
): Promise<void> {
  const unplannable = new Set<string>();
  for (;;) {
    const behind = await readTasksBehind(transaction, taskIds, nowMs);
    const tasks = behind.filter(({ id }) => !unplannable.has(id));
    if (tasks.length === 0) return;
    const plans: ExpansionPlan[] = [];
    for (const task of tasks) {
      const outcome = planUntil(task, nowMs, graceMs);
      if (outcome === undefined) {
        unplannable.add(task.id);
        continue;
      }
      plans.push(toPlan(task, outcome));
      await leaveToCatchUp(transaction, outcome.missedUntilMs);
    }
    await writePlans(transaction, plans);
  }
}

function planUntil(task: ExpandableTask, nowMs: number, graceMs: number): ExpansionOutcome | undefined {
  const window = { nowMs, horizonMs: nowMs, maxInstants: MAX_INSTANTS };
  try {
    return planExpansion({ ...task, graceMs: task.misfireGraceMs ?? graceMs }, window);
  } catch {
    return undefined; // the scheduler marks it with the error
  }
}

function toPlan(task: ExpandableTask, outcome: ExpansionOutcome): ExpansionPlan {
  const { id, revision, expandedUntilMs, placement, flexibleWindowMs } = task;
  const offsetMs = placement === 'hash' ? hashOffsetMs(id, flexibleWindowMs) : 0;
  return {
    tasks: [{ id, revision, expandedUntilMs, offsetMs }],
    instants: outcome.instants.map((instant) => ({ ...instant, dueMs: null })),
    expandedUntilMs: outcome.expandedUntilMs,
    lastSlotMs: outcome.lastSlotMs,
  };
}
