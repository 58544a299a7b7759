import type { PlanRow } from './demand-table.ts';
import { SECOND_MS } from './duration.ts';
import { type FleetPlan, type FleetPlanSettings, planFleet, type PlanKnowledge } from './fleet-plan.ts';
import type { Span } from './forecast.ts';
import type { LiveFleet } from './live-fleet.ts';

export interface LiveDemand {
  /** Everything that is or was to run, done or not: from `pastSeconds` before the span until its end. */
  readonly scheduled: readonly PlanRow[];
  /** What waits for a slot or for its time: what is overdue with its own time, what has begun not at all. */
  readonly waiting: readonly PlanRow[];
  readonly fleet: LiveFleet;
}

/**
 * The plan from now on, held to what really is. The schedule alone says what was meant to be: it does not trust in runs that should end
 * soon. What is says more where work is late or runs are long. Each second gets the greater need. `pastSeconds` should be as long as the
 * longest run that is planned with, and no shorter than the valleys that are filled.
 */
export function planLive(
  { scheduled, waiting, fleet }: LiveDemand,
  span: Span,
  pastSeconds: number,
  settings: FleetPlanSettings,
  knowledge: Omit<PlanKnowledge, 'fleet' | 'neededAnyway' | 'neededBefore'> = {},
): FleetPlan {
  const longSpan = { fromMs: span.fromMs - pastSeconds * SECOND_MS, seconds: span.seconds + pastSeconds };
  const meant = planFleet(scheduled, longSpan, settings, knowledge);
  const live = planFleet(
    waiting,
    span,
    { ...settings, mode: 'exact' },
    {
      ...knowledge,
      fleet,
      neededAnyway: meant.needed.slice(pastSeconds),
      neededBefore: meant.needed.slice(0, pastSeconds),
    },
  );
  return {
    ...live,
    required: meant.required.slice(pastSeconds),
    low: meant.low.slice(pastSeconds),
    high: meant.high.slice(pastSeconds),
  };
}
