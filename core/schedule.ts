import { type CronExpression, nextOccurrences, occurrencesBetween, parseCron } from './cron.ts';
import { cronWarnings } from './cron-warnings.ts';
import { SECOND_MS } from './duration.ts';
import { type FieldError, type InvalidInputError } from './errors.ts';
import { type TaskSchedule } from './task.ts';
import { isTimeZone } from './time-zone.ts';

export type CronSchedule = Extract<TaskSchedule, { kind: 'cron' }>;

/** Whether rows are written ahead of time for such a schedule; an immediate task gets its one row when it is created. */
export function isExpandable(schedule: TaskSchedule): boolean {
  return schedule.kind !== 'immediate';
}

/**
 * The instants in [fromMs, untilMs) at which a schedule falls: strictly increasing, at most `limit`, the earliest ones.
 * `startsAtMs` is inclusive and `endsAtMs` exclusive. The schedule has passed `checkSchedule`.
 */
export function instantsBetween(
  schedule: TaskSchedule,
  fromMs: number,
  untilMs: number,
  limit: number,
): readonly number[] {
  switch (schedule.kind) {
    case 'immediate':
      return [];
    case 'once':
      return limit > 0 && schedule.atMs >= fromMs && schedule.atMs < untilMs ? [schedule.atMs] : [];
    case 'interval':
      return intervalInstants(schedule, fromMs, Math.min(untilMs, schedule.endsAtMs ?? untilMs), limit);
    case 'cron':
      return cronInstantsBetween(
        schedule,
        Math.max(fromMs, schedule.startsAtMs ?? fromMs),
        Math.min(untilMs, schedule.endsAtMs ?? untilMs),
        limit,
      );
  }
}

/** The next `count` instants after `afterMs`; fewer when the schedule ends before, or does not fire again within 41 years. */
export function nextInstants(schedule: TaskSchedule, afterMs: number, count: number): readonly number[] {
  if (schedule.kind !== 'cron') return instantsBetween(schedule, Math.floor(afterMs) + 1, Infinity, count);
  const { timeZone, dst, startsAtMs, endsAtMs } = schedule;
  const fromMs = Math.max(afterMs, (startsAtMs ?? afterMs) - 1);
  const instants = mergeInstants(
    parseAll(schedule).map((cron) => nextOccurrences(cron, timeZone, dst, fromMs, count)),
    count,
  );
  return endsAtMs === null ? instants : instants.filter((atMs) => atMs < endsAtMs);
}

/** The part of the work that schedules with equal `cronKey`s share: `startsAtMs` and `endsAtMs` are not looked at. */
export function cronInstantsBetween(
  schedule: Pick<CronSchedule, 'expressions' | 'timeZone' | 'dst'>,
  fromMs: number,
  untilMs: number,
  limit: number,
): readonly number[] {
  const { timeZone, dst } = schedule;
  return mergeInstants(
    parseAll(schedule).map((cron) => occurrencesBetween(cron, timeZone, dst, fromMs, untilMs, limit)),
    limit,
  );
}

/** Equal for schedules whose instants are the same but for their start and end: spelling and order of the expressions do not matter. */
export function cronKey(schedule: Pick<CronSchedule, 'expressions' | 'timeZone' | 'dst'>): string {
  const texts = parseAll(schedule).map((cron) => cron.text);
  const { timeZone, dst } = schedule;
  return [timeZone, dst.gap, dst.repeat, ...[...new Set(texts)].sort()].join('|');
}

/** What is wrong with a schedule, by path in it, and what is legal but may surprise. Whether `once` is in the past is not asked. */
export function checkSchedule(schedule: TaskSchedule): {
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
} {
  switch (schedule.kind) {
    case 'immediate':
    case 'once':
      return { errors: [], warnings: [] };
    case 'interval':
      return { errors: [...checkInterval(schedule.everyMs), ...checkEnd(schedule)], warnings: [] };
    case 'cron':
      return checkCron(schedule);
  }
}

function checkCron(schedule: CronSchedule) {
  const errors: FieldError[] = [];
  const warnings: string[] = [];
  if (schedule.expressions.length === 0) errors.push({ path: 'expressions', message: 'expected at least one' });
  for (const [index, expression] of schedule.expressions.entries()) {
    try {
      warnings.push(...cronWarnings(parseCron(expression)));
    } catch (error) {
      const found = (error as InvalidInputError).errors; // the parser throws nothing else
      errors.push(...found.map(({ message }) => ({ path: `expressions.${index}`, message })));
    }
  }
  if (!isTimeZone(schedule.timeZone)) {
    errors.push({
      path: 'timeZone',
      message: 'expected UTC or an IANA time zone in its exact spelling, such as Europe/Rome',
    });
  }
  return { errors: [...errors, ...checkEnd(schedule)], warnings: [...new Set(warnings)] };
}

function checkInterval(everyMs: number): readonly FieldError[] {
  if (Number.isSafeInteger(everyMs) && everyMs >= SECOND_MS) return [];
  return [{ path: 'everyMs', message: `expected a whole number of milliseconds, ${SECOND_MS} or more` }];
}

function checkEnd(range: {
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
}): readonly FieldError[] {
  if (range.startsAtMs === null || range.endsAtMs === null || range.endsAtMs > range.startsAtMs) return [];
  return [{ path: 'endsAt', message: 'expected an instant after the start' }];
}

function intervalInstants(
  schedule: { readonly everyMs: number; readonly startsAtMs: number },
  fromMs: number,
  untilMs: number,
  limit: number,
): readonly number[] {
  const { everyMs, startsAtMs } = schedule;
  const instants: number[] = [];
  const firstTurn = Math.max(0, Math.ceil((fromMs - startsAtMs) / everyMs));
  for (let atMs = startsAtMs + firstTurn * everyMs; atMs < untilMs && instants.length < limit; atMs += everyMs) {
    instants.push(atMs);
  }
  return instants;
}

function parseAll(schedule: Pick<CronSchedule, 'expressions'>): readonly CronExpression[] {
  return schedule.expressions.map((expression) => parseCron(expression));
}

function mergeInstants(lists: readonly (readonly number[])[], limit: number): readonly number[] {
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return only;
  return [...new Set(lists.flat())].sort((a, b) => a - b).slice(0, limit);
}
