import type { PlanRow } from './demand-table.ts';
import { MINUTE_MS, SECOND_MS } from './duration.ts';
import { type FleetPlan, type FleetPlanSettings, planFleet, type PlanKnowledge } from './fleet-plan.ts';
import type { Span } from './forecast.ts';
import type { RunningWork } from './live-fleet.ts';
import { planLive } from './live-plan.ts';

/** The work of a pool as it is at one moment. */
export interface LiveWork {
  /** Falls due before the end of what was asked for, or is overdue, and no distributor has it. */
  readonly due: readonly PlanRow[];
  /** Claimed, and not yet begun. */
  readonly queued: readonly PlanRow[];
  /** Runs on a replica that goes on taking work. */
  readonly running: readonly RunningRow[];
  /** Runs on a replica that is being stopped. */
  readonly leaving: readonly PlanRow[];
  /** Was due within the past that was asked for, and has ended. */
  readonly ended: readonly PlanRow[];
}

export interface RunningRow extends PlanRow {
  /** For how long it has been running. */
  readonly ageMs: number;
}

/** A change of the number of replicas that was asked for. */
export interface ScaleOut {
  readonly wanted: number;
  /** Below zero where replicas were taken away. */
  readonly added: number;
  readonly ageMs: number;
}

/** All that the plan of a pool is made from. Whoever plans from the same picture gets the same plan. */
export interface LivePicture {
  /** When it was looked at, on the database's clock (epoch ms). */
  readonly atMs: number;
  readonly work: LiveWork;
  readonly ready: { readonly replicas: number; readonly slots: number };
  /** The newest first. */
  readonly scaleOuts: readonly ScaleOut[];
  /** With the lead time and the slots that were measured. */
  readonly settings: FleetPlanSettings;
  readonly knowledge: Pick<PlanKnowledge, 'durations' | 'unscheduledSlots'>;
}

/** How far the near plan reaches beyond the lead time. */
const NEAR_MS = 2 * MINUTE_MS;
const MAX_PAST_MS = 2 * MINUTE_MS;

/** What the near plan is about: from the second of `atMs` on, and as far as what is asked for now can matter. */
export function nearSpan(atMs: number, { leadTimeMs, closingMs }: FleetPlanSettings): Span {
  const fromMs = Math.floor(atMs / SECOND_MS) * SECOND_MS;
  return { fromMs, seconds: Math.ceil((leadTimeMs + closingMs + NEAR_MS) / SECOND_MS) };
}

/** As far back as what is over still shapes the plan. */
export function pastOfMs({ closingMs, tailMs }: FleetPlanSettings): number {
  return Math.min(MAX_PAST_MS, closingMs + tailMs + 20 * SECOND_MS);
}

export function endOfSpan(span: Span): number {
  return span.fromMs + span.seconds * SECOND_MS;
}

/** The plan of the next minutes, over `nearSpan`, held to what really is. */
export function planNear({ atMs, work, ready, scaleOuts, settings, knowledge }: LivePicture): FleetPlan {
  const { leadTimeMs, startUpMs = leadTimeMs } = settings;
  const demand = {
    scheduled: [...work.due, ...work.queued, ...work.running, ...work.leaving, ...work.ended],
    waiting: [...work.due, ...work.queued],
    fleet: {
      readySlots: ready.slots,
      running: work.running.map(({ count, durationMs, ageMs, taskType }): RunningWork => ({
        count,
        durationMs,
        ageMs,
        taskType,
      })),
      starting: startingReplicas(ready.replicas, scaleOuts, startUpMs).map(({ count, leftMs }) => ({
        slots: count * settings.slotsPerReplica,
        readyAtMs: atMs + leftMs,
      })),
    },
  };
  const pastSeconds = Math.ceil(pastOfMs(settings) / SECOND_MS);
  return planLive(demand, nearSpan(atMs, settings), pastSeconds, settings, knowledge);
}

/** The plan of `seconds` from the begin of the near one on, as the schedule alone has it; `ahead` falls due after the near span. */
export function planFar(picture: LivePicture, ahead: readonly PlanRow[], seconds: number): FleetPlan {
  const { fromMs } = nearSpan(picture.atMs, picture.settings);
  return planFleet([...picture.work.due, ...ahead], { fromMs, seconds }, picture.settings, picture.knowledge);
}

/** Second by second from the begin of the near plan on. */
export interface Outlook extends Pick<FleetPlan, 'required' | 'planned' | 'low' | 'high'> {
  /** Occurrences that start more than 10 s late, by the second of their time. */
  readonly late: readonly number[];
}

/** The near plan, and the far one from where it ends: what will be asked for. Both begin at one second. */
export function joinPlans(near: FleetPlan, far: FleetPlan): Outlook {
  const joined = (of: (plan: FleetPlan) => readonly number[]): number[] => {
    const [first, later] = [of(near), of(far)];
    return first.length >= later.length ? first.slice(0, later.length) : [...first, ...later.slice(first.length)];
  };
  return {
    required: joined((plan) => plan.required),
    planned: joined((plan) => plan.planned),
    low: joined((plan) => plan.low),
    high: joined((plan) => plan.high),
    late: joined((plan) => plan.lateness.perSecond),
  };
}

/** What takes longer than this many start-up times will not come, as far as the plan is concerned. */
const GIVEN_UP_AFTER = 2;

/** Replicas that were asked for and have not reported: the youngest increases, as many as are missing. */
export function startingReplicas(
  readyReplicas: number,
  scaleOuts: readonly ScaleOut[],
  startUpMs: number,
): { readonly count: number; readonly leftMs: number }[] {
  let missing = Math.max(0, (scaleOuts[0]?.wanted ?? 0) - readyReplicas);
  const starting = [];
  for (const { added, ageMs } of scaleOuts) {
    if (missing === 0 || ageMs > GIVEN_UP_AFTER * startUpMs) break;
    const count = Math.min(missing, Math.max(0, added));
    if (count > 0) starting.push({ count, leftMs: Math.max(0, startUpMs - ageMs) });
    missing -= count;
  }
  return starting;
}
