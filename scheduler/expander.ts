import { expansionHorizonMs, type ExpansionWindow, planExpansion } from '../core/plan.ts';
import type { Database, Transaction } from '../db/database.ts';
import {
  type ExpandableTask,
  type ExpansionPlan,
  lockTasksToExpand,
  markExpandErrors,
  readDatabaseClock,
  writePlans,
} from '../db/expansion-store.ts';
import { notifyWork } from '../db/notify.ts';

export interface ExpanderConfig {
  /** Tasks per transaction. */
  readonly batchSize: number;
  /** Rows per task and turn at most. */
  readonly maxInstantsPerTask: number;
  /** Rows per transaction, about: a plan is not cut in two. */
  readonly maxRowsPerBatch: number;
  /** How late an occurrence may be written and still count as on time. */
  readonly graceMs: number;
}

export interface ExpansionReport {
  readonly tasks: number;
  readonly written: number;
  readonly failed: readonly { readonly id: string; readonly message: string }[];
  /** Whether more tasks wait. */
  readonly more: boolean;
}

/**
 * Expands one batch of tasks up to the horizon: rows and watermarks in one transaction, so an error leaves neither. Any number of
 * schedulers may run this at once. A task that can not be expanded is marked with its error and does not stop the others.
 */
export function expandBatch(database: Database, config: ExpanderConfig): Promise<ExpansionReport> {
  return database.transaction(async (transaction) => {
    const nowMs = Math.floor(await readDatabaseClock(transaction));
    const window = {
      nowMs,
      horizonMs: expansionHorizonMs(nowMs),
      graceMs: config.graceMs,
      maxInstants: config.maxInstantsPerTask,
    };
    const tasks = await lockTasksToExpand(transaction, config.batchSize, window.horizonMs);
    if (tasks.length === 0) return { tasks: 0, written: 0, failed: [], more: false };
    const { plans, failed, left } = planTasks(tasks, window, config.maxRowsPerBatch);
    const written = await writePlans(transaction, plans);
    await markExpandErrors(transaction, failed);
    await wakeDistributors(transaction, plans, nowMs);
    const more = left > 0 || tasks.length === config.batchSize || plans.some((plan) => isCutOff(plan, window));
    return { tasks: tasks.length - left, written, failed, more };
  });
}

/** Tasks with equal schedules, watermarks and policies share one plan: the cron work is done once for all of them. */
function planTasks(tasks: readonly ExpandableTask[], window: ExpansionWindow, maxRows: number) {
  const plans: ExpansionPlan[] = [];
  const failed: { id: string; message: string }[] = [];
  let rows = 0;
  let left = 0;
  for (const group of groupBySchedule(tasks)) {
    const [first] = group;
    if (rows >= maxRows) {
      left += group.length;
      continue;
    }
    try {
      const outcome = planExpansion(first, window);
      plans.push({ taskIds: group.map((task) => task.id), revisions: group.map((task) => task.revision), ...outcome });
      rows += outcome.instants.length * group.length;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failed.push(...group.map((task) => ({ id: task.id, message })));
    }
  }
  return { plans, failed, left };
}

function groupBySchedule(tasks: readonly ExpandableTask[]): [ExpandableTask, ...ExpandableTask[]][] {
  const groups = new Map<string, [ExpandableTask, ...ExpandableTask[]]>();
  for (const task of tasks) {
    const key = JSON.stringify([task.schedule, task.expandedUntilMs, task.misfire]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [task]);
    else group.push(task);
  }
  return [...groups.values()];
}

function isCutOff(plan: ExpansionPlan, window: ExpansionWindow): boolean {
  return plan.expandedUntilMs !== null && plan.expandedUntilMs < window.horizonMs;
}

/** Distributors look ahead by themselves; only rows that are due at once are worth a bell, one per transaction. */
async function wakeDistributors(
  transaction: Transaction,
  plans: readonly ExpansionPlan[],
  nowMs: number,
): Promise<void> {
  const soonMs = nowMs + 1_000;
  if (plans.some((plan) => plan.instants.some((instant) => instant.skipReason === null && instant.atMs <= soonMs))) {
    await notifyWork(transaction);
  }
}
