import { type NthWeekday } from './cron-fields.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, startOfUtcDayMs } from './duration.ts';

/** Which wall-clock times match. When both day fields are set, a day matches by either of them. */
export interface LocalTimes {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  /** Null when the field is not set. */
  readonly daysOfMonth: { readonly days: readonly number[]; readonly last: boolean } | null;
  /** Null when the field is not set. Sunday is 0. */
  readonly daysOfWeek: {
    readonly every: readonly number[];
    readonly nth: readonly NthWeekday[];
    readonly last: readonly number[];
  } | null;
}

/**
 * Appends the matching wall-clock times in [fromLocalMs, untilLocalMs), in order, until `found` holds `limit`.
 * Local times are written as if they were UTC: ms since 1970-01-01 00:00 on the wall. What is appended is local time less `offsetMs`.
 */
export function appendLocalMatches(
  times: LocalTimes,
  fromLocalMs: number,
  untilLocalMs: number,
  offsetMs: number,
  limit: number,
  found: number[],
): void {
  for (let dayMs = startOfUtcDayMs(fromLocalMs); dayMs < untilLocalMs && found.length < limit;) {
    const date = new Date(dayMs);
    if (!times.months.includes(date.getUTCMonth() + 1)) {
      dayMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
      continue;
    }
    if (isDayMatch(times, date)) appendTimesOfDay(times, dayMs, fromLocalMs, untilLocalMs, offsetMs, limit, found);
    dayMs += DAY_MS;
  }
}

function isDayMatch(times: LocalTimes, date: Date): boolean {
  const { daysOfMonth, daysOfWeek } = times;
  if (daysOfMonth === null && daysOfWeek === null) return true;
  const day = date.getUTCDate();
  const daysLeft = daysInMonth(date) - day;
  if (daysOfMonth !== null && (daysOfMonth.days.includes(day) || (daysOfMonth.last && daysLeft === 0))) return true;
  if (daysOfWeek === null) return false;
  const weekday = date.getUTCDay();
  return (
    daysOfWeek.every.includes(weekday) ||
    daysOfWeek.nth.some((rule) => rule.weekday === weekday && rule.nth === Math.ceil(day / 7)) ||
    (daysLeft < 7 && daysOfWeek.last.includes(weekday))
  );
}

function appendTimesOfDay(
  times: LocalTimes,
  dayMs: number,
  fromLocalMs: number,
  untilLocalMs: number,
  offsetMs: number,
  limit: number,
  found: number[],
): void {
  for (const hour of times.hours) {
    const hourMs = dayMs + hour * HOUR_MS;
    if (hourMs >= untilLocalMs) return;
    if (hourMs + HOUR_MS <= fromLocalMs) continue;
    for (const minute of times.minutes) {
      const minuteMs = hourMs + minute * MINUTE_MS;
      if (minuteMs + MINUTE_MS <= fromLocalMs) continue;
      for (const second of times.seconds) {
        const atMs = minuteMs + second * SECOND_MS;
        if (atMs < fromLocalMs) continue;
        if (atMs >= untilLocalMs || found.length >= limit) return;
        found.push(atMs - offsetMs);
      }
    }
  }
}

function daysInMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}
