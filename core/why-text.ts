import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, startOfUtcDayMs } from './duration.ts';
import type { Exclusion } from './exclusion.ts';
import { formatLocalTime, offsetMs } from './time-zone.ts';

/** An instant on the clock of a zone, as in `Sun 2026-03-29 03:00:00 +02:00 (Europe/Rome)`, or `Sun 2026-03-29 01:00:00 UTC`. */
export function describeInstant(timeZone: string, atMs: number): string {
  const local = `${WEEKDAYS[weekdayOf(timeZone, atMs)]} ${formatLocalTime(timeZone, atMs)}`;
  return timeZone === 'UTC' ? local.replace('+00:00', 'UTC') : `${local} (${timeZone})`;
}

/** A local time, written as if it were UTC: its time of day, with its date when that is not the one of `besideMs`. */
export function describeLocalTime(localMs: number, besideMs: number): string {
  const text = new Date(localMs).toISOString();
  const time = text.slice(11, text.slice(17, 19) === '00' ? 16 : 19);
  return startOfUtcDayMs(localMs) === startOfUtcDayMs(besideMs) ? time : `${text.slice(0, 10)} ${time}`;
}

/** A length of time in its two largest units, as in `1 h 30 min`; what is short is told to the millisecond. */
export function describeLength(lengthMs: number): string {
  const parts: string[] = [];
  let restMs = Math.round(lengthMs);
  for (const { name, sizeMs } of UNITS) {
    const count = Math.floor(restMs / sizeMs);
    restMs %= sizeMs;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.slice(0, 2).join(' ') || '0 ms';
}

/** What excludes an instant, and until when. */
export function describeExclusion({ calendar, label, rule, untilMs }: Exclusion, timeZone: string): string {
  const what = calendar === null ? 'A blackout window of the task' : `The calendar ${calendar}`;
  const named = label === null ? '' : `, ${label},`;
  return `${what} excludes it: ${describeRule(rule)}${named} until ${describeInstant(timeZone, untilMs)}.`;
}

/** "the latest" for "The latest": the beginning of a sentence that is put after a colon. */
export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const UNITS = [
  { name: 'd', sizeMs: DAY_MS },
  { name: 'h', sizeMs: HOUR_MS },
  { name: 'min', sizeMs: MINUTE_MS },
  { name: 's', sizeMs: SECOND_MS },
  { name: 'ms', sizeMs: 1 },
];

function weekdayOf(timeZone: string, atMs: number): number {
  return new Date(atMs + offsetMs(timeZone, atMs)).getUTCDay();
}

function describeRule(rule: Exclusion['rule']): string {
  switch (rule.kind) {
    case 'date':
      return rule.date;
    case 'range':
      return `from ${describeInstant('UTC', rule.fromMs)}`;
    case 'weekly': {
      const days = rule.weekdays.length === 7 ? 'every day' : rule.weekdays.map((day) => WEEKDAYS[day]).join(', ');
      return `${days} from ${timeOfDay(rule.fromMinute)} to ${timeOfDay(rule.untilMinute)}`;
    }
  }
}

function timeOfDay(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
