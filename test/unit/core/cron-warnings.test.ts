import assert from 'node:assert/strict';

import { parseCron } from '../../../core/cron.ts';
import { cronWarnings, frequencyWarnings, smallestGapMs } from '../../../core/cron-warnings.ts';

describe('cronWarnings', () => {
  const quiet = ['0 9 * * 1-5', '*/15 */6 * */3 *', '*/1 * * * *', '*/30 * * * *', '@daily', '0 0 L * *'];
  for (const expression of [...quiet, '0 0 1-31 * *', '0 0 1/5 * *', '0 0 31 1,3 *', '0 0 28 2 *', '0 0 29 1 *']) {
    it(`has nothing to say about ${expression}`, () => {
      assert.deepEqual(cronWarnings(parseCron(expression)), []);
    });
  }

  const noisy: readonly (readonly [string, readonly string[]])[] = [
    ['*/7 * * * *', ['"*/7" in the minute field starts again with each hour: the last gap is 4 minutes, not 7.']],
    ['0 */5 * * *', ['"*/5" in the hour field starts again with each day: the last gap is 4 hours, not 5.']],
    ['0 0 */2 * *', ['"*/2" in the day-of-month field starts again with each month, whatever the day before it was.']],
    ['0 0 1 */5 *', ['"*/5" in the month field starts again with each year: the last gap is 2 months, not 5.']],
    ['0 0 * * */3', ['"*/3" in the day-of-week field starts again with each week: the last gap is 1 day, not 3.']],
    [
      '*/7 * * * * *',
      [
        '"*/7" in the second field starts again with each minute: the last gap is 4 seconds, not 7.',
        'It runs 12960 times a day.',
      ],
    ],
    ['0 0 13 * 5', [eitherDay('day 13 of the month or every Friday')]],
    [
      '0 0 1-15,20,21,L * 1-5',
      [eitherDay('day 1-15, 20, 21 of the month or the last day of the month or every Monday-Friday')],
    ],
    ['0 0 1 * 5#5', [eitherDay('day 1 of the month or the fifth Friday of the month')]],
    ['0 0 L * SUN', [eitherDay('the last day of the month or every Sunday')]],
    [
      '0 0 1 * 5#3,1#1,4L,0',
      [
        eitherDay(
          'day 1 of the month or every Sunday or the third Friday of the month or the first Monday of the month or the last Thursday of the month',
        ),
      ],
    ],
    ['0 0 31 * *', ['Months without day 31 are left out; L is the last day of every month.']],
    ['0 0 1,30 * *', ['Months without day 30 are left out; L is the last day of every month.']],
    [
      '0 0 30-31 * *',
      [
        'Months without day 30 are left out; L is the last day of every month.',
        'Months without day 31 are left out; L is the last day of every month.',
      ],
    ],
    ['0 0 29 * *', ['29 February is in leap years only.']],
    ['0 0 29 2 *', ['29 February is in leap years only.']],
    ['* * * * * *', ['It runs 86400 times a day.']],
  ];
  for (const [expression, warnings] of noisy) {
    it(`says what may surprise about ${expression}`, () => {
      assert.deepEqual(cronWarnings(parseCron(expression)), warnings);
    });
  }

  const leapDays: readonly (readonly [string, string])[] = [
    ['2026-11-21T00:00Z', '2028-02-29'],
    ['2028-02-29T12:00Z', '2028-02-29'],
    ['2028-03-01T00:00Z', '2032-02-29'],
    ['2096-12-31T00:00Z', '2104-02-29'],
  ];
  for (const [now, next] of leapDays) {
    it(`says on ${now.slice(0, 10)} that the next 29 February is ${next}`, () => {
      const said = [`29 February is in leap years only; the next one is ${next}.`];
      assert.deepEqual(cronWarnings(parseCron('0 0 29 2 *'), Date.parse(now)), said);
    });
  }
});

describe('frequencyWarnings', () => {
  it('has nothing to say when a task takes no longer than the time between two of its runs', () => {
    assert.deepEqual(frequencyWarnings(1_000, 1_000), []);
    assert.deepEqual(frequencyWarnings(Infinity, 1e12), []);
  });

  it('names both times when it takes longer', () => {
    const said = (gapMs: number, averageElapsedMs: number) =>
      frequencyWarnings(gapMs, averageElapsedMs)[0]?.slice(0, 52);
    assert.equal(said(1_000, 1_500.4), 'It takes 1500.4 ms on average, but comes every 1000 ');
    assert.equal(said(5_000, 90_000), 'It takes 90 s on average, but comes every 5 s: occur');
    assert.equal(said(300_000, 9_000_000), 'It takes 2.5 h on average, but comes every 5 min: oc');
  });
});

describe('smallestGapMs', () => {
  it('is the least time between two neighbours, and without neighbours no limit', () => {
    assert.equal(smallestGapMs([10, 30, 35, 100]), 5);
    assert.equal(smallestGapMs([10]), Infinity);
    assert.equal(smallestGapMs([]), Infinity);
  });
});

function eitherDay(days: string): string {
  return `Both day fields are set, and either is enough: it runs on ${days}.`;
}
