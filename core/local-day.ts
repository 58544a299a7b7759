import { DAY_MS } from './duration.ts';
import { instantsOfLocalTime } from './local-time.ts';
import { offsetMs, transitionsBetween } from './time-zone.ts';

/** A day of a wall clock: 23, 24 or 25 hours, as a rule. Instants in epoch ms. */
export interface LocalDay {
  /** YYYY-MM-DD */
  readonly date: string;
  readonly fromMs: number;
  /** Exclusive. */
  readonly untilMs: number;
}

/** The day of the zone that contains an instant, and those after it: `count` days without a gap. */
export function localDays(timeZone: string, atMs: number, count: number): readonly LocalDay[] {
  const localMs = atMs + offsetMs(timeZone, atMs);
  const firstMs = Math.floor(localMs / DAY_MS) * DAY_MS;
  return Array.from({ length: count }, (_, index) => {
    const dayMs = firstMs + index * DAY_MS;
    return {
      date: new Date(dayMs).toISOString().slice(0, 10),
      fromMs: startOfLocalDayMs(timeZone, dayMs),
      untilMs: startOfLocalDayMs(timeZone, dayMs + DAY_MS),
    };
  });
}

/** When a date begins, given as if it were UTC: at midnight, or where the clock jumps over midnight right after that. */
function startOfLocalDayMs(timeZone: string, dayMs: number): number {
  const [midnightMs] = instantsOfLocalTime(timeZone, dayMs);
  if (midnightMs !== undefined) return midnightMs;
  const jump = transitionsBetween(timeZone, dayMs - 2 * DAY_MS, dayMs + 2 * DAY_MS).find(
    ({ atMs, beforeOffsetMs, afterOffsetMs }) => atMs + beforeOffsetMs <= dayMs && atMs + afterOffsetMs > dayMs,
  );
  return Number(jump?.atMs);
}
