import type { PlanReader, PlanView } from './plan-view.ts';

/** What a scaler outside is told. */
export interface PlanAnswer {
  readonly replicas: number;
  readonly required: number;
  readonly ready: number | undefined;
  readonly limit: number;
  readonly plannedAtMs: number;
  /** Whether the plan is older than it should be. */
  readonly stale: boolean;
}

export interface PlanQuestion {
  readonly nowMs: number;
  /** A plan older than this is stale. */
  readonly staleMs: number;
  /** Answers the most that is planned from now until this much later. Default 0. */
  readonly leadMs?: number;
}

/**
 * The number for now. A fresh plan says what is wanted. A stale one still reaches hours ahead: its number rises when the plan's does, but it
 * does not fall below what was planned since, for nobody has looked whether the work is really done.
 */
export function answerFrom(view: PlanView, { nowMs, staleMs, leadMs = 0 }: PlanQuestion): PlanAnswer {
  const stale = nowMs - view.plannedAtMs > staleMs;
  const fromMs = stale ? view.plannedAtMs : nowMs;
  const isAsked = stale || leadMs > 0;
  const planned = isAsked ? Math.min(view.limit, highest(view, fromMs, nowMs + leadMs)) : 0;
  return {
    replicas: Math.max(view.wantedReplicas, planned),
    required: view.requiredInstances,
    ready: view.readyReplicas,
    limit: view.limit,
    plannedAtMs: view.plannedAtMs,
    stale,
  };
}

/** What is to be said about a pool at this moment; `undefined` without a plan for it, which is not zero. */
export function answerNow(
  plans: PlanReader,
  pool: string,
  question: Omit<PlanQuestion, 'nowMs'>,
): PlanAnswer | undefined {
  const [view, nowMs] = [plans.view(pool), plans.nowMs(pool)];
  return view === undefined || nowMs === undefined ? undefined : answerFrom(view, { ...question, nowMs });
}

/** The greatest number of the plan between two instants, both included; 0 where the plan says nothing. */
function highest({ horizon }: PlanView, fromMs: number, untilMs: number): number {
  let most = 0;
  for (const [index, { atMs, plannedInstances }] of horizon.entries()) {
    if (atMs > untilMs) break;
    const endsMs = horizon[index + 1]?.atMs ?? Infinity;
    if (endsMs > fromMs) most = Math.max(most, plannedInstances);
  }
  return most;
}
