import assert from 'node:assert/strict';

import { HOUR_MS } from '../../../core/duration.ts';
import { localDays } from '../../../core/local-day.ts';

describe('the days of a zone', () => {
  const daysOf = (timeZone: string, from: string, count: number): (readonly [string, string, number])[] =>
    localDays(timeZone, Date.parse(from), count).map(({ date, fromMs, untilMs }) => [
      date,
      new Date(fromMs).toISOString(),
      (untilMs - fromMs) / HOUR_MS,
    ]);

  it('follow each other without a gap, however long the clocks make them', () => {
    assert.deepEqual(daysOf('Europe/Rome', '2026-03-28T22:59:59Z', 3), [
      ['2026-03-28', '2026-03-27T23:00:00.000Z', 24],
      ['2026-03-29', '2026-03-28T23:00:00.000Z', 23],
      ['2026-03-30', '2026-03-29T22:00:00.000Z', 24],
    ]);
    assert.deepEqual(daysOf('Europe/Rome', '2026-10-24T22:00:00Z', 1), [
      ['2026-10-25', '2026-10-24T22:00:00.000Z', 25],
    ]);
    assert.deepEqual(daysOf('UTC', '2026-03-28T00:00:00Z', 1), [['2026-03-28', '2026-03-28T00:00:00.000Z', 24]]);
  });

  it('begin after midnight where the clock jumps over it', () => {
    assert.deepEqual(daysOf('Africa/Cairo', '2026-04-23T12:00:00Z', 2), [
      ['2026-04-23', '2026-04-22T22:00:00.000Z', 24],
      ['2026-04-24', '2026-04-23T22:00:00.000Z', 23],
    ]);
  });
});
