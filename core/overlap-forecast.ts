import { DAY_MS } from './duration.ts';
import type { DurationTrend } from './duration-trend.ts';
import type { RunLengths } from './run-lengths.ts';
import type { ScheduleGaps } from './schedule-gaps.ts';
import type { OverlapPolicy } from './task.ts';

/** `overlapping`: one run in twenty outlasts the smallest gap. `near`: it soon will. `watch`: half of the gap is used. */
export const OVERLAP_SEVERITIES = ['overlapping', 'near', 'watch'] as const;
export type OverlapSeverity = (typeof OVERLAP_SEVERITIES)[number];

/** How runs of a task compare with the time between them. */
export interface OverlapRisk {
  readonly severity: OverlapSeverity;
  /** p95 over the smallest gap. */
  readonly ratio: number;
  /** Occurrences a day that find the run before them still going, if each of them runs. */
  readonly overlapsPerDay: number;
  /** When p95 reaches the smallest gap, if the runs go on growing as they do; null: they do not, it has, or not within a year. */
  readonly crossesAtMs: number | null;
}

/** Below this share of the gap nobody needs to look. */
export const WATCHED_RATIO = 0.5;
const NEAR_RATIO = 0.8;
const NEAR_MS = 14 * DAY_MS;
const FAR_MS = 365 * DAY_MS;

/** `undefined` when the runs are short against the gaps and do not become longer. */
export function overlapRisk(
  gaps: ScheduleGaps,
  lengths: RunLengths,
  trend: DurationTrend | undefined,
  nowMs: number,
): OverlapRisk | undefined {
  const ratio = lengths.p95Ms / gaps.smallestMs;
  const crossesAtMs = ratio >= 1 ? null : crossing(gaps.smallestMs, trend, nowMs);
  const severity = severityOf(ratio, crossesAtMs === null ? Infinity : crossesAtMs - nowMs);
  if (severity === undefined) return undefined;
  let overlapsPerDay = 0;
  for (const [gapMs, perDay] of gaps.perDay) overlapsPerDay += perDay * lengths.shareAbove(gapMs);
  return { severity, ratio, overlapsPerDay, crossesAtMs };
}

/** Worst first. */
export function compareRisks(a: OverlapRisk, b: OverlapRisk): number {
  return OVERLAP_SEVERITIES.indexOf(a.severity) - OVERLAP_SEVERITIES.indexOf(b.severity) || b.ratio - a.ratio;
}

/** What becomes of an occurrence that is due while the one before still runs. */
export function overlapConsequence(policy: OverlapPolicy): string {
  switch (policy) {
    case 'skip':
      return 'The next run is skipped.';
    case 'buffer-one':
      return 'The next run waits until this one ends; those after it are skipped.';
    case 'buffer-all':
      return 'The next runs wait in line; the line grows for as long as runs outlast the gap.';
    case 'cancel-other':
      return 'The run is asked to stop, then the next one starts.';
    case 'terminate-other':
      return 'The run is ended at once, then the next one starts.';
    case 'allow':
      return 'Both run side by side and take a slot each.';
  }
}

function severityOf(ratio: number, untilCrossingMs: number): OverlapSeverity | undefined {
  if (ratio >= 1) return 'overlapping';
  if (ratio >= NEAR_RATIO || untilCrossingMs <= NEAR_MS) return 'near';
  if (ratio >= WATCHED_RATIO) return 'watch';
  return undefined;
}

/** The tail is taken to grow as the mean does. */
function crossing(smallestMs: number, trend: DurationTrend | undefined, nowMs: number): number | null {
  const { changePerDayMs = null, tail = null } = trend ?? {};
  if (trend === undefined || changePerDayMs === null || tail === null || changePerDayMs <= 0) return null;
  const fromNowMs = ((smallestMs / tail - trend.meanAtMs(nowMs)) / changePerDayMs) * DAY_MS;
  return fromNowMs > FAR_MS ? null : nowMs + Math.max(0, fromNowMs);
}
