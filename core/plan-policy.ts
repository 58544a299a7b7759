import type { PlanRow } from './demand-table.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './duration.ts';
import type { FleetPlanSettings } from './fleet-plan.ts';
import type { FleetPolicy, FleetView } from './fleet-simulation.ts';
import type { LearntDurations } from './learnt-durations.ts';
import { planLive } from './live-plan.ts';
import { decideReplicas, NO_CONTROLS } from './replicas.ts';

/** What the plan knows of the work, instants from the begin of the simulation on. */
export interface PlanPolicyInput {
  /** By index of the types that the simulation names. */
  readonly taskTypes: readonly string[];
  /** What the schedule foretold, by time: how many of which type. */
  readonly foretold: readonly ForetoldWork[];
  /** What nobody foretold: seen when it is there, and reckoned with at the rate of the last hour. By time. */
  readonly unforetold: readonly ForetoldWork[];
  readonly durations: LearntDurations;
  /** When each occurrence falls due, and of which type it is, in the order of the simulation. */
  readonly atMs: ArrayLike<number>;
  readonly type: ArrayLike<number>;
}

export interface ForetoldWork {
  readonly atMs: number;
  readonly type: number;
  readonly count: number;
}

/** How often the product plans, and how often it is played while everything goes as planned. */
const TICK_MS = 5 * SECOND_MS;
const QUIET_PERIOD_MS = 2 * MINUTE_MS;
/** Only what waits for longer waits for want of replicas. */
const PATIENCE_MS = 2 * SECOND_MS;
/** A plan over many rows is made less often: one row costs this much of simulated time. */
const REST_PER_ROW_MS = 10;

/**
 * The autoscaler of the product in a simulation: every five seconds while something waits, else every two minutes, the plan from the schedule
 * and from what then waits, runs and starts; the replicas by the rules of the product.
 */
export function createPlanPolicy(
  input: PlanPolicyInput,
  settings: FleetPlanSettings,
  initialReplicas: number,
): FleetPolicy {
  const horizonMs = QUIET_PERIOD_MS + settings.leadTimeMs + settings.closingMs + TICK_MS;
  const pastMs = Math.min(2 * MINUTE_MS, settings.closingMs + settings.tailMs + 20 * SECOND_MS);
  const [foretold, unforetold] = [new Window(input.foretold), new Window(input.unforetold)];
  const { durations } = input;
  let current = initialReplicas;
  let plan: { readonly atMs: number; readonly planned: readonly number[] } = { atMs: 0, planned: [] };
  let quietUntilMs = 0;
  let behindUntilMs = 0;

  const toRow = ({ atMs, type, count }: ForetoldWork): PlanRow => {
    const taskType = String(input.taskTypes[type]);
    return { atMs, count, taskType, durationMs: durations.meanMs(taskType) };
  };
  const planAt = (nowMs: number, fleet: FleetView): void => {
    const scheduled = foretold.between(nowMs - pastMs, nowMs + horizonMs).map(toRow);
    const waiting = waitingOf(input, fleet).map(toRow);
    const ahead = scheduled.filter(({ atMs }) => atMs >= nowMs);
    const lastHour = unforetold.between(nowMs - HOUR_MS, nowMs).map(toRow);
    const unforetoldMs = lastHour.reduce((sum, { count, durationMs }) => sum + count * durationMs, 0);
    const { planned } = planLive(
      { scheduled, waiting: [...waiting, ...ahead], fleet: liveOf(input, settings, nowMs, fleet) },
      { fromMs: nowMs, seconds: Math.ceil(horizonMs / SECOND_MS) },
      Math.ceil(pastMs / SECOND_MS),
      settings,
      { durations: durations.statistics, unscheduledSlots: Math.round(unforetoldMs / HOUR_MS) },
    );
    plan = { atMs: nowMs, planned };
    quietUntilMs = nowMs + QUIET_PERIOD_MS;
    behindUntilMs = nowMs + (scheduled.length + waiting.length) * REST_PER_ROW_MS;
  };

  return (nowMs, fleet) => {
    if (nowMs % TICK_MS !== 0) return undefined;
    for (const { type, durationMs } of fleet.takeEnded()) durations.add(String(input.taskTypes[type]), durationMs);
    const late = lateOf(input, nowMs, fleet);
    const isBehind = late > 0 && current < settings.maxReplicas && nowMs >= behindUntilMs;
    if (nowMs >= quietUntilMs || isBehind) planAt(nowMs, fleet);
    const second = (nowMs - plan.atMs) / SECOND_MS;
    const decision = decideReplicas({
      plannedReplicas: Math.max(...plan.planned.slice(second, second + TICK_MS / SECOND_MS)),
      planAgeMs: 0,
      currentReplicas: current,
      busyReplicas: fleet.busyReplicas,
      queuedTickets: late,
      overdue: 0,
      maxReplicas: settings.maxReplicas,
      controls: NO_CONTROLS,
      nowMs,
    });
    if (decision.kind === 'scale') current = decision.toReplicas;
    return current;
  };
}

/** How many have waited for longer than a moment. */
function lateOf({ atMs }: PlanPolicyInput, nowMs: number, { queueHead, queueTail }: FleetView): number {
  let index = queueHead;
  for (; index < queueTail && Number(atMs[index]) < nowMs - PATIENCE_MS; index += 1);
  return index - queueHead;
}

/** What waits, equal ones together. */
function waitingOf({ atMs, type }: PlanPolicyInput, { queueHead, queueTail }: FleetView): ForetoldWork[] {
  const work: { atMs: number; type: number; count: number }[] = [];
  for (let index = queueHead; index < queueTail; index += 1) {
    const next = { atMs: Number(atMs[index]), type: Number(type[index]), count: 1 };
    const last = work.at(-1);
    if (last?.atMs === next.atMs && last.type === next.type) last.count += 1;
    else work.push(next);
  }
  return work;
}

function liveOf(
  { taskTypes, durations }: PlanPolicyInput,
  { slotsPerReplica, leadTimeMs, startUpMs = leadTimeMs }: FleetPlanSettings,
  nowMs: number,
  fleet: FleetView,
) {
  return {
    readySlots: fleet.idle + fleet.runningCount,
    starting: fleet.starting().map((askedMs) => ({
      slots: slotsPerReplica,
      readyAtMs: Math.max(nowMs, askedMs + startUpMs),
    })),
    running: fleet.running().map(({ type, startedMs }) => ({
      count: 1,
      durationMs: durations.meanMs(String(taskTypes[type])),
      ageMs: nowMs - startedMs,
    })),
  };
}

/** Work by time, of which later and later parts are looked at. */
class Window {
  readonly #work: readonly ForetoldWork[];
  #from = 0;

  constructor(work: readonly ForetoldWork[]) {
    this.#work = work;
  }

  /** `fromMs` never goes back. */
  between(fromMs: number, untilMs: number): ForetoldWork[] {
    const atMs = (index: number): number => this.#work[index]?.atMs ?? Infinity;
    while (atMs(this.#from) < fromMs) this.#from += 1;
    let until = this.#from;
    while (atMs(until) < untilMs) until += 1;
    return this.#work.slice(this.#from, until);
  }
}
