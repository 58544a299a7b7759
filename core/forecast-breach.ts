import type { FleetPlan } from './fleet-plan.ts';

/** What the limit of replicas makes late. */
export interface Breach {
  /** Occurrences that start more than 10 s late. */
  readonly late: number;
  /** The longest wait; `undefined` when some never start within the plan. */
  readonly worstDelayMs: number | undefined;
  /** The types of what is late, the most first. */
  readonly taskTypes: readonly string[];
  /** With a limit of so many nothing would have to wait for it. */
  readonly maxNeeded: number;
}

/** So many that no limit binds. */
const NO_LIMIT = 1_000_000;

/**
 * What is late because no more replicas may be asked for; `undefined` when nothing is, or when more would be of no use.
 * `late` of the whole plan; `plans` are those that it was put together from; `replan` makes it for another limit and answers what would be
 * asked for. It is asked only when something is late.
 */
export function breachOf(
  late: number,
  plans: readonly Pick<FleetPlan, 'lateness'>[],
  maxReplicas: number,
  replan: (maxReplicas: number) => readonly number[],
): Breach | undefined {
  if (late === 0) return undefined;
  const maxNeeded = replan(NO_LIMIT).reduce((most, replicas) => Math.max(most, replicas), 0);
  if (maxNeeded <= maxReplicas) return undefined;
  const lateness = plans.map((plan) => plan.lateness).filter(({ count }) => count > 0);
  const counts = new Map<string, number>();
  for (const { taskType, count } of lateness.flatMap(({ byType }) => byType)) {
    counts.set(taskType, Math.max(count, counts.get(taskType) ?? 0));
  }
  const worstDelayMs = Math.max(...lateness.map((one) => one.worstDelayMs));
  return {
    late,
    worstDelayMs: Number.isFinite(worstDelayMs) ? worstDelayMs : undefined,
    taskTypes: [...counts].sort((a, b) => b[1] - a[1]).map(([taskType]) => taskType),
    maxNeeded,
  };
}
