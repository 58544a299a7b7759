import { type FieldError, InvalidInputError } from './errors.ts';

/** The k-th (`nth`, 1 to 5) weekday (0 is Sunday) of a month. */
export interface NthWeekday {
  readonly weekday: number;
  readonly nth: number;
}

/** What may stand in a field. */
export interface CronFieldRule {
  readonly name: string;
  readonly min: number;
  /** The greatest number that may be written. */
  readonly max: number;
  /** The last value of the cycle, where `*` and `a/n` end. */
  readonly end: number;
  readonly names: readonly string[];
  /** In words, for errors. */
  readonly allowed: string;
}

/** One field that passed the grammar. */
export interface CronField {
  readonly rule: CronFieldRule;
  /** Numbers only, no names; `?` is `*`, and `a/n` is written with its end. */
  readonly text: string;
  /** The items that are plain lists, ranges and steps (and `L` in day of month). Empty when there are only weekday rules. */
  readonly plain: string;
  readonly nthWeekdays: readonly NthWeekday[];
  readonly lastWeekdays: readonly number[];
  /** Of its first character in the expression, counted from 1. */
  readonly position: number;
}

/** Second, minute, hour, day of month, month, day of week. */
export type CronFieldTuple = readonly [CronField, CronField, CronField, CronField, CronField, CronField];

/**
 * Reads a cron expression by our grammar, which is stricter than the one of the usual parsers.
 * 5 fields, or 6 with seconds first, between spaces or tabs, or one of the `@` words in `NICKNAMES`. A field is a list, joined by
 * commas, of `*`, `a`, `a-b`, each with an optional step `/n`; `a/n` means from a to the end of the field. Months and weekdays may
 * be named; 7 is Sunday, and so is SUN at the end of a range. A day field may be `?`, which is `*`. Day of month takes `L`, day of
 * week `n#k` and `nL`.
 * @throws InvalidInputError with one error per bad field; each names the field, the position (counted from 1) and what is allowed.
 */
export function readCronFields(expression: unknown): CronFieldTuple {
  if (typeof expression !== 'string') throw refused(`expected a cron expression as text, such as ${EXAMPLE}`);
  if (expression.length > MAX_LENGTH) {
    throw refused(`the expression has ${expression.length} characters; at most ${MAX_LENGTH} are allowed`);
  }
  const foreign = /[^\t\x20-\x7e]/.exec(expression);
  if (foreign !== null) {
    const code = foreign[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw refused(`character ${foreign.index + 1} (U+${code}) is not allowed; expected ASCII text without line breaks`);
  }
  const words = [...expression.matchAll(/[^ \t]+/g)].map((match) => ({ text: match[0], position: match.index + 1 }));
  const first = words[0];
  if (first === undefined) throw refused(`the expression is empty; expected ${FIELD_COUNTS}, such as ${EXAMPLE}`);
  if (first.text.startsWith('@')) {
    const written = NICKNAMES.get(expression.trim());
    if (written !== undefined) return readCronFields(written);
    const instead = NICKNAMES_ELSEWHERE.get(first.text) ?? '';
    throw refused(`"${expression.trim()}" is not supported${instead}; allowed are ${[...NICKNAMES.keys()].join(', ')}`);
  }
  if (words.length !== 5 && words.length !== 6) {
    const found = `found ${words.length} ${words.length === 1 ? 'field' : 'fields'}; expected ${FIELD_COUNTS}`;
    throw refused(words.length === 7 ? `${found}. ${NO_YEARS}` : found);
  }
  return readFields((words.length === 5 ? [{ text: '0', position: first.position }, ...words] : words) as SixWords);
}

/** How errors point at a field. */
export function cronFieldError(rule: CronFieldRule, position: number, problem: string): FieldError {
  return { path: '', message: `${rule.name} field, character ${position}: ${problem}. Allowed: ${rule.allowed}.` };
}

interface Word {
  readonly text: string;
  readonly position: number;
}

type SixWords = [Word, Word, Word, Word, Word, Word];

type Item =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'nth'; readonly text: string; readonly rule: NthWeekday }
  | { readonly kind: 'last'; readonly text: string; readonly weekday: number }
  | { readonly kind: 'bad'; readonly problem: string };

const MAX_LENGTH = 256;
const EXAMPLE = '"0 9 * * 1-5"';
const FIELD_COUNTS = '5 fields (minute, hour, day of month, month, day of week) or 6 (with the second before them)';
const FORMS = '*, */n, a, a-b, a-b/n, a/n and lists of these with commas';

const NICKNAMES: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/** Words of other schedulers that we leave out, and what does the same here. */
const NICKNAMES_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['@reboot', ': a schedule knows times, not the starts of a machine'],
  ['@every', ': for a fixed distance in time use a schedule of the kind "interval" with "everyMs"'],
]);
const NO_YEARS = 'There is no year field: use the start and the end of the schedule';

/** What other schedulers understand in a field and we do not. */
const FORMS_ELSEWHERE: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  {
    pattern: /^H(?:\(.*\))?(?:\/\d+)?$/,
    instead: 'for a stable spread give the task a flexible window with the placement "hash"',
  },
  {
    pattern: /^(?:\d+W|LW|WL)$/,
    instead: 'there is no nearest weekday: name a day, or a weekday of the month as in 1#1',
  },
  { pattern: /^L-\d+$/, instead: 'there is no counting from the end of the month: L is its last day' },
];

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const SECOND = { name: 'second', min: 0, max: 59, end: 59, names: [], allowed: `${FORMS}; values 0-59` };
const MINUTE = { ...SECOND, name: 'minute' };
const HOUR = { name: 'hour', min: 0, max: 23, end: 23, names: [], allowed: `${FORMS}; values 0-23` };
const MONTH = { name: 'month', min: 1, max: 12, end: 12, names: MONTHS, allowed: `${FORMS}; values 1-12 or JAN-DEC` };
const DAY_OF_MONTH: CronFieldRule = {
  name: 'day-of-month',
  min: 1,
  max: 31,
  end: 31,
  names: [],
  allowed: `${FORMS}, ?, L; values 1-31`,
};
const DAY_OF_WEEK: CronFieldRule = {
  name: 'day-of-week',
  min: 0,
  max: 7,
  end: 6,
  names: WEEKDAYS,
  allowed: `${FORMS}, ?, n#k with k from 1 to 5, nL; values 0-7 or SUN-SAT`,
};

