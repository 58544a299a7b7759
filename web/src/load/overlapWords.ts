import type { OverlapItem } from '../api/shapes.ts';
import { formatDuration } from '../time/formatInstant.ts';

/** How a task's runs have changed over the week, in few words. */
export function trendWords({ trend }: Pick<OverlapItem, 'trend'>): string {
  if (trend === null) return '\u2013';
  if (trend.changePerDayMs === null) return 'steady';
  const size = formatDuration(Math.abs(trend.changePerDayMs));
  return `${trend.changePerDayMs > 0 ? '+' : '\u2212'}${size} a day`;
}

/** Whose runs the figures are of. */
export function basisWords({ basis, runs }: Pick<OverlapItem, 'basis' | 'runs'>): string {
  const count = runs.toLocaleString('en');
  if (basis === 'task') return `${count} runs of its own`;
  return basis === 'type' ? `${count} runs of its type` : 'declared, no runs yet';
}

/** `42 %`, `over 10 ×`. */
export function ratioWords(ratio: number): string {
  if (ratio < 1) return `${Math.floor(ratio * 100)} %`;
  return ratio >= 10 ? 'over 10 \u00d7' : `${ratio.toFixed(1)} \u00d7`;
}

/** `3.2`, `under 0.1`, `none`. */
export function perDayWords(overlapsPerDay: number): string {
  if (overlapsPerDay === 0) return 'none';
  if (overlapsPerDay < 0.1) return 'under 0.1';
  return overlapsPerDay >= 10 ? Math.round(overlapsPerDay).toLocaleString('en') : overlapsPerDay.toFixed(1);
}
