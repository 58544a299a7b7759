import { DAY_MS, startOfUtcDayMs } from '../core/duration.ts';
import { icalError, type IcalProperty } from './ical-content.ts';

/** A recurrence rule (RFC 5545, 3.3.10) that names days; its time of day is that of the start. */
export interface IcalRule {
  readonly line: number;
  readonly frequency: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  readonly interval: number;
  /** Infinity: without end. */
  readonly count: number;
  /** As it stands there; null: there is none. */
  readonly until: string | null;
  readonly months: readonly number[];
  readonly monthDays: readonly number[];
  readonly yearDays: readonly number[];
  readonly weeks: readonly number[];
  /** Sunday is 0; `nth` of the month or year, from its end when negative, 0: each. */
  readonly weekdays: readonly { readonly nth: number; readonly weekday: number }[];
  readonly positions: readonly number[];
  readonly weekStart: number;
}

/** How many days may be looked at for all events of one file. */
export class DayBudget {
  private left = 500_000;

  spend(days: number, line: number): void {
    this.left -= days;
    if (this.left < 0) throw icalError(line, 'the events of the file repeat too often, or for too long, to be read');
  }
}

/** Whether it comes back within a day. */
export function isSubDaily({ value }: IcalProperty): boolean {
  return /(?:^|;)(?:FREQ=(?:SECONDLY|MINUTELY|HOURLY)|BYHOUR=|BYMINUTE=|BYSECOND=)/i.test(value);
}

/** @throws InvalidInputError that names the line. */
export function parseRule({ value, line }: IcalProperty): IcalRule {
  const parts = new Map(
    value
      .trim()
      .toUpperCase()
      .split(';')
      .filter((part) => part !== '')
      .map((part): [string, string] => [part.split('=', 1)[0] ?? '', part.slice(part.indexOf('=') + 1)]),
  );
  const wrong = (name: string, expected: string) =>
    icalError(line, `RRULE: ${name}=${(parts.get(name) ?? '').slice(0, 40)}: expected ${expected}`);
  const numbers = (name: string, max: number): number[] => {
    const found = parts.get(name)?.split(',').map(Number) ?? [];
    if (found.some((number) => !Number.isInteger(number) || number === 0 || Math.abs(number) > max)) {
      throw wrong(name, `numbers from 1 to ${max}`);
    }
    return found;
  };
  const positive = (name: string, otherwise: number): number => {
    const [number = otherwise] = numbers(name, 1_000_000);
    if (number < 1) throw wrong(name, 'a number from 1 on');
    return number;
  };
  const unknown = [...parts.keys()].find((name) => !PARTS.has(name) && !name.startsWith('X-'));
  if (unknown !== undefined) throw icalError(line, `RRULE: there is no part ${unknown.slice(0, 40)}`);
  const frequency = FREQUENCIES.find((name) => name === parts.get('FREQ'));
  if (frequency === undefined) throw wrong('FREQ', `one of ${FREQUENCIES.join(', ')}`);
  const weekdays = parts.get('BYDAY')?.split(',').map(toWeekday) ?? [];
  const [weekStart] = [toWeekday(parts.get('WKST') ?? 'MO')];
  if (weekdays.some((day) => day === undefined) || weekStart === undefined) {
    throw wrong(weekStart === undefined ? 'WKST' : 'BYDAY', 'weekdays, such as MO or -1FR');
  }
  return {
    line,
    frequency,
    interval: positive('INTERVAL', 1),
    count: positive('COUNT', Infinity),
    until: parts.get('UNTIL') ?? null,
    months: numbers('BYMONTH', 12),
    monthDays: numbers('BYMONTHDAY', 31),
    yearDays: numbers('BYYEARDAY', 366),
    weeks: numbers('BYWEEKNO', 53),
    weekdays: weekdays.filter((day) => day !== undefined),
    positions: numbers('BYSETPOS', 366),
    weekStart: weekStart.weekday,
  };
}

/**
 * The local times, in order, at which a rule holds from `startMs` on, in [fromMs, untilMs). All are epoch ms as if the wall clock were UTC.
 */
export function* repetitions(
  rule: IcalRule,
  startMs: number,
  fromMs: number,
  untilMs: number,
  budget: DayBudget,
): Generator<number> {
  const holds = dayTest(rule, startMs);
  const timeMs = startMs - startOfUtcDayMs(startMs);
  let count = 0;
  for (let turn = rule.count === Infinity ? firstTurn(rule, startMs, fromMs) : 0; ; turn += 1) {
    const [firstMs, lastMs] = periodOf(rule, startMs, turn);
    if (!(firstMs < untilMs)) return;
    const found: number[] = [];
    for (const [monthMs, endMs] of relevantParts(rule, startMs, firstMs, lastMs)) {
      budget.spend(1 + (endMs - monthMs) / DAY_MS, rule.line);
      for (let dayMs = monthMs; dayMs < endMs; dayMs += DAY_MS) if (holds(dayMs)) found.push(dayMs);
    }
    for (const dayMs of atPositions(found, rule.positions)) {
      const atMs = dayMs + timeMs;
      if (atMs < startMs) continue;
      if (atMs >= untilMs) return;
      if (atMs >= fromMs) yield atMs;
      count += 1;
      if (count === rule.count) return;
    }
    budget.spend(1, rule.line);
  }
}

const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const PARTS = new Set('FREQ UNTIL COUNT INTERVAL BYMONTH BYMONTHDAY BYYEARDAY BYWEEKNO BYDAY BYSETPOS WKST'.split(' '));

function toWeekday(text: string): { nth: number; weekday: number } | undefined {
  const match = /^([+-]?\d{1,2})?(SU|MO|TU|WE|TH|FR|SA)$/.exec(text);
  return match === null ? undefined : { nth: Number(match[1] ?? 0), weekday: WEEKDAYS.indexOf(String(match[2])) };
}

