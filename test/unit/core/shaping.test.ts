import assert from 'node:assert/strict';

import fc from 'fast-check';

import { shapeCurve } from '../../../core/shaping.ts';

describe('shapeCurve', () => {
  const shaping = { leadTimeMs: 0, tailMs: 0, closingMs: 0, minReplicas: 0, maxReplicas: 100 };

  it('asks ahead by the lead time, and keeps for the tail', () => {
    const curve = [0, 0, 0, 0, 4, 0, 0, 0];
    assert.deepEqual(shapeCurve(curve, { ...shaping, leadTimeMs: 2_000, tailMs: 1_000 }), [0, 0, 4, 4, 4, 4, 0, 0]);
  });

  it('fills short valleys and leaves wide ones', () => {
    assert.deepEqual(
      shapeCurve([3, 1, 1, 3, 0, 0, 0, 0, 2], { ...shaping, closingMs: 2_000 }),
      [3, 3, 3, 3, 0, 0, 0, 0, 2],
    );
  });

  it('keeps to the limits', () => {
    assert.deepEqual(shapeCurve([0, 5, 9], { ...shaping, minReplicas: 2, maxReplicas: 7 }), [2, 5, 7]);
  });

  it('is never below the curve, but for the upper limit, and equals the extremes worked out one by one', () => {
    const seconds = fc.integer({ min: 0, max: 8 });
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 40 }), seconds, seconds, seconds, (curve, lead, tail, closing) => {
        const shaped = shapeCurve(curve, {
          ...shaping,
          leadTimeMs: lead * 1_000,
          tailMs: tail * 1_000,
          closingMs: closing * 1_000,
        });
        const extreme = (
          values: readonly number[],
          from: number,
          until: number,
          pick: (...of: number[]) => number,
        ): number[] => values.map((_, index) => pick(...values.slice(Math.max(0, index + from), index + until + 1)));
        const filled = extreme(extreme(curve, 0, closing, Math.max), -closing, 0, Math.min);
        assert.deepEqual(shaped, extreme(filled, -tail, lead, Math.max));
        for (const [index, value] of shaped.entries()) assert.ok(value >= Number(curve[index]));
      }),
    );
  });

  it('lets go of no more within a minute than it may', () => {
    const curve = [...Array.from({ length: 3 }, () => 10), ...Array.from({ length: 100 }, () => 0)];
    const shaped = shapeCurve(curve, { ...shaping, stepDownPerMinute: 6 });
    assert.deepEqual(
      [2, 3, 12, 13, 22, 62, 102].map((second) => shaped[second]),
      [10, 10, 9, 9, 8, 4, 0],
    );
  });
});
