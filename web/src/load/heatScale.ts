/** How a number of instances is coloured: level 0 is none, the last level is the peak. */
export interface HeatScale {
  readonly levels: number;
  /** The level of a value; of one above the top the last. */
  readonly levelOf: (value: number) => number;
  /** The values of each level from 1 on, for the legend. */
  readonly ranges: readonly { readonly level: number; readonly from: number; readonly to: number }[];
}

const MOST_LEVELS = 6;

/**
 * Six levels at most, one for each number when there are few. Each is as many times wider than the one before: one crowded minute must
 * not make all others look alike.
 */
export function heatScale(top: number): HeatScale {
  const levels = Math.min(MOST_LEVELS, Math.max(1, top));
  const bounds: number[] = [];
  for (let level = 1; level <= levels; level += 1) {
    bounds.push(Math.max((bounds.at(-1) ?? 0) + 1, Math.round(Math.max(1, top) ** (level / levels))));
  }
  const levelOf = (value: number): number => {
    if (value <= 0) return 0;
    const place = bounds.findIndex((bound) => value <= bound);
    return place === -1 ? levels : place + 1;
  };
  const ranges = bounds.map((to, index) => ({ level: index + 1, from: (bounds[index - 1] ?? 0) + 1, to }));
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