/** A rule without a count need not be followed from its start. */
function firstTurn({ frequency, interval }: IcalRule, startMs: number, fromMs: number): number {
  const days = { DAILY: 1, WEEKLY: 7, MONTHLY: 31, YEARLY: 366 }[frequency];
  return Math.max(0, Math.floor((fromMs - startMs) / (days * interval * DAY_MS)) - 1);
}

function periodOf({ frequency, interval, weekStart }: IcalRule, startMs: number, turn: number): [number, number] {
  const dayMs = startOfUtcDayMs(startMs);
  const start = new Date(dayMs);
  const [year, month, step] = [start.getUTCFullYear(), start.getUTCMonth(), turn * interval];
  switch (frequency) {
    case 'DAILY':
      return [dayMs + step * DAY_MS, dayMs + (step + 1) * DAY_MS];
    case 'WEEKLY': {
      const weekMs = startOfWeek(dayMs, weekStart) + step * 7 * DAY_MS;
      return [weekMs, weekMs + 7 * DAY_MS];
    }
    case 'MONTHLY':
      return [Date.UTC(year, month + step), Date.UTC(year, month + step + 1)];
    case 'YEARLY':
      return [Date.UTC(year + step, 0), Date.UTC(year + step + 1, 0)];
  }
}

/** A year of which only some months are asked for is not looked through. */
function relevantParts(rule: IcalRule, startMs: number, firstMs: number, lastMs: number): [number, number][] {
  const months = monthsOf(rule, startMs);
  if (rule.frequency !== 'YEARLY' || months.length === 0) return [[firstMs, lastMs]];
  const year = new Date(firstMs).getUTCFullYear();
  return [...new Set(months)].sort((a, b) => a - b).map((month) => [Date.UTC(year, month - 1), Date.UTC(year, month)]);
}

/** What a rule leaves out is as in the start. */
function monthsOf(rule: IcalRule, startMs: number): readonly number[] {
  const { frequency, months, monthDays, yearDays, weeks, weekdays } = rule;
  const isPlain = monthDays.length + yearDays.length + weeks.length + weekdays.length === 0;
  if (frequency !== 'YEARLY' || months.length > 0 || !isPlain) return months;
  return [new Date(startMs).getUTCMonth() + 1];
}

function dayTest(rule: IcalRule, startMs: number): (dayMs: number) => boolean {
  const { frequency, yearDays, weeks, weekStart } = rule;
  const start = new Date(startMs);
  const months = new Set(monthsOf(rule, startMs));
  const needsDay = rule.monthDays.length + yearDays.length + rule.weekdays.length === 0;
  const takesWeekday = needsDay && (frequency === 'WEEKLY' || (frequency === 'YEARLY' && weeks.length > 0));
  const takesDate = needsDay && !takesWeekday && (frequency === 'MONTHLY' || frequency === 'YEARLY');
  const weekdays = takesWeekday ? [{ nth: 0, weekday: start.getUTCDay() }] : rule.weekdays;
  const monthDays = new Set(takesDate ? [start.getUTCDate()] : rule.monthDays);
  const isNthOfYear = frequency === 'YEARLY' && months.size === 0;
  return (dayMs) => {
    const day = new Date(dayMs);
    const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate()];
    if (months.size > 0 && !months.has(month + 1)) return false;
    const monthLength = () => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    if (monthDays.size > 0 && !monthDays.has(date) && !monthDays.has(date - monthLength() - 1)) return false;
    const yearDay = () => (dayMs - Date.UTC(year, 0)) / DAY_MS + 1;
    const yearLength = () => (Date.UTC(year + 1, 0) - Date.UTC(year, 0)) / DAY_MS;
    if (yearDays.length > 0 && !hasOrdinal(yearDays, yearDay(), yearLength())) return false;
    if (weeks.length > 0 && !hasOrdinal(weeks, ...weekOf(dayMs, weekStart))) return false;
    if (weekdays.length === 0) return true;
    const matching = weekdays.filter(({ weekday }) => weekday === day.getUTCDay());
    return matching.some(({ nth }) => {
      if (nth === 0 || frequency === 'DAILY' || frequency === 'WEEKLY') return true;
      const [ordinal, length] = isNthOfYear ? [yearDay(), yearLength()] : [date, monthLength()];
      return nth > 0 ? Math.ceil(ordinal / 7) === nth : Math.ceil((length - ordinal + 1) / 7) === -nth;
    });
  };
}

function hasOrdinal(wanted: readonly number[], ordinal: number, length: number): boolean {
  return wanted.includes(ordinal) || wanted.includes(ordinal - length - 1);
}

/** The number of the week, and how many its year has; the first week is the first with four days in the year. */
function weekOf(dayMs: number, weekStart: number): [number, number] {
  const weekMs = startOfWeek(dayMs, weekStart);
  const year = new Date(weekMs + 3 * DAY_MS).getUTCFullYear();
  const [firstMs, nextMs] = [firstWeekOf(year, weekStart), firstWeekOf(year + 1, weekStart)];
  return [(weekMs - firstMs) / (7 * DAY_MS) + 1, (nextMs - firstMs) / (7 * DAY_MS)];
}

function firstWeekOf(year: number, weekStart: number): number {
  return startOfWeek(Date.UTC(year, 0, 4), weekStart);
}

function startOfWeek(dayMs: number, weekStart: number): number {
  return dayMs - ((new Date(dayMs).getUTCDay() - weekStart + 7) % 7) * DAY_MS;
}

function atPositions(days: readonly number[], positions: readonly number[]): readonly number[] {
  if (positions.length === 0) return days;
  return days.filter((_, index) => hasOrdinal(positions, index + 1, days.length));
}
