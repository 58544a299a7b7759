import type { Forecast, ForecastContributor, ForecastStep } from '../api/shapes.ts';

/** One point of the chart: a step, or several put together. `t` is its start in epoch ms. */
export interface ForecastPoint {
  readonly t: number;
  readonly required: number | null;
  readonly planned: number | null;
  /** Lower and upper end of what is likely to be required. */
  readonly band: readonly [low: number, high: number] | null;
  /** Ready instances, and those of them that run something. */
  readonly actual: number | null;
  readonly busy: number | null;
  readonly limit: number;
  readonly late: number;
  readonly top: readonly ForecastContributor[];
}

export interface ForecastSeries {
  readonly points: readonly ForecastPoint[];
  /** How long one point stands for. */
  readonly stepMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly nowMs: number;
  /** The largest of required, planned, actual and the band's upper end. */
  readonly peak: number;
  /** Where work starts more than 10 s late, by its time. */
  readonly lateStretches: readonly { readonly fromMs: number; readonly untilMs: number; readonly late: number }[];
  /** Where more is required than the limit allows. */
  readonly shortfalls: readonly { readonly fromMs: number; readonly untilMs: number; readonly missing: number }[];
}

const MOST_POINTS = 600;
const MOST_CONTRIBUTORS = 5;

/** The forecast as the chart draws it. Long ones are put together by maximum, never by average: the peaks matter. */
export function forecastSeries(forecast: Forecast): ForecastSeries {
  const perPoint = Math.max(1, Math.ceil(forecast.steps.length / MOST_POINTS));
  const stepMs = forecast.stepMs * perPoint;
  const groups = new Map<number, ForecastStep[]>();
  for (const step of forecast.steps) {
    const t = perPoint === 1 ? Date.parse(step.at) : Math.floor(Date.parse(step.at) / stepMs) * stepMs;
    groups.set(t, [...(groups.get(t) ?? []), step]);
  }
  const points = [...groups].map(([t, steps]) => pointOf(t, steps)).sort((one, other) => one.t - other.t);
  const nowMs = Date.parse(forecast.now);
  return {
    points,
    stepMs,
    fromMs: points[0]?.t ?? nowMs,
    untilMs: (points.at(-1)?.t ?? nowMs) + stepMs,
    nowMs,
    peak: Math.max(
      0,
      ...points.map(({ required, planned, actual, band }) =>
        Math.max(required ?? 0, planned ?? 0, actual ?? 0, band?.[1] ?? 0),
      ),
    ),
    lateStretches: stretchesOf(points, stepMs, ({ late }) => late).map(({ fromMs, untilMs, sum }) => ({
      fromMs,
      untilMs,
      late: sum,
    })),
    shortfalls: stretchesOf(points, stepMs, ({ required, limit }) => (required ?? 0) - limit).map(
      ({ fromMs, untilMs, most }) => ({ fromMs, untilMs, missing: most }),
    ),
  };
}

/**
 * The points as a step line needs them: one more at the end, or the last step would have no width, and one at now, so
 * that the line of what is there reaches the present and goes no further.
 */
export function drawnPoints({ points, stepMs, nowMs }: ForecastSeries): readonly ForecastPoint[] {
  const last = points.at(-1);
  if (last === undefined) return [];
  const drawn = points.map((point) => (point.t > nowMs ? { ...point, actual: null, busy: null } : point));
  const current = pointAt(points, nowMs);
  if (current !== undefined && current.t < nowMs && nowMs < current.t + stepMs) {
    const place = drawn.findIndex(({ t }) => t > nowMs);
    drawn.splice(place === -1 ? drawn.length : place, 0, { ...current, t: nowMs });
  }
  return [...drawn, { ...last, t: last.t + stepMs, actual: null, busy: null }];
}

/** The point that stands for the instant. */
export function pointAt(points: readonly ForecastPoint[], ms: number): ForecastPoint | undefined {
  return points.findLast(({ t }) => t <= ms);
}

/** The top of the axis: over the peak, and over the limit unless that is so far up that the peak would look like nothing. */
export function axisTop(peak: number, limit: number): number {
  const withLimit = limit <= 3 * Math.max(2, peak) ? limit : 0;
  return Math.max(3, peak, withLimit) + 1;
}

function pointOf(t: number, steps: readonly ForecastStep[]): ForecastPoint {
  const low = largest(steps.map((step) => step.low));
  const high = largest(steps.map((step) => step.high));
  return {
    t,
    required: largest(steps.map((step) => step.requiredInstances)),
    planned: largest(steps.map((step) => step.plannedInstances)),
    band: low === null || high === null ? null : [low, high],
    actual: largest(steps.map((step) => step.actualInstances)),
    busy: largest(steps.map((step) => step.busyInstances)),
    limit: Math.max(...steps.map((step) => step.limit)),
    late: steps.reduce((sum, step) => sum + step.predictedLate, 0),
    top: steps.length === 1 ? (steps[0]?.top ?? []) : mergedTop(steps),
  };
}

/** Null is "nobody knows" and not zero: it counts only where all are null. */
function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function mergedTop(steps: readonly ForecastStep[]): readonly ForecastContributor[] {
  const byTask = new Map<string, ForecastContributor>();
  for (const one of steps.flatMap(({ top }) => top)) {
    const before = byTask.get(one.taskId);
    byTask.set(one.taskId, {
      ...one,
      occurrences: one.occurrences + (before?.occurrences ?? 0),
      computeMs: one.computeMs + (before?.computeMs ?? 0),
    });
  }
  return [...byTask.values()].sort((a, b) => b.computeMs - a.computeMs).slice(0, MOST_CONTRIBUTORS);
}

interface Stretch {
  readonly fromMs: number;
  untilMs: number;
  most: number;
  sum: number;
}

/** Points in a row of which `of` is above zero. */
function stretchesOf(
  points: readonly ForecastPoint[],
  stepMs: number,
  of: (point: ForecastPoint) => number,
): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const point of points) {
    const value = of(point);
    if (value <= 0) continue;
    const last = stretches.at(-1);
    if (last?.untilMs === point.t) {
      last.untilMs = point.t + stepMs;
      last.most = Math.max(last.most, value);
      last.sum += value;
    } else {
      stretches.push({ fromMs: point.t, untilMs: point.t + stepMs, most: value, sum: value });
    }
  }
  return stretches;
}
