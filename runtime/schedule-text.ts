import { toString as describeFields } from 'cronstrue';

import { parseCron } from '../core/cron.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import { type RecurrenceLimits, type TaskSchedule } from '../core/task.ts';
import { formatLocalTime } from '../core/time-zone.ts';

/** A schedule in words for people, in English with 24-hour times. @throws InvalidInputError for a cron expression that is not valid. */
export function describeSchedule(schedule: TaskSchedule): string {
  switch (schedule.kind) {
    case 'immediate':
      return 'Once, immediately';
    case 'once':
      return `Once, at ${describeInstant(schedule.atMs)}`;
    case 'interval':
      return `Every ${describeDuration(schedule.everyMs)}, from ${describeInstant(schedule.startsAtMs)}${limits(schedule)}`;
    case 'cron':
      return `${describeCron(schedule.expressions, schedule.timeZone)}${from(schedule)}${limits(schedule)}`;
  }
}

/** Cron expressions in words with the time zone named, as in `At 09:00, Monday through Friday (Europe/Rome)`. */
export function describeCron(expressions: readonly string[], timeZone: string): string {
  return `${expressions.map(describeExpression).join('; ')} (${timeZone})`;
}

function describeExpression(expression: string): string {
  const cron = parseCron(expression);
  const words = describeFields(cron.text, { use24HourTimeFormat: true });
  const bothDays = cron.daysOfMonth !== null && cron.daysOfWeek !== null;
  return bothDays ? `${words} (runs when either day matches)` : words;
}

const UNITS = [
  { name: 'day', sizeMs: DAY_MS },
  { name: 'hour', sizeMs: HOUR_MS },
  { name: 'minute', sizeMs: MINUTE_MS },
  { name: 'second', sizeMs: SECOND_MS },
  { name: 'millisecond', sizeMs: 1 },
] as const;

/** "1 hour 30 minutes", and "day" where English says "every day". */
function describeDuration(durationMs: number): string {
  let restMs = durationMs;
  const parts = UNITS.flatMap(({ name, sizeMs }) => {
    const count = Math.floor(restMs / sizeMs);
    restMs %= sizeMs;
    return count === 0 ? [] : [{ count, text: `${count} ${name}${count === 1 ? '' : 's'}`, name }];
  });
  const [first] = parts;
  if (first !== undefined && parts.length === 1 && first.count === 1) return first.name;
  return parts.map((part) => part.text).join(' ');
}

function describeInstant(atMs: number): string {
  return formatLocalTime('UTC', atMs).replace('+00:00', 'UTC');
}

function from(range: { readonly startsAtMs: number | null }): string {
  return range.startsAtMs === null ? '' : `, from ${describeInstant(range.startsAtMs)}`;
}

function limits({ endsAtMs, maxRuns, exclusions }: RecurrenceLimits): string {
  const until = endsAtMs === null ? '' : `, until ${describeInstant(endsAtMs)}`;
  const most = maxRuns === null ? '' : `, at most ${maxRuns === 1 ? 'once' : `${maxRuns} times`}`;
  const outside = exclusions.map(({ calendar }) =>
    calendar === null ? 'its blackout windows' : `the calendar ${calendar}`,
  );
  return `${until}${most}${outside.length === 0 ? '' : `, outside of ${joinWords(outside)}`}`;
}

/** "a, b and c" */
function joinWords(words: readonly string[]): string {
  const [last, ...others] = words.toReversed();
  return others.length === 0 ? String(last) : `${others.reverse().join(', ')} and ${String(last)}`;
}
