import type { ChartColor } from '../theme.ts';

export const SERIES = ['required', 'planned', 'actual', 'busy', 'limit', 'band', 'late'] as const;
export type SeriesName = (typeof SERIES)[number];

interface SeriesLook {
  readonly text: string;
  readonly color: ChartColor;
  readonly width: number;
  readonly opacity: number;
  /** A `stroke-dasharray`; empty for a solid line. Lines of like brightness differ in dash and width. */
  readonly dash: string;
}

export const SERIES_LOOKS: Readonly<Record<SeriesName, SeriesLook>> = {
  required: { text: 'Required', color: 'required', width: 2, opacity: 1, dash: '6 3' },
  planned: { text: 'Planned', color: 'planned', width: 4, opacity: 0.65, dash: '' },
  actual: { text: 'Ready', color: 'actual', width: 2.5, opacity: 1, dash: '' },
  busy: { text: 'Busy', color: 'actual', width: 10, opacity: 0.3, dash: '' },
  limit: { text: 'Limit', color: 'limit', width: 1.5, opacity: 1, dash: '1.5 3' },
  band: { text: 'Likely range', color: 'required', width: 10, opacity: 0.3, dash: '' },
  late: { text: 'Late starts', color: 'short', width: 5, opacity: 1, dash: '3 1.5' },
};

/** The colour follows the scheme by itself: it is a variable of the style sheet. */
export function chartColor(color: ChartColor): string {
  return `var(--al-palette-chart-${color})`;
}
