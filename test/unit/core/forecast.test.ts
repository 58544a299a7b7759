import assert from 'node:assert/strict';

import fc from 'fast-check';

import { type DemandRow, formulaCurve, maxPerStep, requiredInstances, sumPerStep } from '../../../core/forecast.ts';

const row = (second: number, count: number, durationMs: number): DemandRow => ({
  atMs: second * 1_000,
  count,
  durationMs,
});
const span = (seconds: number) => ({ fromMs: 0, seconds });

describe('requiredInstances', () => {
  it('is the total compute over 9,000 ms, rounded up', () => {
    assert.deepEqual(
      [0, 1, 9_000, 9_001, 48_000].map((computeMs) => requiredInstances(computeMs, 1)),
      [0, 1, 1, 2, 6],
    );
    assert.equal(requiredInstances(48_000, 4), 2);
  });

  it('does not charge an instance for the error of a sum of fractions', () => {
    const computeMs = Array.from({ length: 90 }, () => 0.1).reduce((sum, value) => sum + value, 0) * 1_000;
    assert.ok(computeMs !== 9_000);
    assert.equal(requiredInstances(computeMs, 1), 1);
  });
});

describe('formulaCurve', () => {
  it('equals the formula for ten seconds where scheduled times lie apart', () => {
    const work = fc.record({ count: fc.integer({ min: 1, max: 500 }), durationMs: fc.integer({ min: 1, max: 9_000 }) });
    fc.assert(
      fc.property(fc.array(work, { maxLength: 5 }), fc.integer({ min: 1, max: 4 }), (works, slots) => {
        const rows = works.map(({ count, durationMs }, index) => row(index * 20 + 3, count, durationMs));
        const curve = formulaCurve(rows, span(120), slots);
        for (const [index, { count, durationMs }] of works.entries()) {
          const expected = requiredInstances(count * durationMs, slots);
          assert.deepEqual(
            curve.slice(index * 20 + 3, index * 20 + 13),
            Array.from({ length: 10 }, () => expected),
          );
          assert.equal(curve[index * 20 + 13], 0);
        }
      }),
    );
  });

  it('adds up what shares a window', () => {
    assert.equal(Math.max(...formulaCurve([row(0, 1, 9_000), row(5, 1, 9_000)], span(30), 1)), 2);
  });

  it('asks for a slot per run, for as long as it takes and a tenth more, when a run outlasts its window', () => {
    const curve = formulaCurve([row(2, 3, 45_000)], span(100), 1);
    assert.deepEqual([curve[1], curve[2], curve[51], curve[52]], [0, 3, 3, 0]);
  });

  it('sees the shadow of what began before the span, and nothing of what lies outside', () => {
    const curve = formulaCurve([row(-5, 1, 9_000), row(-20, 9, 9_000), row(40, 9, 9_000)], span(30), 1);
    assert.deepEqual([curve[0], curve[4], curve[5], curve[29]], [1, 1, 0, 0]);
    assert.equal(formulaCurve([row(25, 1, 9_000)], span(30), 1)[29], 1);
  });
});

describe('formulaCurve, however it is computed', () => {
  const rows = fc.array(
    fc.record({
      atMs: fc.integer({ min: -30_000, max: 100_000 }),
      count: fc.integer({ min: 1, max: 1_000 }),
      durationMs: fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.double({ min: 0, max: 9_500, noNaN: true })),
    }),
    { maxLength: 12 },
  );

  it('is never lowered by more work', () => {
    fc.assert(
      fc.property(rows, rows, fc.integer({ min: 1, max: 4 }), (some, more, slots) => {
        const [before, after] = [some, [...some, ...more]].map((work) => formulaCurve(work, span(120), slots));
        for (const [second, instances] of (after ?? []).entries()) assert.ok(instances >= Number(before?.[second]));
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not depend on the order of the rows, and ends at nothing', () => {
    fc.assert(
      fc.property(rows, (some) => {
        const curve = formulaCurve(some, span(240), 1);
        assert.deepEqual(formulaCurve([...some].reverse(), span(240), 1), curve);
        assert.equal(curve.at(-1), 0);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('steps', () => {
  it('show the peak of each step, and the sum of what is late in it', () => {
    assert.deepEqual(maxPerStep([1, 5, 2, 0, 7], 2), [5, 2, 7]);
    assert.deepEqual(sumPerStep([1, 5, 2, 0, 7], 2), [6, 2, 7]);
  });
});
