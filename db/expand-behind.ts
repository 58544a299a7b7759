import { settledOffsetMs } from '../core/placement.ts';
import { type ExpansionOutcome, planExpansion } from '../core/plan.ts';
import { leaveToCatchUp } from './catch-up-store.ts';
import type { Transaction } from './database.ts';
import { type ExpandableTask, type ExpansionPlan, readTasksBehind, writePlans } from './expansion-store.ts';

/** Rows per task and statement. */
const MAX_INSTANTS = 5_000;

/** Instants at which occurrences are due by their scheduled times, by task; epoch ms. */
export type KnownPlaces = ReadonlyMap<string, ReadonlyMap<number, number>>;

/**
 * Writes what the present definitions of tasks called for before `nowMs` and no scheduler has written yet. The tasks are locked and about to
 * be changed: the new definition counts from then on, and what was due under the old one would be lost. One that can not be expanded is
 * left as it is.
 */
export function expandBehind(
  transaction: Transaction,
  taskIds: readonly string[],
  nowMs: number,
  graceMs: number,
): Promise<void> {
  return expandUntil(transaction, taskIds, { nowMs, untilMs: nowMs }, graceMs);
}

/**
 * Writes what the present definitions of tasks, which are locked, call for before `untilMs`. An occurrence that has no place in `places` and
 * no settled one is due at its time.
 */
export async function expandUntil(
  transaction: Transaction,
  taskIds: readonly string[],
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
  graceMs: number,
  places: KnownPlaces = new Map(),
): Promise<void> {
  const unplannable = new Set<string>();
  for (;;) {
    const behind = await readTasksBehind(transaction, taskIds, untilMs);
    const tasks = behind.filter(({ id }) => !unplannable.has(id));
    if (tasks.length === 0) return;
    const plans: ExpansionPlan[] = [];
    for (const task of tasks) {
      const outcome = plan(task, nowMs, untilMs, graceMs);
      if (outcome === undefined) {
        unplannable.add(task.id);
        continue;
      }
      plans.push(toPlan(task, outcome, places.get(task.id)));
      await leaveToCatchUp(transaction, outcome.missedUntilMs);
    }
    await writePlans(transaction, plans);
  }
}

function plan(task: ExpandableTask, nowMs: number, untilMs: number, graceMs: number): ExpansionOutcome | undefined {
  const window = { nowMs, horizonMs: untilMs, maxInstants: MAX_INSTANTS };
  try {
    return planExpansion({ ...task, graceMs: task.misfireGraceMs ?? graceMs }, window);
  } catch {
    return undefined; // the scheduler marks it with the error
  }
}

function toPlan(
  task: ExpandableTask,
  outcome: ExpansionOutcome,
  places: ReadonlyMap<number, number> | undefined,
): ExpansionPlan {
  const { id, revision, expandedUntilMs } = task;
  return {
    tasks: [{ id, revision, expandedUntilMs, offsetMs: settledOffsetMs(task) ?? 0 }],
    instants: outcome.instants.map((instant) => ({ ...instant, dueMs: places?.get(instant.atMs) ?? null })),
    expandedUntilMs: outcome.expandedUntilMs,
    lastSlotMs: outcome.lastSlotMs,
  };
}
