import assert from 'node:assert/strict';

import fc from 'fast-check';

import { batchCurve } from '../../../core/batch-curve.ts';
import { formulaCurve } from '../../../core/forecast.ts';

const SPAN = { fromMs: 10_000, seconds: 30 };

describe('batchCurve', () => {
  it('counts half a run more than the nine seconds for each slot', () => {
    // 300 x 4 s are 1,200 s of work; a slot begins 9 s + 2 s of it in time.
    const curve = batchCurve([{ atMs: 15_500, count: 300, durationMs: 4_000 }], SPAN);
    assert.deepEqual([curve[4], curve[5], curve[14], curve[15]], [0, 110, 110, 0]);
  });

  it('looks at each second by itself, and neither at long runs nor beyond the span', () => {
    const curve = batchCurve(
      [
        { atMs: 10_000, count: 10, durationMs: 2_000 },
        { atMs: 10_900, count: 10, durationMs: 2_000 },
        { atMs: 12_000, count: 50, durationMs: 2_000 },
        { atMs: 9_000, count: 500, durationMs: 2_000 },
        { atMs: 40_000, count: 500, durationMs: 2_000 },
        { atMs: 20_000, count: 500, durationMs: 20_000 },
        { atMs: 38_000, count: 5, durationMs: 2_000 },
      ],
      SPAN,
    );
    assert.deepEqual(
      [0, 1, 2, 11, 12, 27, 28, 29].map((second) => curve[second]),
      [4, 4, 10, 10, 0, 0, 1, 1],
    );
  });

  it('is never above the formula', () => {
    const row = fc.record({
      atMs: fc.integer({ min: 0, max: 60_000 }),
      count: fc.integer({ min: 1, max: 50 }),
      durationMs: fc.integer({ min: 1, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const formula = formulaCurve(rows, SPAN, 1);
        for (const [second, slots] of batchCurve(rows, SPAN).entries()) assert.ok(slots <= Number(formula[second]));
      }),
      { numRuns: 1_000 },
    );
  });
});
