/** How a number of instances is coloured: level 0 is none, the last level is the peak. */
export interface HeatScale {
  readonly levels: number;
  /** The level of a value; of one above the top the last. */
  readonly levelOf: (value: number) => number;
  /** The values of each level from 1 on, for the legend. */
  readonly ranges: readonly { readonly level: number; readonly from: number; readonly to: number }[];
}

const MOST_LEVELS = 6;

/** Levels of equal width up to `top`, six at most; one for each number when there are few. */
export function heatScale(top: number): HeatScale {
  const levels = Math.min(MOST_LEVELS, Math.max(1, top));
  const width = Math.max(1, top) / levels;
  const levelOf = (value: number): number => (value <= 0 ? 0 : Math.min(levels, Math.ceil(value / width)));
  const ranges = Array.from({ length: levels }, (_, index) => ({
    level: index + 1,
    from: Math.floor(index * width) + 1,
    to: Math.floor((index + 1) * width),
  }));
  return { levels, levelOf, ranges };
}

/** One hue from the paper to the full colour, so that it is read by its brightness alone, by day and by night. */
export function heatColor(level: number, levels: number): string {
  if (level === 0) return 'color-mix(in oklab, var(--al-palette-text-primary) 6%, var(--al-palette-background-paper))';
  const share = Math.round(22 + (78 * (level - 1)) / Math.max(1, levels - 1));
  return `color-mix(in oklab, var(--al-palette-chart-required) ${levels === 1 ? 80 : share}%, var(--al-palette-background-paper))`;
}

/** For what nobody knows. */
export const UNKNOWN_FILL =
  'repeating-linear-gradient(135deg, transparent 0 3px, color-mix(in oklab, var(--al-palette-text-secondary) 30%, transparent) 3px 4px)';
