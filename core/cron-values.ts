import { CronExpressionParser } from 'cron-parser';

import { type CronField, cronFieldError, type CronFieldTuple } from './cron-fields.ts';
import { InvalidInputError } from './errors.ts';

/** What the plain items of each field match. Sunday is 0. */
export interface CronValues {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly lastDayOfMonth: boolean;
  /** 1 to 12. */
  readonly months: readonly number[];
  readonly daysOfWeek: readonly number[];
}

/**
 * Lets the package read fields that have passed our grammar.
 * @throws InvalidInputError for the two faults that the grammar lets through: a value that is listed twice, and dates that are in no calendar.
 */
export function readCronValues(fields: CronFieldTuple): CronValues {
  const [second, minute, hour, dayOfMonth, month, dayOfWeek] = fields;
  // The parser of the package has no lists of `n#k`; a range that matches every weekday is still a field that is set.
  const weekdayText = dayOfWeek.plain === '' ? EVERY_WEEKDAY : dayOfWeek.plain;
  return {
    seconds: readOne(second, second.text, 0).second.values,
    minutes: readOne(minute, minute.text, 1).minute.values,
    hours: readOne(hour, hour.text, 2).hour.values,
    ...readDays(dayOfMonth, month, dayOfWeek, weekdayText),
  };
}

type ParsedFields = ReturnType<typeof parse>['fields'];

const EVERY_WEEKDAY = '0-6';
const ANY: readonly string[] = ['*', '*', '*', '*', '*', '*'];

function readOne(field: CronField, text: string, index: number): ParsedFields {
  const parsed = remember(ANY.with(index, text));
  if (parsed instanceof Error) throw listedTwice(field, text, parsed);
  return parsed;
}

/** The three fields are read together: a day that none of the months has is a fault only if no weekday is set beside it. */
function readDays(day: CronField, month: CronField, weekday: CronField, weekdayText: string) {
  const parsed = remember(ANY.with(3, day.text).with(4, month.text).with(5, weekdayText));
  if (!(parsed instanceof Error)) {
    const days = parsed.dayOfMonth.values;
    return {
      daysOfMonth: days.filter((value) => typeof value === 'number'),
      lastDayOfMonth: days.includes('L'),
      months: parsed.month.values,
      daysOfWeek: [...new Set(parsed.dayOfWeek.values.map((value) => Number(value) % 7))],
    };
  }
  for (const [field, text, index] of [
    [day, day.text, 3],
    [month, month.text, 4],
    [weekday, weekdayText, 5],
  ] as const) {
    readOne(field, text, index);
  }
  const problem = 'none of the months has such a day, so it can never fire';
  throw new InvalidInputError([cronFieldError(day.rule, day.position, problem)], { cause: parsed });
}

function listedTwice(field: CronField, text: string, cause: Error): InvalidInputError {
  return new InvalidInputError([cronFieldError(field.rule, field.position, `"${text}" lists a value twice`)], {
    cause,
  });
}

/** Expressions are many and their fields few: a memory of pure results, emptied when it has grown large. */
const known = new Map<string, ParsedFields | Error>();
const MAX_KNOWN = 10_000;

function remember(texts: readonly string[]): ParsedFields | Error {
  const text = texts.join(' ');
  const before = known.get(text);
  if (before !== undefined) return before;
  if (known.size >= MAX_KNOWN) known.clear();
  const parsed = tryParse(text);
  known.set(text, parsed);
  return parsed;
}

function tryParse(text: string): ParsedFields | Error {
  try {
    return parse(text).fields;
  } catch (error) {
    return error as Error; // the package throws nothing else
  }
}

/** The package would read the clock and take the local zone of the process: give it both. */
function parse(text: string) {
  return CronExpressionParser.parse(text, { currentDate: new Date(0), tz: 'UTC' });
}
