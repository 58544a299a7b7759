/** What the autoscaler knows when it decides. `undefined` is "we do not know", never zero. */
export interface ReplicaDecisionInput {
  /** What the plan wants now. */
  readonly plannedReplicas: number | undefined;
  /** What was last asked of the target. */
  readonly currentReplicas: number | undefined;
  /** Replicas that run something right now. */
  readonly busyReplicas: number | undefined;
  /** Tickets that wait in the broker. */
  readonly queuedTickets: number | undefined;
  /** Occurrences past their time that no distributor has taken. */
  readonly overdue: number | undefined;
  readonly maxReplicas: number;
}

export type ReplicaDecision =
  | { readonly kind: 'hold'; readonly reason: HoldReason }
  | { readonly kind: 'scale'; readonly toReplicas: number; readonly reason: ScaleReason };

export type HoldReason =
  'no-forecast' | 'target-unknown' | 'already-right' | 'work-waits' | 'queue-unknown' | 'replicas-busy';
export type ScaleReason = 'work-ahead' | 'work-waits' | 'work-over';

/**
 * How many replicas to ask for now. Unknown holds; up is always allowed; down only when nothing waits, and never below the replicas that
 * are busy.
 */
export function decideReplicas(input: ReplicaDecisionInput): ReplicaDecision {
  const { plannedReplicas, currentReplicas, busyReplicas, queuedTickets, overdue, maxReplicas } = input;
  if (plannedReplicas === undefined) return { kind: 'hold', reason: 'no-forecast' };
  if (currentReplicas === undefined) return { kind: 'hold', reason: 'target-unknown' };
  const waits = (queuedTickets ?? 0) + (overdue ?? 0) > 0;

  if (waits && currentReplicas === 0 && plannedReplicas === 0)
    return { kind: 'scale', toReplicas: Math.min(1, maxReplicas), reason: 'work-waits' };
  if (plannedReplicas > currentReplicas) return { kind: 'scale', toReplicas: plannedReplicas, reason: 'work-ahead' };
  if (plannedReplicas === currentReplicas) return { kind: 'hold', reason: 'already-right' };

  if (waits) return { kind: 'hold', reason: 'work-waits' };
  if (queuedTickets === undefined || overdue === undefined || busyReplicas === undefined)
    return { kind: 'hold', reason: 'queue-unknown' };
  const toReplicas = Math.max(plannedReplicas, Math.min(busyReplicas, currentReplicas));
  if (toReplicas === currentReplicas) return { kind: 'hold', reason: 'replicas-busy' };
  return { kind: 'scale', toReplicas, reason: 'work-over' };
}
