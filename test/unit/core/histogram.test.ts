import assert from 'node:assert/strict';

import fc from 'fast-check';

import { bucketOf, BUCKETS, quantile } from '../../../core/histogram.ts';

describe('bucketOf', () => {
  it('counts a run in the first bucket whose bound it does not exceed', () => {
    assert.deepEqual([0, 1, 1.01, 1.18, 1.19, 2, 2.01, 1_000].map(bucketOf), [1, 1, 2, 2, 3, 5, 6, 41]);
  });

  it('has a bucket for every time, and never a lower one for a longer time', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e12, noNaN: true }),
        fc.double({ min: 0, max: 1e12, noNaN: true }),
        (a, b) => {
          const [shorter, longer] = [Math.min(a, b), Math.max(a, b)];
          assert.ok(bucketOf(shorter) >= 1 && bucketOf(longer) <= BUCKETS);
          assert.ok(bucketOf(shorter) <= bucketOf(longer));
        },
      ),
    );
  });
});

describe('quantile', () => {
  const histogramOf = (timesMs: readonly number[]): number[] => {
    const histogram = new Array<number>(BUCKETS).fill(0);
    for (const timeMs of timesMs) histogram[bucketOf(timeMs) - 1] = (histogram[bucketOf(timeMs) - 1] ?? 0) + 1;
    return histogram;
  };

  it('does not know the quantile of no runs', () => {
    assert.equal(quantile([], 0.5), undefined);
    assert.equal(quantile([0, 0], 0.5), undefined);
  });

  it('spreads the runs of a bucket evenly between its bounds', () => {
    assert.equal(quantile([4], 0.5), 0.5);
    assert.equal(quantile([0, 0, 0, 0, 0, 0, 0, 0, 10], 0), 2 ** (7 / 4));
    assert.equal(quantile([0, 0, 0, 0, 0, 0, 0, 0, 10], 1), 4);
    assert.equal(quantile([1, 0, 0, 0, 1], 1), 2);
  });

  it('gives the longest time there is for more than everything', () => {
    assert.equal(quantile([1, 0, 0, 0, 1], 1.5), 2);
  });

  it('is off by less than a fifth of the true value above 1 ms', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1.001, max: 1e8, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (timesMs, q) => {
          const sorted = [...timesMs].sort((a, b) => a - b);
          const trueMs = sorted[Math.ceil(q * sorted.length) - 1] ?? 0;
          const estimatedMs = quantile(histogramOf(timesMs), q) ?? 0;
          assert.ok(Math.abs(estimatedMs - trueMs) <= trueMs * 0.2, `${estimatedMs} for ${trueMs}`);
        },
      ),
    );
  });
});
