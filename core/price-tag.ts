import type { PlanRow } from './demand-table.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from './duration.ts';
import { type FleetPlan, type FleetPlanSettings, planFleet } from './fleet-plan.ts';
import { instancesForWork, type Span, workCurve } from './forecast.ts';

/** What a change of one task does to the work of its pool. Durations are means, as in the forecast. */
export interface WorkChange {
  /** Everything else that falls due. */
  readonly kept: readonly PlanRow[];
  /** The work of the task as it would be, from now on. */
  readonly added: readonly PlanRow[];
  /** The same over the span and `MAX_SHIFT_MS` to both sides of it; empty when its time can not be moved. */
  readonly shiftable: readonly PlanRow[];
}

/** What the pool needs without the change. */
export interface CapacityBefore {
  /** Peak of the formula, in replicas. */
  readonly peak: number;
  readonly plan: Pick<FleetPlan, 'planned' | 'lateness'>;
}

/** What a change costs. Replicas; instants in epoch ms. */
export interface PriceTag {
  /** Peaks of the formula over the span. */
  readonly peakBefore: number;
  readonly peakAfter: number;
  /** The first second of the peak after the change; null for an empty span. */
  readonly peakAtMs: number | null;
  /** What is asked for in addition, summed up, for a day; below 0 when it becomes less. */
  readonly replicaMinutesPerDay: number;
  readonly computeMsPerDay: number;
  readonly runsPerDay: number;
  /** The first scheduled time of which more starts late than without the change, within the limit; null: of none. */
  readonly firstLateAtMs: number | null;
  readonly lateBefore: number;
  readonly lateAfter: number;
  /** The least shift of the schedule after which the peak is lower than `peakAfter`; null: none within `MAX_SHIFT_MS`. */
  readonly nearestCheaper: { readonly shiftMs: number; readonly peakAfter: number } | null;
}

export const MAX_SHIFT_MS = 30 * MINUTE_MS;

/** What a pool needs for some work: the peak of the formula, and the plan. */
export function capacityFor(rows: readonly PlanRow[], span: Span, settings: FleetPlanSettings): CapacityBefore {
  const plan = planFleet(rows, span, settings);
  return { peak: plan.required.reduce(larger, 0), plan };
}

/** The difference that a change makes over a span, in replicas and in lateness. */
export function priceTag(
  { kept, added, shiftable }: WorkChange,
  before: CapacityBefore,
  span: Span,
  settings: FleetPlanSettings,
): PriceTag {
  const after = planFleet([...kept, ...added], span, settings);
  const peakAfter = after.required.reduce(larger, 0);
  const perDay = DAY_MS / (span.seconds * SECOND_MS);
  const secondsOf = (plan: Pick<FleetPlan, 'planned'>): number => plan.planned.reduce((sum, count) => sum + count, 0);
  const late = after.lateness.perSecond.findIndex(
    (count, second) => count > Number(before.plan.lateness.perSecond[second]),
  );
  return {
    peakBefore: before.peak,
    peakAfter,
    peakAtMs: span.seconds === 0 ? null : span.fromMs + after.required.indexOf(peakAfter) * SECOND_MS,
    replicaMinutesPerDay: ((secondsOf(after) - secondsOf(before.plan)) / 60) * perDay,
    computeMsPerDay: added.reduce((sum, { count, durationMs }) => sum + count * durationMs, 0) * perDay,
    runsPerDay: added.reduce((sum, { count }) => sum + count, 0) * perDay,
    firstLateAtMs: late === -1 ? null : span.fromMs + late * SECOND_MS,
    lateBefore: before.plan.lateness.count,
    lateAfter: after.lateness.count,
    nearestCheaper: nearestCheaper({ kept, shiftable }, peakAfter, span, settings.slotsPerReplica),
  };
}

/** Whole minutes, nearest first and of two equally near the later one. */
function nearestCheaper(
  { kept, shiftable }: Pick<WorkChange, 'kept' | 'shiftable'>,
  peakAfter: number,
  span: Span,
  slotsPerReplica: number,
): PriceTag['nearestCheaper'] {
  if (shiftable.length === 0) return null;
  const base = workCurve(kept, span);
  const basePeak = base.reduce(larger, 0);
  if (instancesForWork(basePeak, slotsPerReplica) >= peakAfter) return null;
  const margin = MAX_SHIFT_MS / SECOND_MS;
  const wide = { fromMs: span.fromMs - MAX_SHIFT_MS, seconds: span.seconds + 2 * margin };
  const own = workCurve(shiftable, wide);
  const busy = [...own.keys()].filter((second) => Number(own[second]) > 0);
  for (let shiftMs = MINUTE_MS; shiftMs <= MAX_SHIFT_MS; shiftMs += MINUTE_MS) {
    for (const signedMs of [shiftMs, -shiftMs]) {
      const offset = signedMs / SECOND_MS - margin;
      const peak = busy.reduce(
        (most, second) => Math.max(most, (base[second + offset] ?? -Infinity) + Number(own[second])),
        basePeak,
      );
      const instances = instancesForWork(peak, slotsPerReplica);
      if (instances < peakAfter) return { shiftMs: signedMs, peakAfter: instances };
    }
  }
  return null;
}

function larger(a: number, b: number): number {
  return Math.max(a, b);
}
