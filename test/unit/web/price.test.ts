import assert from 'node:assert/strict';

import type { PriceTag } from '../../../web/src/api/shapes.ts';
import { priceSentence, shiftWords } from '../../../web/src/tasks/priceWords.ts';
import { shiftCron } from '../../../web/src/tasks/shiftCron.ts';

const PRICE: PriceTag = {
  pool: 'default',
  range: {
    from: '2026-11-21T09:00:00.000Z',
    until: '2026-11-22T09:00:00.000Z',
    writtenUntil: '2026-11-22T00:00:00.000Z',
  },
  ageMs: 0,
  peakBefore: 3,
  peakAfter: 9,
  peakAt: '2026-11-22T00:00:00.000Z',
  replicaMinutesPerDay: 1_240.6,
  computeMsPerDay: 54_000,
  runsPerDay: 1,
  firstLateAt: null,
  lateBefore: 0,
  lateAfter: 0,
  nearestCheaper: null,
};

describe('what a schedule costs', () => {
  it('is a sentence', () => {
    assert.equal(priceSentence(PRICE), 'The peak goes from 3 to 9 instances; 1,241 instance minutes a day more.');
    assert.equal(
      priceSentence({ ...PRICE, peakAfter: 1, peakBefore: 1, replicaMinutesPerDay: -1 }),
      'The peak stays at 1 instance; 1 instance minute a day less.',
    );
    assert.equal(
      priceSentence({ ...PRICE, peakBefore: 2, peakAfter: 2, replicaMinutesPerDay: 0.2 }),
      'The peak stays at 2 instances, and next to no instance time is added.',
    );
    assert.deepEqual([420_000, -60_000].map(shiftWords), ['7 min later', '1 min earlier']);
  });
});

describe('a cheaper time', () => {
  it('is the same expression some minutes away', () => {
    assert.equal(shiftCron('0 9 * * 1-5', 7), '7 9 * * 1-5');
    assert.equal(shiftCron(' 50  23 * * * ', -30), '20 23 * * *');
    assert.equal(shiftCron('0 9 1 * *', -1), '59 8 1 * *');
    assert.equal(shiftCron('58 * * * *', 5), '3 * * * *');
    assert.equal(shiftCron('2 * * * *', -5), '57 * * * *');
  });

  it('is not filled in where it would mean other days, or is no plain time', () => {
    for (const [expression, minutes] of [
      ['50 23 * * *', 15],
      ['5 0 * * *', -6],
      ['*/5 * * * *', 1],
      ['0,30 9 * * *', 1],
      ['0 9-17 * * *', 1],
      ['75 9 * * *', 1],
      ['0 24 * * *', 1],
      ['0 0 9 * * *', 1],
      ['@daily', 1],
    ] as const) {
      assert.equal(shiftCron(expression, minutes), undefined, expression);
    }
  });
});
