import { appendLocalMatches, type LocalTimes } from './cron-calendar.ts';
import { readCronFields } from './cron-fields.ts';
import { readCronValues } from './cron-values.ts';
import { DAY_MS } from './duration.ts';
import { type DstPolicy } from './task.ts';
import { offsetMs, type Transition, transitionsBetween } from './time-zone.ts';

/** A cron expression that passed the grammar of `cron-fields.ts`; what it matches is wall-clock time. */
export interface CronExpression extends LocalTimes {
  /** Single spaces, numbers for names, `@daily` written out, no field for second 0: equal texts mean equal schedules. */
  readonly text: string;
  /** The minute or the hour field starts with `*`: elapsed time counts, not what the clock on the wall says. */
  readonly stepped: boolean;
}

/**
 * Strict: what is empty, misspelt, out of range or can never fire is refused.
 * @throws InvalidInputError with empty paths; callers put their own before them.
 */
export function parseCron(expression: unknown): CronExpression {
  const fields = readCronFields(expression);
  const [second, minute, hour, dayOfMonth, month, dayOfWeek] = fields;
  const values = readCronValues(fields);
  return {
    text: [second, minute, hour, dayOfMonth, month, dayOfWeek]
      .slice(second.text === '0' ? 1 : 0)
      .map((field) => field.text)
      .join(' '),
    seconds: values.seconds,
    minutes: values.minutes,
    hours: values.hours,
    months: values.months,
    daysOfMonth: dayOfMonth.text === '*' ? null : { days: values.daysOfMonth, last: values.lastDayOfMonth },
    daysOfWeek:
      dayOfWeek.text === '*'
        ? null
        : {
            every: dayOfWeek.plain === '' ? [] : values.daysOfWeek,
            nth: dayOfWeek.nthWeekdays,
            last: dayOfWeek.lastWeekdays,
          },
    stepped: minute.text.startsWith('*') || hour.text.startsWith('*'),
  };
}

/**
 * The instants in [fromMs, untilMs) at which the expression fires in a time zone: strictly increasing, at most `limit`.
 *
 * What a change of the clocks does: a stepped expression matches whatever the clock shows, so nothing is added where the clock jumps
 * ahead and both passes of a repeated hour run. All others name fixed times. Times that the clock jumps over run once, together, at
 * the first instant after the jump (`gap: shift`) or not at all (`skip`); times that come twice run at the first, at the last or at
 * both passes (`repeat`). Whatever the policy, an instant is returned once.
 */
export function occurrencesBetween(
  cron: CronExpression,
  timeZone: string,
  dst: DstPolicy,
  fromMs: number,
  untilMs: number,
  limit: number,
): readonly number[] {
  const found: number[] = [];
  for (let startMs = fromMs; startMs < untilMs && found.length < limit; startMs += WINDOW_MS) {
    const endMs = Math.min(startMs + WINDOW_MS, untilMs);
    for (const span of spansBetween(timeZone, startMs, endMs))
      appendSpan(cron, dst, span, startMs, endMs, limit, found);
  }
  return found;
}

/** The next `count` instants after `afterMs`; fewer when there are no more within 41 years, so none only when it never fires again. */
export function nextOccurrences(
  cron: CronExpression,
  timeZone: string,
  dst: DstPolicy,
  afterMs: number,
  count: number,
): readonly number[] {
  const fromMs = Math.floor(afterMs) + 1;
  return occurrencesBetween(cron, timeZone, dst, fromMs, fromMs + SEARCH_MS, count);
}

/** Whether times that the clock jumps over at this transition run at its instant. */
export function isShiftedTo(cron: CronExpression, dst: DstPolicy, transition: Transition): boolean {
  if (cron.stepped || dst.gap === 'skip') return false;
  const { atMs, beforeOffsetMs, afterOffsetMs } = transition;
  const missed: number[] = []; // stays empty when the clock is set back
  appendLocalMatches(cron, atMs + beforeOffsetMs, atMs + afterOffsetMs, 0, 1, missed);
  return missed.length > 0;
}

/** Between two changes of the clocks local time is UTC plus a constant. */
interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offsetMs: number;
  readonly opening: Transition | undefined;
  readonly closing: Transition | undefined;
}

/** A search for a rare date asks for the clock changes of one window at a time, not for those of all years at once. */
const WINDOW_MS = 400 * DAY_MS;
/** How far a search for the next instant goes: a fifth Monday in February comes every 28 years, or after 40 across a year such as 2100. */
export const SEARCH_MS = 41 * 366 * DAY_MS;
/** Clock changes outside of a window still matter inside of it when local times repeat: at most a day of them does. */
const REACH_MS = 2 * DAY_MS;

function spansBetween(timeZone: string, fromMs: number, untilMs: number): readonly Span[] {
  const transitions = transitionsBetween(timeZone, fromMs - REACH_MS, untilMs + REACH_MS);
  const first = transitions[0];
  const spans: Span[] = [];
  let opening: Transition | undefined;
  let offset = first === undefined ? offsetMs(timeZone, fromMs) : first.beforeOffsetMs;
  for (const closing of transitions) {
    spans.push({ fromMs: opening?.atMs ?? -Infinity, untilMs: closing.atMs, offsetMs: offset, opening, closing });
    opening = closing;
    offset = closing.afterOffsetMs;
  }
  spans.push({ fromMs: opening?.atMs ?? -Infinity, untilMs: Infinity, offsetMs: offset, opening, closing: undefined });
  return spans;
}

function appendSpan(
  cron: CronExpression,
  dst: DstPolicy,
  span: Span,
  fromMs: number,
  untilMs: number,
  limit: number,
  found: number[],
): void {
  const { opening, closing } = span;
  let localFromMs = Math.max(span.fromMs, fromMs) + span.offsetMs;
  let localUntilMs = Math.min(span.untilMs, untilMs) + span.offsetMs;
  if (!cron.stepped) {
    // When the clock was set ahead instead, these two bounds lie outside of the span and change nothing.
    if (opening !== undefined && dst.repeat === 'first') {
      localFromMs = Math.max(localFromMs, opening.atMs + opening.beforeOffsetMs);
    }
    if (closing !== undefined && dst.repeat === 'last') {
      localUntilMs = Math.min(localUntilMs, closing.atMs + closing.afterOffsetMs);
    }
    const isHere = opening !== undefined && opening.atMs >= fromMs && opening.atMs < untilMs && found.length < limit;
    if (isHere && isShiftedTo(cron, dst, opening)) {
      found.push(opening.atMs);
      localFromMs += 1; // a match at the very instant is the same run
    }
  }
  appendLocalMatches(cron, localFromMs, localUntilMs, span.offsetMs, limit, found);
}
