import assert from 'node:assert/strict';

import fc from 'fast-check';

import { type CronExpression, nextOccurrences, occurrencesBetween, parseCron } from '../../../core/cron.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../core/duration.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import { type DstPolicy } from '../../../core/task.ts';
import { formatLocalTime, transitionsBetween } from '../../../core/time-zone.ts';
import { oracleOccurrences, type Tick, walkClock } from '../../support/cron-oracle.ts';

const defaults: DstPolicy = { gap: 'shift', repeat: 'first' };
const policies: readonly DstPolicy[] = (['shift', 'skip'] as const).flatMap((gap) =>
  (['first', 'last', 'both'] as const).map((repeat) => ({ gap, repeat })),
);

describe('parseCron', () => {
  const accepted: readonly (readonly [string, string])[] = [
    ['0 9 * * 1-5', '0 9 * * 1-5'],
    ['  0   9\t* * mon-Fri ', '0 9 * * 1-5'],
    ['0 0 9 * * *', '0 9 * * *'],
    ['30 00 09 * * *', '30 0 9 * * *'],
    ['@yearly', '0 0 1 1 *'],
    ['@annually', '0 0 1 1 *'],
    ['@monthly', '0 0 1 * *'],
    ['@weekly', '0 0 * * 0'],
    ['@daily', '0 0 * * *'],
    ['@midnight', '0 0 * * *'],
    [' @hourly ', '0 * * * *'],
    ['0 0 ? * ?', '0 0 * * *'],
    ['0 0 L * *', '0 0 L * *'],
    ['0 0 15,L JAN,jul *', '0 0 15,L 1,7 *'],
    ['0 0 * * FRI#3', '0 0 * * 5#3'],
    ['0 0 * * 1#1,1#3,5L', '0 0 * * 1#1,1#3,5L'],
    ['0 0 * * sunL', '0 0 * * 0L'],
    ['0 0 * * 7', '0 0 * * 0'],
    ['0 0 * * 7L,7#1', '0 0 * * 0L,0#1'],
    ['0 0 * * FRI-SUN', '0 0 * * 5-7'],
    ['0 0 * * SUN-SUN', '0 0 * * 0-0'],
    ['0 0 * * 1/2', '0 0 * * 1-6/2'],
    ['0 0 * * 7/3', '0 0 * * 0-6/3'],
    ['5/20 * * * *', '5-59/20 * * * *'],
    ['*/15 0-6/2 * * *', '*/15 0-6/2 * * *'],
    ['59/1 * * * *', '59-59/1 * * * *'],
    ['0 0 29 2 *', '0 0 29 2 *'],
    ['0 0 31 2 1', '0 0 31 2 1'],
    ['0 0 31 2 1#1', '0 0 31 2 1#1'],
  ];
  for (const [expression, text] of accepted) {
    it(`reads ${JSON.stringify(expression)} as ${text}`, () => {
      assert.equal(parseCron(expression).text, text);
    });
  }

  it('knows the values of each field', () => {
    const cron = parseCron('*/20 1,2 0-6/3 L,1 FEB-APR 5#2,MON,3L');
    const { text: _, ...values } = cron;
    assert.deepEqual(values, {
      seconds: [0, 20, 40],
      minutes: [1, 2],
      hours: [0, 3, 6],
      months: [2, 3, 4],
      daysOfMonth: { days: [1], last: true },
      daysOfWeek: { every: [1], nth: [{ weekday: 5, nth: 2 }], last: [3] },
      stepped: false,
    });
    assert.deepEqual(parseCron('0 0 * * 5-7').daysOfWeek, { every: [0, 5, 6], nth: [], last: [] });
    assert.deepEqual(parseCron('0 0 * * 0-7').daysOfWeek?.every.length, 7);
    assert.deepEqual(parseCron('0 0 * * 5L').daysOfWeek, { every: [], nth: [], last: [5] });
    assert.equal(parseCron('0 0 ? * ?').daysOfMonth, null);
  });

  it('calls an expression stepped when its minute or hour begins with a star', () => {
    for (const text of ['* * * * *', '*/5 2 * * *', '0 * * * *', '30 */2 * * *'])
      assert.ok(parseCron(text).stepped, text);
    for (const text of ['*/5 0 2 * * *', '0-59/5 0-23 * * *', '0 2 */2 * *']) assert.ok(!parseCron(text).stepped, text);
  });

  const refused: readonly (readonly [unknown, RegExp])[] = [
    ['', /^the expression is empty; expected 5 fields .* or 6/],
    [' \t ', /^the expression is empty/],
    [undefined, /^expected a cron expression as text, such as "0 9 \* \* 1-5"/],
    [null, /^expected a cron expression as text/],
    [5, /^expected a cron expression as text/],
    [['* * * * *'], /^expected a cron expression as text/],
    ['*', /^found 1 field; expected 5 fields/],
    ['* * * *', /^found 4 fields; expected 5 fields/],
    ['0 0 1 1 * * 2026', /^found 7 fields; expected 5 .* There is no year field: use the start and the end/],
    ['0 0 0 1 1 * * 2026', /^found 8 fields; expected 5 fields [^.]*$/],
    ['; rm -rf /', /^found 4 fields/],
    ['60 * * * *', /^minute field, character 1: "60" is not a value .* values 0-59/],
    ['60 * * * * *', /^second field, character 1: "60" is not a value .* values 0-59/],
    ['* 24 * * *', /^hour field, character 3: "24" is not a value .* values 0-23/],
    ['0 0 32 * *', /^day-of-month field, character 5: "32" .* L; values 1-31/],
    ['0 0 0 * *', /^day-of-month field, character 5: "0" is not a value/],
    ['0 0 * 13 *', /^month field, character 7: "13" .* values 1-12 or JAN-DEC/],
    ['0 0 * FOO *', /^month field, character 7: "FOO" is not a value/],
    ['0 JAN * * *', /^hour field, character 3: "JAN" is not a value/],
    ['* * * * 8', /^day-of-week field, character 9: "8" .* values 0-7 or SUN-SAT/],
    ['* * * * 0-8', /^day-of-week field, character 9: "8" is not a value/],
    ['*/0 * * * *', /^minute field, character 1: the step 0 is not within 1-59/],
    ['*/60 * * * *', /^minute field, character 1: the step 60 is not within 1-59/],
    ['*/100 * * * *', /^minute field, character 1: the step 100 is not within 1-59/],
    ['10-20/11 * * * *', /^minute field, character 1: the step 11 is not within 1-10/],
    ['50/10 * * * *', /^minute field, character 1: the step 10 is not within 1-9/],
    ['*/-5 * * * *', /^minute field, character 1: "\*\/-5" is not understood/],
    ['*-5 * * * *', /is not understood/],
    ['1/2/3 * * * *', /is not understood/],
    ['1.5 * * * *', /is not understood/],
    ['-1 * * * *', /is not understood/],
    ['5-1 * * * *', /^minute field, character 1: the range "5-1" ends before it begins/],
    ['0 0 * * FRI-MON', /^day-of-week field, character 9: the range "FRI-MON" ends before it begins/],
    ['0 0 * OCT-FEB *', /^month field, character 7: the range "OCT-FEB" ends before it begins/],
    ['1- * * * *', /^minute field, character 1: "1-" is not understood/],
    [', * * * *', /^minute field, character 1: an item of the list is empty/],
    ['5, * * * *', /^minute field, character 3: an item of the list is empty/],
    ['0 1,2,33 * * *', /^hour field, character 7: "33" is not a value/],
    ['0,0 * * * *', /^minute field, character 3: "0" is listed twice/],
    ['0 0 L,L * *', /^day-of-month field, character 7: "L" is listed twice/],
    ['0 0 * * 0#1,7#1', /^day-of-week field, character 13: "7#1" is listed twice/],
    ['1-5,3 * * * *', /^minute field, character 1: "1-5,3" lists a value twice/],
    ['*,5 * * * *', /^minute field, character 1: "\*,5" lists a value twice/],
    ['0 0 1-5,3 * *', /^day-of-month field, character 5: "1-5,3" lists a value twice/],
    ['0 0 * * 5-7,0', /^day-of-week field, character 9: "5-7,0" lists a value twice/],
    ['H * * * *', /^minute field, character 1: "H" is not understood; for a stable spread .*flexible window .*"hash"/],
    ['H/5 * * * *', /^minute field, character 1: "H\/5" is not understood; for a stable spread/],
    ['0 H(0-7) * * *', /^hour field, character 3: "H\(0-7\)" is not understood; for a stable spread/],
    ['? * * * *', /^minute field, character 1: "\?" is not understood/],
    ['0 0 ?,1 * *', /^day-of-month field, character 5: "\?" is not understood/],
    ['0 0 15W * *', /^day-of-month field, character 5: "15W" is not understood; there is no nearest weekday/],
    ['0 0 LW * *', /^day-of-month field, character 5: "LW" is not understood; there is no nearest weekday/],
    [
      '0 0 L-2 * *',
      /^day-of-month field, character 5: "L-2" is not understood; .* L is its last day\. Allowed: .*1-31/,
    ],
    ['0 0 5L * *', /^day-of-month field, character 5: "5L" is not understood/],
    ['0 L * * *', /^hour field, character 3: "L" is not understood/],
    ['0 0 * * L', /^day-of-week field, character 9: "L" is not understood/],
    ['0 0 * * 1#0', /^day-of-week field, character 9: "1#0" asks for weekday number 0 .* not within 1-5/],
    ['0 0 * * 1#6', /^day-of-week field, character 9: "1#6" asks for weekday number 6/],
    ['0 0 * * 8#1', /^day-of-week field, character 9: "8#1" names no weekday/],
    ['0 0 * * FOOL', /^day-of-week field, character 9: "FOOL" names no weekday/],
    ['@reboot', /^"@reboot" is not supported: a schedule knows times, .*; allowed are @yearly, .*@hourly$/],
    ['@every 5m', /^"@every 5m" is not supported: .* kind "interval" with "everyMs"; allowed are @yearly/],
    ['@DAILY', /^"@DAILY" is not supported; allowed are @yearly/],
    ['0 0 31 2 *', /^day-of-month field, character 5: none of the months has such a day, so it can never fire/],
    ['0 0 30 2 *', /can never fire/],
    ['0 0 31 4,6,9,11 *', /can never fire/],
    ['0 0 30,31 FEB ?', /can never fire/],
    ['\uff10 * * * *', /^character 1 \(U\+FF10\) is not allowed; expected ASCII/],
    ['0 \u0669 * * *', /^character 3 \(U\+0669\) is not allowed/],
    ['* * * *\u00a0*', /^character 8 \(U\+00A0\) is not allowed/],
    ['* * * *\n*', /^character 8 \(U\+000A\) is not allowed/],
    [`${'0,'.repeat(100_000)}0 * * * *`, /^the expression has 200009 characters; at most 256 are allowed/],
  ];
  for (const [expression, message] of refused) {
    it(`refuses ${JSON.stringify({ expression }).slice(14, 50)}`, () => {
      const error = failureOf(expression);
      assert.deepEqual(
        error.errors.map(({ path }) => path),
        [''],
      );
      assert.match(error.message, message);
    });
  }

  it('reports every bad field at once', () => {
    const words = failureOf('61 25 * * 9').errors.map(({ message }) => message.split(',')[0]);
    assert.deepEqual(words, ['minute field', 'hour field', 'day-of-week field']);
  });
});