function readFields(words: SixWords): CronFieldTuple {
  const [second, minute, hour, dayOfMonth, month, dayOfWeek] = words;
  const errors: FieldError[] = [];
  const fields: CronFieldTuple = [
    readField(SECOND, second, errors),
    readField(MINUTE, minute, errors),
    readField(HOUR, hour, errors),
    readField(DAY_OF_MONTH, dayOfMonth, errors),
    readField(MONTH, month, errors),
    readField(DAY_OF_WEEK, dayOfWeek, errors),
  ];
  if (errors.length > 0) throw new InvalidInputError(errors);
  return fields;
}

function readField(rule: CronFieldRule, word: Word, errors: FieldError[]): CronField {
  const isDay = rule === DAY_OF_MONTH || rule === DAY_OF_WEEK;
  const written = isDay && word.text === '?' ? '*' : word.text.toUpperCase();
  const plain: string[] = [];
  const nthWeekdays: NthWeekday[] = [];
  const lastWeekdays: number[] = [];
  const texts: string[] = [];
  let position = word.position;
  for (const source of written.split(',')) {
    const item = readItem(rule, source);
    if (item.kind === 'bad' || texts.includes(item.text)) {
      errors.push(cronFieldError(rule, position, item.kind === 'bad' ? item.problem : `"${source}" is listed twice`));
      break;
    }
    texts.push(item.text);
    if (item.kind === 'plain') plain.push(item.text);
    if (item.kind === 'nth') nthWeekdays.push(item.rule);
    if (item.kind === 'last') lastWeekdays.push(item.weekday);
    position += source.length + 1;
  }
  return { rule, text: texts.join(','), plain: plain.join(','), nthWeekdays, lastWeekdays, position: word.position };
}

function readItem(rule: CronFieldRule, source: string): Item {
  if (source === '') return bad('an item of the list is empty');
  if (rule === DAY_OF_MONTH && source === 'L') return { kind: 'plain', text: 'L' };
  if (rule === DAY_OF_WEEK) {
    const special = /^([A-Z]{3}|\d)(?:(L)|#(\d+))$/.exec(source);
    if (special !== null) return readWeekdayRule(rule, source, special);
  }
  const match = /^(?:(\*)|([A-Z]{3}|\d+)(?:-([A-Z]{3}|\d+))?)(?:\/(\d+))?$/.exec(source);
  if (match === null) return bad(`"${source}" is not understood${describeInstead(source)}`);
  const [, star, fromText, toText, stepText] = match;
  if (star !== undefined && stepText === undefined) return { kind: 'plain', text: '*' };

  const from = star === undefined ? readValue(rule, fromText) : rule.min;
  const to = toText === undefined ? rule.end : readRangeEnd(rule, toText, from);
  if (from === undefined) return bad(`"${fromText}" is not a value of this field`);
  if (to === undefined) return bad(`"${toText}" is not a value of this field`);
  if (toText === undefined && stepText === undefined) return { kind: 'plain', text: `${from % (rule.end + 1)}` };

  const start = toText === undefined ? from % (rule.end + 1) : from;
  if (start > to) return bad(`the range "${source}" ends before it begins`);
  const range = star ?? `${start}-${to}`;
  if (stepText === undefined) return { kind: 'plain', text: range };
  const step = Number(stepText);
  const most = Math.max(1, to - start);
  if (step < 1 || step > most) return bad(`the step ${stepText} is not within 1-${most}, the length of its range`);
  return { kind: 'plain', text: `${range}/${step}` };
}

function readWeekdayRule(rule: CronFieldRule, source: string, match: RegExpExecArray): Item {
  const value = readValue(rule, match[1]);
  if (value === undefined) return bad(`"${source}" names no weekday`);
  const weekday = value % 7;
  if (match[2] !== undefined) return { kind: 'last', text: `${weekday}L`, weekday };
  const nth = Number(match[3]);
  if (nth < 1 || nth > 5) return bad(`"${source}" asks for weekday number ${nth} of a month, which is not within 1-5`);
  return { kind: 'nth', text: `${weekday}#${nth}`, rule: { weekday, nth } };
}

/** Undefined when the text is no value of the field. */
function readValue(rule: CronFieldRule, text: string | undefined): number | undefined {
  const named = rule.names.indexOf(String(text));
  const value = named === -1 ? Number(text) : named + rule.min;
  return value >= rule.min && value <= rule.max ? value : undefined;
}

/** As `readValue`, but SUN after another weekday is the Sunday at the end of the week. */
function readRangeEnd(rule: CronFieldRule, text: string, from: number | undefined): number | undefined {
  return text === 'SUN' && from !== 0 && rule === DAY_OF_WEEK ? 7 : readValue(rule, text);
}

function describeInstead(source: string): string {
  const form = FORMS_ELSEWHERE.find(({ pattern }) => pattern.test(source));
  return form === undefined ? '' : `; ${form.instead}`;
}

function bad(problem: string): Item {
  return { kind: 'bad', problem };
}

function refused(message: string): InvalidInputError {
  return new InvalidInputError([{ path: '', message }]);
}
