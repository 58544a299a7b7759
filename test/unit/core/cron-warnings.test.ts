import assert from 'node:assert/strict';

import { parseCron } from '../../../core/cron.ts';
import { cronWarnings } from '../../../core/cron-warnings.ts';

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
    [
      '0 0 13 * 5',
      ['Both day fields are set: it runs when either the day of the month or the day of the week matches.'],
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
});
