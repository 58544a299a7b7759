/** What a person ordered for a pool. */
export interface ScaleControls {
  /** `advisory`: decide and say what would be done, and change nothing. */
  readonly mode: ScaleMode;
  readonly scaleOutPaused: boolean;
  readonly scaleInPaused: boolean;
  /** Hold so many until then (epoch ms), whatever the plan says. */
  readonly override: { readonly replicas: number; readonly untilMs: number } | undefined;
}

export const SCALE_MODES = ['automatic', 'advisory'] as const;
export type ScaleMode = (typeof SCALE_MODES)[number];

export const NO_CONTROLS: ScaleControls = {
  mode: 'automatic',
  scaleOutPaused: false,
  scaleInPaused: false,
  override: undefined,
};

/** What the autoscaler knows when it decides. `undefined` is "we do not know", never zero. */
export interface ReplicaDecisionInput {
  /** What the plan wants now. */
  readonly plannedReplicas: number | undefined;
  /** How long ago the plan was made from what really was. */
  readonly planAgeMs: number;
  /** What was last asked of the target. */
  readonly currentReplicas: number | undefined;
  /** Replicas that run something right now. */
  readonly busyReplicas: number | undefined;
  /** Tickets that wait in the broker. */
  readonly queuedTickets: number | undefined;
  /** Occurrences past their time that no distributor has taken. */
  readonly overdue: number | undefined;
  readonly maxReplicas: number;
  readonly controls: ScaleControls;
  readonly nowMs: number;
}

export type ReplicaDecision =
  | { readonly kind: 'hold'; readonly reason: HoldReason }
  | { readonly kind: 'scale'; readonly toReplicas: number; readonly reason: ScaleReason };

export type HoldReason =
  | 'no-forecast'
  | 'target-unknown'
  | 'already-right'
  | 'work-waits'
  | 'queue-unknown'
  | 'replicas-busy'
  | 'plan-stale'
  | 'scale-out-paused'
  | 'scale-in-paused'
  | 'override-held';
export type ScaleReason = 'work-ahead' | 'work-waits' | 'work-over' | 'override';

/** A plan that is older than this takes nothing away: nobody has looked whether the work is really done. */
export const STALE_PLAN_MS = 60_000;

/**
 * How many replicas to ask for now. Unknown holds; up is allowed, also by an old plan; down only by a fresh one and when nothing waits. An
 * override replaces the plan until its time; a pause binds both. Nothing goes below the replicas that are busy, or above the maximum.
 */
export function decideReplicas(input: ReplicaDecisionInput): ReplicaDecision {
  const { currentReplicas, maxReplicas, controls } = input;
  const override = overrideInForce(controls, input.nowMs);
  const wanted = override === undefined ? input.plannedReplicas : Math.min(override, maxReplicas);
  if (wanted === undefined) return { kind: 'hold', reason: 'no-forecast' };
  if (currentReplicas === undefined) return { kind: 'hold', reason: 'target-unknown' };
  if (override === undefined && currentReplicas === 0 && wanted === 0 && waits(input))
    return scaleOut(Math.min(1, maxReplicas), 'work-waits', controls);
  if (wanted > currentReplicas) return scaleOut(wanted, override === undefined ? 'work-ahead' : 'override', controls);
  if (wanted === currentReplicas)
    return { kind: 'hold', reason: override === undefined ? 'already-right' : 'override-held' };
  return scaleIn(wanted, currentReplicas, override !== undefined, input);
}

/** The replicas that a person ordered, if the time of the order is not over. */
export function overrideInForce({ override }: ScaleControls, nowMs: number): number | undefined {
  return override !== undefined && override.untilMs > nowMs ? override.replicas : undefined;
}

function scaleOut(toReplicas: number, reason: ScaleReason, { scaleOutPaused }: ScaleControls): ReplicaDecision {
  if (scaleOutPaused) return { kind: 'hold', reason: 'scale-out-paused' };
  return toReplicas === 0 ? { kind: 'hold', reason: 'already-right' } : { kind: 'scale', toReplicas, reason };
}

function scaleIn(
  wanted: number,
  currentReplicas: number,
  isOverride: boolean,
  input: ReplicaDecisionInput,
): ReplicaDecision {
  const { busyReplicas, queuedTickets, overdue, planAgeMs, controls } = input;
  if (controls.scaleInPaused) return { kind: 'hold', reason: 'scale-in-paused' };
  if (!isOverride) {
    if (planAgeMs > STALE_PLAN_MS) return { kind: 'hold', reason: 'plan-stale' };
    if (waits(input)) return { kind: 'hold', reason: 'work-waits' };
    if (queuedTickets === undefined || overdue === undefined) return { kind: 'hold', reason: 'queue-unknown' };
  }
  if (busyReplicas === undefined) return { kind: 'hold', reason: 'queue-unknown' };
  const toReplicas = Math.max(wanted, Math.min(busyReplicas, currentReplicas));
  if (toReplicas === currentReplicas) return { kind: 'hold', reason: 'replicas-busy' };
  return { kind: 'scale', toReplicas, reason: isOverride ? 'override' : 'work-over' };
}

function waits({ queuedTickets, overdue }: ReplicaDecisionInput): boolean {
  return (queuedTickets ?? 0) + (overdue ?? 0) > 0;
}
