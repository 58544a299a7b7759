import { isPlacedByLoad, settledOffsetMs } from '../core/placement.ts';
import { expansionHorizonMs, type ExpansionOutcome, type ExpansionWindow, planExpansion } from '../core/plan.ts';
import { comparableSchedule } from '../core/schedule.ts';
import { leaveToCatchUp } from '../db/catch-up-store.ts';
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
import { LoadPlacer } from './load-placer.ts';

export interface ExpanderConfig {
  /** Tasks per transaction. */
  readonly batchSize: number;
  /** Rows per task and turn at most. */
  readonly maxInstantsPerTask: number;
  /** Rows per transaction, about: a plan is not cut in two. */
  readonly maxRowsPerBatch: number;
  /** How late an occurrence may be written and still count as on time, unless its task says otherwise. */
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
export function expandBatch(
  database: Database,
  config: ExpanderConfig,
  placer: LoadPlacer = new LoadPlacer(),
): Promise<ExpansionReport> {
  return database.transaction(async (transaction) => {
    const nowMs = Math.floor(await readDatabaseClock(transaction));
    const window = { nowMs, horizonMs: expansionHorizonMs(nowMs), maxInstants: config.maxInstantsPerTask };
    const tasks = await lockTasksToExpand(transaction, config.batchSize, window.horizonMs);
    if (tasks.length === 0) return { tasks: 0, written: 0, failed: [], more: false };
    const { planned, failed, left } = planTasks(tasks, window, config);
    if (planned.some(({ group: [first] }) => isPlacedByLoad(first))) await placer.refresh(transaction, nowMs);
    const plans = planned.map(({ group, outcome }) => toPlan(placer, group, outcome, nowMs));
    const written = await writePlans(transaction, plans);
    await markExpandErrors(transaction, failed);
    await leaveToCatchUp(transaction, latestOf(planned.map(({ outcome }) => outcome.missedUntilMs)));
    await wakeDistributors(transaction, plans, nowMs);
    const more = left > 0 || tasks.length === config.batchSize || plans.some((plan) => isCutOff(plan, window));
    return { tasks: tasks.length - left, written, failed, more };
  });
}

type Group = readonly [ExpandableTask, ...ExpandableTask[]];

/** Tasks with equal schedules and policies share one plan, from the first of their watermarks: the cron work is done once for all of them. */
function planTasks(tasks: readonly ExpandableTask[], window: ExpansionWindow, config: ExpanderConfig) {
  const planned: { group: Group; outcome: ExpansionOutcome }[] = [];
  const failed: { id: string; message: string }[] = [];
  let rows = 0;
  let left = 0;
  for (const group of groupBySchedule(tasks)) {
    const [first] = group;
    if (rows >= config.maxRowsPerBatch) {
      left += group.length;
      continue;
    }
    try {
      const input = {
        ...first,
        graceMs: first.misfireGraceMs ?? config.graceMs,
        expandedUntilMs: group.reduce((least, task) => Math.min(least, task.expandedUntilMs), Infinity),
      };
      const outcome = planExpansion(input, window);
      planned.push({ group, outcome });
      rows += outcome.instants.length * group.length;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failed.push(...group.map((task) => ({ id: task.id, message })));
    }
  }
  return { planned, failed, left };
}

/** What is counted, or placed by the load of the moment, is a task's own. */
function groupBySchedule(tasks: readonly ExpandableTask[]): Group[] {
  const groups = new Map<string, [ExpandableTask, ...ExpandableTask[]]>();
  for (const task of tasks) {
    const { schedule, misfire, misfireGraceMs, flexibleWindowMs } = task;
    const isAlone = isPlacedByLoad(task) || ('maxRuns' in schedule && schedule.maxRuns !== null);
    const key = isAlone
      ? task.id
      : JSON.stringify([comparableSchedule(schedule), misfire, misfireGraceMs, flexibleWindowMs]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [task]);
    else group.push(task);
  }
  return [...groups.values()];
}

function toPlan(placer: LoadPlacer, group: Group, outcome: ExpansionOutcome, nowMs: number): ExpansionPlan {
  const [first] = group;
  const { expandedUntilMs, lastSlotMs } = outcome;
  return {
    tasks: group.map((task) => ({
      id: task.id,
      revision: task.revision,
      expandedUntilMs: task.expandedUntilMs,
      offsetMs: settledOffsetMs(task) ?? 0,
    })),
    instants: outcome.instants.map(({ atMs, skipReason }) => {
      const isFree = skipReason === null && isPlacedByLoad(first) && atMs > nowMs;
      return { atMs, skipReason, dueMs: isFree ? placer.place(first, atMs) : null };
    }),
    expandedUntilMs,
    lastSlotMs,
  };
}

function isCutOff(plan: ExpansionPlan, window: ExpansionWindow): boolean {
  return plan.expandedUntilMs !== null && plan.expandedUntilMs < window.horizonMs;
}

function latestOf(instants: readonly (number | null)[]): number | null {
  return instants.reduce<number | null>(
    (latest, atMs) => (atMs === null ? latest : Math.max(latest ?? atMs, atMs)),
    null,
  );
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
