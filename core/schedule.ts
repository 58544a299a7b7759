import { type CronExpression, occurrencesBetween, parseCron, SEARCH_MS } from './cron.ts';
import { cronWarnings } from './cron-warnings.ts';
import { DAY_MS, SECOND_MS } from './duration.ts';
import { type FieldError, type InvalidInputError } from './errors.ts';
import { skipExcluded } from './exclusion.ts';
import { type TaskSchedule } from './task.ts';
import { describeTimeZoneFault, isTimeZone } from './time-zone.ts';

export type CronSchedule = Extract<TaskSchedule, { kind: 'cron' }>;

/** Whether rows are written ahead of time for such a schedule; an immediate task gets its one row when it is created. */
export function isExpandable(schedule: TaskSchedule): boolean {
  return schedule.kind !== 'immediate';
}

/**
 * The instants in [fromMs, untilMs) at which a schedule falls: strictly increasing, at most `limit`, the earliest ones.
 * `startsAtMs` is inclusive and `endsAtMs` exclusive; exclusions are left out; `maxRuns` is for whoever knows how many there were before.
 * The schedule has passed `checkSchedule`.
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
    case 'interval': {
      const endMs = Math.min(untilMs, schedule.endsAtMs ?? untilMs);
      return skipExcluded(
        (atMs, count) => intervalInstants(schedule, atMs, endMs, count),
        schedule.exclusions,
        fromMs,
        limit,
      );
    }
    case 'cron': {
      const endMs = Math.min(untilMs, schedule.endsAtMs ?? untilMs);
      return skipExcluded(
        (atMs, count) => cronInstantsBetween(schedule, atMs, endMs, count),
        schedule.exclusions,
        Math.max(fromMs, schedule.startsAtMs ?? fromMs),
        limit,
      );
    }
  }
}

/** The next `count` instants after `afterMs`; fewer when the schedule ends before, or does not fire again within 41 years. */
export function nextInstants(schedule: TaskSchedule, afterMs: number, count: number): readonly number[] {
  const fromMs = Math.floor(afterMs) + 1;
  switch (schedule.kind) {
    case 'immediate':
    case 'once':
      return instantsBetween(schedule, fromMs, Infinity, count);
    case 'interval':
    case 'cron':
      return instantsBetween(schedule, fromMs, Math.max(fromMs, schedule.startsAtMs ?? fromMs) + SEARCH_MS, count);
  }
}

/** What makes two schedules the same, as JSON. Within one transaction a calendar's name stands for its rules, which may be thousands. */
export function comparableSchedule(schedule: TaskSchedule): unknown {
  if (!('exclusions' in schedule)) return schedule;
  return { ...schedule, exclusions: schedule.exclusions.map((set) => set.calendar ?? set) };
}

/** How many occurrences `maxRuns` still allows after so many; Infinity without such a limit. */
export function runsLeft(schedule: TaskSchedule, slotsDecided: number): number {
  if (schedule.kind === 'immediate' || schedule.kind === 'once') return Infinity;
  return schedule.maxRuns === null ? Infinity : Math.max(0, schedule.maxRuns - slotsDecided);
}

/** The instants of the cron lines alone: start, end and exclusions are not looked at. */
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

export interface ScheduleCheckOptions {
  /** For warnings that name the next date. */
  readonly nowMs?: number;
  /** How often a task may run on one day. */
  readonly maxRunsPerDay?: number;
}

/**
 * What is wrong with a schedule, by path in it, and what is legal but may surprise. Whether `once` is in the past is not asked.
 */
export function checkSchedule(
  schedule: TaskSchedule,
  { nowMs, maxRunsPerDay = Infinity }: ScheduleCheckOptions = {},
): {
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
} {
  switch (schedule.kind) {
    case 'immediate':
    case 'once':
      return { errors: [], warnings: [] };
    case 'interval':
      return {
        errors: [
          ...checkInterval(schedule.everyMs),
          ...checkTimeZone(schedule.timeZone),
          ...checkEnd(schedule),
          ...checkFrequency('everyMs', DAY_MS / schedule.everyMs, maxRunsPerDay),
        ],
        warnings: [],
      };
    case 'cron':
      return checkCron(schedule, nowMs, maxRunsPerDay);
  }
}

function checkCron(schedule: CronSchedule, nowMs: number | undefined, maxRunsPerDay: number) {
  const errors: FieldError[] = [];
  const warnings: string[] = [];
  let runsPerDay = 0;
  if (schedule.expressions.length === 0) errors.push({ path: 'expressions', message: 'expected at least one' });
  for (const [index, expression] of schedule.expressions.entries()) {
    try {
      const cron = parseCron(expression);
      warnings.push(...cronWarnings(cron, nowMs));
      runsPerDay += cron.seconds.length * cron.minutes.length * cron.hours.length;
    } catch (error) {
      const found = (error as InvalidInputError).errors; // the parser throws nothing else
      errors.push(...found.map(({ message }) => ({ path: `expressions.${index}`, message })));
    }
  }
  errors.push(...checkTimeZone(schedule.timeZone), ...checkFrequency('expressions', runsPerDay, maxRunsPerDay));
  return { errors: [...errors, ...checkEnd(schedule)], warnings: [...new Set(warnings)] };
}

function checkFrequency(path: string, runsPerDay: number, maxRunsPerDay: number): readonly FieldError[] {
  if (runsPerDay <= maxRunsPerDay) return [];
  return [{ path, message: `it runs ${Math.ceil(runsPerDay)} times a day; at most ${maxRunsPerDay} are allowed here` }];
}

function checkTimeZone(timeZone: string): readonly FieldError[] {
  if (isTimeZone(timeZone)) return [];
  return [{ path: 'timeZone', message: describeTimeZoneFault(timeZone) }];
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

/** Thousands of tasks share few expressions; a memory of pure results, emptied when it has grown large. */
const parsed = new Map<string, CronExpression>();
const MAX_PARSED = 20_000;

function parseAll(schedule: Pick<CronSchedule, 'expressions'>): readonly CronExpression[] {
  return schedule.expressions.map((expression) => {
    const known = parsed.get(expression);
    if (known !== undefined) return known;
    const cron = parseCron(expression);
    if (parsed.size >= MAX_PARSED) parsed.clear();
    parsed.set(expression, cron);
    return cron;
  });
}

function mergeInstants(lists: readonly (readonly number[])[], limit: number): readonly number[] {
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return only;
  return [...new Set(lists.flat())].sort((a, b) => a - b).slice(0, limit);
}
