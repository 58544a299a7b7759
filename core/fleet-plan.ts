import { type DemandRow, formulaCurve, predictLate, shapeCurve, type Shaping, type Span } from './forecast.ts';

export interface FleetPlanSettings extends Shaping {
  readonly slotsPerReplica: number;
}

/** The plan, second by second from `span.fromMs`. */
export interface FleetPlan {
  /** What the formula says. */
  readonly required: readonly number[];
  /** What will be asked for: required, ahead of time, smoothed, within the limits. */
  readonly planned: readonly number[];
  /** Occurrences that would start after the start window although everything that may be asked for is there. */
  readonly late: readonly number[];
}

/** Replicas needed and asked for over a span, from the work that falls due in it. */
export function planFleet(rows: readonly DemandRow[], span: Span, settings: FleetPlanSettings): FleetPlan {
  const required = formulaCurve(rows, span, settings.slotsPerReplica);
  return {
    required,
    planned: shapeCurve(required, settings),
    late: predictLate(rows, span, settings.maxReplicas * settings.slotsPerReplica),
  };
}