describe('occurrencesBetween', () => {
  it('includes the first instant and excludes the last', () => {
    const fromMs = Date.parse('2026-01-01T09:00:00Z');
    assert.deepEqual(at('0 9 * * *', 'UTC', fromMs, fromMs + DAY_MS), ['2026-01-01T09:00:00Z']);
    assert.deepEqual(at('0 9 * * *', 'UTC', fromMs + 1, fromMs + DAY_MS + 1), ['2026-01-02T09:00:00Z']);
    assert.deepEqual(at('0 9 * * *', 'UTC', fromMs, fromMs), []);
    assert.deepEqual(occurrencesBetween(parseCron('* * * * *'), 'UTC', defaults, fromMs, fromMs + DAY_MS, 0), []);
  });

  it('runs 0 9 * * * in Australia/Lord_Howe 365 times in 2026, always at nine', () => {
    const instants = yearOf('0 9 * * *', 'Australia/Lord_Howe', 2026);
    assert.equal(instants.length, 365);
    for (const atMs of instants) assert.match(formatLocalTime('Australia/Lord_Howe', atMs), / 09:00:00 /);
  });

  it('loses no half hour in Australia/Lord_Howe', () => {
    const instants = yearOf('*/30 * * * *', 'Australia/Lord_Howe', 2026);
    const gaps = new Set(instants.slice(1).map((atMs, index) => atMs - Number(instants[index])));
    assert.deepEqual([...gaps], [30 * MINUTE_MS]);
    assert.equal(instants.length, 365 * 48);
  });

  it('runs each second of a day', () => {
    const fromMs = Date.UTC(2026, 5, 1);
    const instants = occurrencesBetween(
      parseCron('* * * * * *'),
      'Europe/Rome',
      defaults,
      fromMs,
      fromMs + DAY_MS,
      1e6,
    );
    assert.equal(instants.length, 86_400);
    assert.ok(instants.every((atMs, index) => atMs === fromMs + index * SECOND_MS));
  });

  it('runs times in a gap once, at the first instant after it', () => {
    const fromMs = Date.parse('2026-03-29T00:00:00Z');
    assert.deepEqual(at('30 2 * * *', 'Europe/Berlin', fromMs, fromMs + 12 * HOUR_MS), ['2026-03-29T01:00:00Z']);
    assert.deepEqual(at('0,15,30 2,3 * * *', 'Europe/Berlin', fromMs, fromMs + 12 * HOUR_MS), [
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:15:00Z',
      '2026-03-29T01:30:00Z',
    ]);
    const skip: DstPolicy = { gap: 'skip', repeat: 'first' };
    assert.deepEqual(at('30 2 * * *', 'Europe/Berlin', fromMs, fromMs + 12 * HOUR_MS, skip), []);
  });

  it('runs repeated times at the pass that the policy names', () => {
    const fromMs = Date.parse('2026-10-25T00:00:00Z');
    const runs = (repeat: DstPolicy['repeat']) =>
      at('30 2 * * *', 'Europe/Berlin', fromMs, fromMs + 12 * HOUR_MS, { gap: 'shift', repeat });
    assert.deepEqual(runs('first'), ['2026-10-25T00:30:00Z']);
    assert.deepEqual(runs('last'), ['2026-10-25T01:30:00Z']);
    assert.deepEqual(runs('both'), ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']);
  });

  it('lets elapsed time count for stepped expressions, whatever the policy', () => {
    for (const dst of policies) {
      const springMs = Date.parse('2026-03-29T00:00:00Z');
      assert.deepEqual(at('*/30 2 * * *', 'Europe/Berlin', springMs, springMs + 12 * HOUR_MS, dst), []);
      const autumnMs = Date.parse('2026-10-25T00:00:00Z');
      assert.equal(at('*/30 2 * * *', 'Europe/Berlin', autumnMs, autumnMs + 12 * HOUR_MS, dst).length, 4);
    }
  });

  it('runs once for a day that a zone left out', () => {
    const fromMs = Date.parse('2011-12-29T10:00:00Z');
    assert.deepEqual(at('0 9,17 * * *', 'Pacific/Apia', fromMs, fromMs + 2 * DAY_MS), [
      '2011-12-29T19:00:00Z',
      '2011-12-30T03:00:00Z',
      '2011-12-30T10:00:00Z',
      '2011-12-30T19:00:00Z',
      '2011-12-31T03:00:00Z',
    ]);
  });

  it('is what a walk through time with the clock in view finds, minute by minute', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...windows),
        arbitraryExpression,
        fc.constantFrom(...policies),
        fc.tuple(fc.integer({ min: 0, max: 40 * 60 }), fc.integer({ min: 0, max: 40 * 60 })),
        (window, expression, dst, [a, b]) => {
          const { ticks, timeZone, centreMs } = window;
          const fromMs = centreMs - 20 * HOUR_MS + Math.min(a, b) * MINUTE_MS;
          const untilMs = centreMs - 20 * HOUR_MS + Math.max(a, b) * MINUTE_MS;
          const expected = oracleOccurrences(ticks(), expression, dst).filter(
            (atMs) => atMs >= fromMs && atMs < untilMs,
          );
          const found = occurrencesBetween(parseCron(expression), timeZone, dst, fromMs, untilMs, Infinity);
          assert.deepEqual(found, expected);
        },
      ),
      { numRuns: 700 },
    );
  });

  it('is what a walk through time finds, second by second', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...fineWindows),
        fc.constantFrom('*', '*/20', '30', '0,59', '7-50/9'),
        arbitraryExpression,
        fc.constantFrom(...policies),
        (window, seconds, rest, dst) => {
          const expression = `${seconds} ${rest}`;
          const { ticks, timeZone, centreMs } = window;
          const fromMs = centreMs - 2 * HOUR_MS;
          const untilMs = centreMs + 2 * HOUR_MS;
          const expected = oracleOccurrences(ticks(), expression, dst).filter(
            (atMs) => atMs >= fromMs && atMs < untilMs,
          );
          const found = occurrencesBetween(parseCron(expression), timeZone, dst, fromMs, untilMs, Infinity);
          assert.deepEqual(found, expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps to the calendar, day by day', () => {
    const [fromMs, untilMs] = [Date.UTC(2027), Date.UTC(2030)];
    const days = walkClock('UTC', fromMs, untilMs, DAY_MS);
    const dayOfMonth = fc.constantFrom('*', '1', '29', '31', 'L', '10,L', '*/3', '28-31');
    const month = fc.constantFrom('*', '2', '2,3', '*/5');
    const dayOfWeek = fc.constantFrom('*', '0', '7', '1-5', '5-7', '0L', '3L,5', '6#5', '1#1,2#4', '7#2', '*/2');
    fc.assert(
      fc.property(dayOfMonth, month, dayOfWeek, (...fields) => {
        const expression = `0 0 ${fields.join(' ')}`;
        fc.pre(!/^0 0 31 2 \*$/.test(expression)); // in no calendar
        const found = occurrencesBetween(parseCron(expression), 'UTC', defaults, fromMs, untilMs, Infinity);
        assert.deepEqual(found, oracleOccurrences(days, expression, defaults));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same instants in one piece and in two, and a prefix of them under a limit', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...windows),
        arbitraryExpression,
        fc.constantFrom(...policies),
        fc.integer({ min: -30 * HOUR_MS, max: 30 * HOUR_MS }),
        fc.integer({ min: 0, max: 50 }),
        (window, expression, dst, cutMs, limit) => {
          const cron = parseCron(expression);
          const { timeZone, centreMs } = window;
          const find = (fromMs: number, untilMs: number, most: number) =>
            occurrencesBetween(cron, timeZone, dst, fromMs, untilMs, most);
          const [fromMs, middleMs, untilMs] = [centreMs - 30 * HOUR_MS, centreMs + cutMs, centreMs + 30 * HOUR_MS];
          const whole = find(fromMs, untilMs, Infinity);
          assert.deepEqual([...find(fromMs, middleMs, Infinity), ...find(middleMs, untilMs, Infinity)], whole);
          assert.deepEqual(find(fromMs, untilMs, limit), whole.slice(0, limit));
          assert.ok(whole.every((atMs, index) => index === 0 || atMs > Number(whole[index - 1])));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('nextOccurrences', () => {
  it('begins after the instant that it is given', () => {
    const cron = parseCron('0 9 * * *');
    const nineMs = Date.parse('2026-01-01T09:00:00Z');
    const next = (afterMs: number) => nextOccurrences(cron, 'UTC', defaults, afterMs, 1);
    assert.deepEqual(next(nineMs), [nineMs + DAY_MS]);
    assert.deepEqual(next(nineMs - 1), [nineMs]);
    assert.deepEqual(next(nineMs - 0.5), [nineMs]);
  });

  it('finds dates that are decades away', () => {
    const next = (text: string, after: string, count: number) =>
      nextOccurrences(parseCron(text), 'America/New_York', defaults, Date.parse(after), count).map((atMs) =>
        formatLocalTime('America/New_York', atMs).slice(0, 10),
      );
    assert.deepEqual(next('0 0 29 2 *', '2095-01-01T00:00Z', 2), ['2096-02-29', '2104-02-29']);
    assert.deepEqual(next('0 0 * 2 1#5', '2026-01-01T00:00Z', 1), ['2044-02-29']);
    assert.deepEqual(next('0 0 * 2 1#5', '2072-03-01T00:00Z', 1), ['2112-02-29']);
  });
});

interface Window {
  readonly timeZone: string;
  readonly centreMs: number;
  readonly ticks: () => readonly Tick[];
}

/** Every change of these clocks in these years, with room around it. Walked when first asked for. */
const windows = (
  [
    ['Europe/Berlin', 2026],
    ['America/New_York', 2026],
    ['Australia/Lord_Howe', 2026],
    ['Australia/Lord_Howe', 2027],
    ['Africa/Cairo', 2026],
    ['Africa/Casablanca', 2027],
    ['America/Havana', 2026],
    ['Asia/Beirut', 2026],
    ['America/Nuuk', 2026],
    ['Antarctica/Troll', 2026],
    ['Antarctica/Casey', 2020],
    ['Asia/Gaza', 2040],
    ['America/St_Johns', 2006],
    ['Pacific/Apia', 2011],
    ['Pacific/Kwajalein', 1993],
    ['Asia/Pyongyang', 2015],
    ['Europe/Istanbul', 2016],
    ['America/Caracas', 2007],
  ] as const
).flatMap(([timeZone, year]) =>
  transitionsBetween(timeZone, Date.UTC(year), Date.UTC(year + 1)).map(({ atMs }) =>
    windowAround(timeZone, atMs, 50 * HOUR_MS, MINUTE_MS),
  ),
);
// And clocks that do not change, where the calendar does.
windows.push(windowAround('Asia/Kathmandu', Date.UTC(2028, 1, 29), 50 * HOUR_MS, MINUTE_MS));
windows.push(windowAround('UTC', Date.UTC(2027, 0, 1), 50 * HOUR_MS, MINUTE_MS));

const fineWindows = [
  windowAround('Europe/London', Date.parse('2026-03-29T01:00:00Z'), 4 * HOUR_MS, SECOND_MS),
  windowAround('Europe/London', Date.parse('2026-10-25T01:00:00Z'), 4 * HOUR_MS, SECOND_MS),
  windowAround('Australia/Lord_Howe', Date.parse('2026-04-04T15:00:00Z'), 4 * HOUR_MS, SECOND_MS),
  windowAround('Australia/Lord_Howe', Date.parse('2026-10-03T15:30:00Z'), 4 * HOUR_MS, SECOND_MS),
];

/** Hours and minutes are mostly small, where the clocks change. */
const arbitraryExpression = fc
  .tuple(
    arbitraryField(0, 59, fc.nat({ max: 59 })),
    arbitraryField(0, 23, fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 4 }) }, fc.nat({ max: 23 }))),
    fc.oneof({ weight: 6, arbitrary: fc.constant('*') }, fc.constantFrom('L', '1', '29', '*/2', '10-28/3', '1,L,31')),
    fc.oneof({ weight: 6, arbitrary: fc.constant('*') }, fc.constantFrom('1,3,5,7,8,10,12', '*/2', '3-10')),
    fc.oneof(
      { weight: 6, arbitrary: fc.constant('*') },
      fc.constantFrom('0', '7', '1-5', '0L', '0#5', '6#1,6L', '5-7', '1/2'),
    ),
  )
  .map((fields) => fields.join(' '));

function arbitraryField(min: number, max: number, value: fc.Arbitrary<number>): fc.Arbitrary<string> {
  const pair = fc.tuple(value, value).filter(([a, b]) => a !== b);
  const range = pair.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  return fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 1, max: max - min }).map((step) => `*/${step}`),
    value.map(String),
    pair.map(([a, b]) => `${a},${b}`),
    range.map(([a, b]) => `${a}-${b}`),
    range.chain(([a, b]) => fc.integer({ min: 1, max: b - a }).map((step) => `${a}-${b}/${step}`)),
    value.filter((a) => a < max).chain((a) => fc.integer({ min: 1, max: max - a }).map((step) => `${a}/${step}`)),
  );
}

function windowAround(timeZone: string, centreMs: number, reachMs: number, stepMs: number): Window {
  let walked: readonly Tick[] | undefined;
  return {
    timeZone,
    centreMs,
    ticks: () => (walked ??= walkClock(timeZone, centreMs - reachMs, centreMs + reachMs, stepMs)),
  };
}

function at(expression: string, timeZone: string, fromMs: number, untilMs: number, dst = defaults): readonly string[] {
  return occurrencesBetween(parseCron(expression), timeZone, dst, fromMs, untilMs, Infinity).map((atMs) =>
    new Date(atMs).toISOString().replace('.000', ''),
  );
}

function yearOf(expression: string, timeZone: string, year: number): readonly number[] {
  const cron: CronExpression = parseCron(expression);
  // From midnight to midnight on that zone's wall: the offset is the same at both ends.
  const offset = 11 * HOUR_MS;
  return occurrencesBetween(cron, timeZone, defaults, Date.UTC(year) - offset, Date.UTC(year + 1) - offset, Infinity);
}

function failureOf(expression: unknown): InvalidInputError {
  try {
    parseCron(expression);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  return assert.fail('it was accepted');
}
