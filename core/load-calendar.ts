import { MINUTE_MS, SECOND_MS } from './duration.ts';
import { instancesForWork } from './forecast.ts';

/** Some minutes in a row, by their places in a list of minutes. */
export interface MinuteWindow {
  readonly first: number;
  readonly minutes: number;
  /** The greatest value of its minutes, and their mean. */
  readonly most: number;
  readonly mean: number;
}

const MINUTE_SECONDS = MINUTE_MS / SECOND_MS;

/** Instances needed in each whole minute of a work curve: the greatest value of its seconds, because peaks matter. */
export function instancesPerMinute(work: Float64Array, slotsPerReplica: number): number[] {
  return Array.from({ length: Math.floor(work.length / MINUTE_SECONDS) }, (_, minute) => {
    let most = 0;
    for (let second = minute * MINUTE_SECONDS; second < (minute + 1) * MINUTE_SECONDS; second += 1) {
      most = Math.max(most, Number(work[second]));
    }
    return instancesForWork(most, slotsPerReplica);
  });
}

/**
 * The windows of `size` minutes that need least and most, at most `count` of each, best first, none over another of its list. Quiet is a
 * window whose greatest minute is low, then whose mean is; busy is one whose mean is high, then whose greatest minute is. Of equal ones
 * the earliest. Windows with a minute that nobody knows (null) are left out.
 */
export function namedWindows(
  values: readonly (number | null)[],
  size: number,
  count: number,
): { readonly quietest: readonly MinuteWindow[]; readonly busiest: readonly MinuteWindow[] } {
  const windows = allWindows(values, size);
  const quiet = [...windows].sort((a, b) => a.most - b.most || a.mean - b.mean || a.first - b.first);
  const busy = windows
    .filter(({ most }) => most > 0)
    .sort((a, b) => b.mean - a.mean || b.most - a.most || a.first - b.first);
  return { quietest: apart(quiet, count), busiest: apart(busy, count) };
}

function allWindows(values: readonly (number | null)[], size: number): MinuteWindow[] {
  const windows: MinuteWindow[] = [];
  const falling: number[] = []; // places of values that may still become the greatest, greatest first
  let [sum, known] = [0, 0];
  for (const [place, value] of values.entries()) {
    if (value === null) {
      falling.length = 0;
      [sum, known] = [0, 0];
      continue;
    }
    while (falling.length > 0 && Number(values[Number(falling.at(-1))]) <= value) falling.pop();
    falling.push(place);
    sum += value;
    known += 1;
    const first = place - size + 1;
    if (known > size) sum -= Number(values[first - 1]);
    if (Number(falling[0]) < first) falling.shift();
    if (known >= size)
      windows.push({ first, minutes: size, most: Number(values[Number(falling[0])]), mean: sum / size });
  }
  return windows;
}

function apart(windows: readonly MinuteWindow[], count: number): MinuteWindow[] {
  const chosen: MinuteWindow[] = [];
  for (const window of windows) {
    if (chosen.length === count) break;
    if (chosen.every(({ first, minutes }) => Math.abs(window.first - first) >= minutes)) chosen.push(window);
  }
  return chosen;
}
