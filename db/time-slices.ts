import { DAY_MS } from '../core/duration.ts';

/** A part of a time range, [fromMs, untilMs); infinities at its ends are allowed. */
export interface TimeSlice {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Cuts a range into slices that grow, first the end that a list begins at. A list that finds its page in the first slices never reads
 * the day partitions behind the others, and an almost empty range still takes few statements. `nowMs` is where rows are dense.
 */
export function* timeSlices(
  range: TimeSlice,
  descending: boolean,
  nowMs: number,
  firstMs = DAY_MS,
): Generator<TimeSlice> {
  let widthMs = firstMs;
  if (descending) {
    let untilMs = range.untilMs;
    while (untilMs > range.fromMs) {
      const fromMs = Math.max(range.fromMs, Math.min(untilMs, nowMs + widthMs) - widthMs);
      yield { fromMs, untilMs };
      untilMs = fromMs;
      widthMs *= 2;
    }
    return;
  }
  let fromMs = range.fromMs;
  while (fromMs < range.untilMs) {
    // Beyond now there are few rows, and none that is far: the last slice takes them all.
    const untilMs = fromMs > nowMs ? range.untilMs : Math.min(range.untilMs, fromMs + widthMs);
    yield { fromMs, untilMs };
    fromMs = untilMs;
    widthMs *= 2;
  }
}

/** Fills a page from slice after slice. */
export async function fillPage<T>(
  slices: Iterable<TimeSlice>,
  limit: number,
  read: (slice: TimeSlice, limit: number) => Promise<readonly T[]>,
): Promise<T[]> {
  const found: T[] = [];
  for (const slice of slices) {
    found.push(...(await read(slice, limit - found.length)));
    if (found.length >= limit) break;
  }
  return found;
}
