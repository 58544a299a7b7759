import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  type DemandRow,
  formulaCurve,
  maxPerStep,
  predictLate,
  requiredInstances,
  shapeCurve,
  sumPerStep,
} from '../../../core/forecast.ts';

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
});

describe('predictLate', () => {
  it('counts what starts more than ten seconds after its time', () => {
    // One slot, six runs of 4 s: they start at 0, 4, 8, 12, 16 and 20 s.
    assert.deepEqual(predictLate([row(0, 6, 4_000)], span(2), 1), [3, 0]);
    assert.deepEqual(predictLate([row(0, 6, 4_000)], span(2), 2), [0, 0]);
  });

  it('lets a backlog delay what comes later, and drain in between', () => {
    assert.deepEqual(predictLate([row(0, 6, 4_000), row(1, 2, 1_000)], span(2), 1), [3, 2]);
    assert.equal(predictLate([row(0, 6, 4_000), row(24, 1, 1_000)], span(30), 1)[24], 0);
    assert.equal(predictLate([row(-1, 6, 4_000), row(0, 1, 1_000)], span(1), 1)[0], 1);
  });

  it('makes everything late without a slot, and work that takes no time only behind other work', () => {
    assert.deepEqual(predictLate([row(0, 5, 100)], span(1), 0), [5]);
    assert.deepEqual(predictLate([row(0, 5, 0)], span(1), 1), [0]);
    assert.deepEqual(predictLate([row(0, 3, 20_000), row(1, 5, 0)], span(2), 1), [2, 5]);
  });

  it('is silent about an empty future and about times outside the span', () => {
    assert.deepEqual(predictLate([], span(3), 1), [0, 0, 0]);
    assert.deepEqual(predictLate([row(9, 9, 9_000)], span(3), 1), [0, 0, 0]);
  });

  it('agrees with a queue served one by one', () => {
    const rows = fc.array(fc.record({ second: fc.nat(20), count: fc.integer({ min: 1, max: 6 }) }), { maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 500, max: 6_000 }), (draft, durationMs) => {
        const demand = draft.map(({ second, count }) => row(second, count, durationMs)).sort((a, b) => a.atMs - b.atMs);
        let freeMs = 0;
        let late = 0;
        for (const { atMs, count } of demand) {
          for (let index = 0; index < count; index += 1) {
            freeMs = Math.max(freeMs, atMs);
            if (freeMs > atMs + 10_000) late += 1;
            freeMs += durationMs;
          }
        }
        assert.equal(
          predictLate(demand, span(30), 1).reduce((sum, value) => sum + value, 0),
          late,
        );
      }),
    );
  });
});

describe('steps', () => {
  it('show the peak of each step, and the sum of what is late in it', () => {
    assert.deepEqual(maxPerStep([1, 5, 2, 0, 7], 2), [5, 2, 7]);
    assert.deepEqual(sumPerStep([1, 5, 2, 0, 7], 2), [6, 2, 7]);
  });
});
