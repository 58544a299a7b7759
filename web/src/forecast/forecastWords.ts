import type { Forecast } from '../api/shapes.ts';
import { formatDuration, formatOffset, formatRelative, formatShort } from '../time/formatInstant.ts';
import { type ForecastPoint, type ForecastSeries, pointAt } from './forecastSeries.ts';

/** The chart in a sentence or three, for those who do not see it and for those who have no time to. */
export function forecastSentence(series: ForecastSeries, zone: string): string {
  const { points, nowMs, shortfalls } = series;
  const current = pointAt(points, nowMs);
  const coming = points.filter(({ t }) => t > nowMs);
  const say = (ms: number) => `${formatShort(ms, zone, nowMs)} ${formatOffset(ms, zone)}`;
  if (current === undefined) return 'There is no forecast yet.';

  const sentences = [nowSentence(current)];
  const peak = coming.reduce<ForecastPoint | undefined>(
    (best, point) => ((point.required ?? 0) > (best?.required ?? 0) ? point : best),
    undefined,
  );
  if (peak === undefined) {
    sentences.push('Nothing is scheduled in this window.');
  } else {
    const short = (peak.required ?? 0) - peak.limit;
    const verdict = short > 0 ? `${short} over the limit of ${peak.limit}` : 'within the limit';
    sentences.push(
      `Peak of ${peak.required ?? 0} at ${say(peak.t)}, ${formatRelative(peak.t, nowMs) ?? 'later'}, ${verdict}.`,
    );
  }
  const change = coming.find(({ planned }) => planned !== null && planned !== current.planned);
  if (change !== undefined && current.planned !== null) {
    const direction = (change.planned ?? 0) > current.planned ? 'up' : 'down';
    sentences.push(`Next change: ${direction} to ${change.planned ?? 0} at ${say(change.t)}.`);
  }
  const late = coming.reduce((sum, point) => sum + point.late, 0);
  if (late > 0) sentences.push(`${late} ${late === 1 ? 'run' : 'runs'} would start more than 10 s late.`);
  if (shortfalls.length > 1) sentences.push(`The limit is too low ${shortfalls.length} times.`);
  return sentences.join(' ');
}

/** What the limit makes late, and what can be done about it. */
export function breachSentence(breach: NonNullable<Forecast['breach']>, limit: number): string {
  const { late, worstDelayMs, taskTypes, maxNeeded } = breach;
  const worst = worstDelayMs === null ? 'some not at all in this plan' : `by up to ${formatDuration(worstDelayMs)}`;
  const others = taskTypes.length > 3 ? ` and ${taskTypes.length - 3} more types` : '';
  return (
    `The limit of ${limit} is too low: ${late} ${late === 1 ? 'run' : 'runs'} of ${taskTypes.slice(0, 3).join(', ')}${others} ` +
    `would start more than 10 s late, ${worst}. Raise it to ${maxNeeded} (ALMANAC_MAX_REPLICAS), spread the work, or accept it.`
  );
}

/** One point in words, for the readout and for screen readers. */
export function pointSentence(point: ForecastPoint, zone: string, nowMs: number): string {
  const parts = [
    `${formatShort(point.t, zone, nowMs)} ${formatOffset(point.t, zone)}`,
    `required ${point.required ?? 'not known'}`,
    ...(point.planned === null ? [] : [`planned ${point.planned}`]),
    ...(point.actual === null ? [] : [`ready ${point.actual}`]),
    ...(point.busy === null ? [] : [`busy ${point.busy}`]),
    `limit ${point.limit}`,
    ...(point.late === 0 ? [] : [`${point.late} late`]),
  ];
  return parts.join(', ');
}

function nowSentence({ actual, required, limit }: ForecastPoint): string {
  if (actual === null) return `Now ${required ?? 0} of at most ${limit} instances required.`;
  return `Now ${actual} of at most ${limit} instances ready.`;
}
