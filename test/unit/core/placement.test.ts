import assert from 'node:assert/strict';

import fc from 'fast-check';

import { HOUR_MS, SECOND_MS } from '../../../core/duration.ts';
import { hashOffsetMs, type LoadCurve, placeByLoad, settledOffsetMs } from '../../../core/placement.ts';

const STEP_MS = 10_000;
const FROM_MS = Date.UTC(2026, 10, 21);
const at = (step: number): number => FROM_MS + step * STEP_MS;
const curve = (...work: readonly number[]): LoadCurve => ({
  fromMs: FROM_MS,
  stepMs: STEP_MS,
  work: Float64Array.from(work),
});

describe('placeByLoad', () => {
  it('takes the place with the least work, the earliest of equal ones', () => {
    assert.equal(placeByLoad(curve(5, 3, 1, 4, 1), at(0), 4 * STEP_MS, 1), at(2));
    assert.equal(placeByLoad(curve(5, 5, 5), at(0), 2 * STEP_MS, 1), at(0));
    assert.equal(placeByLoad(curve(5, 3, 0, 0), at(0), 3 * STEP_MS, 1), at(2));
  });

  it('may take the very end of the window, and nothing after it', () => {
    assert.equal(placeByLoad(curve(5, 3, 0), at(0), 2 * STEP_MS, 1), at(2));
    assert.equal(placeByLoad(curve(5, 3, 0), at(0), 2 * STEP_MS - 1, 1), at(1));
    assert.equal(placeByLoad(curve(5, 3, 0), at(0), 0, 1), at(0));
  });

  it('adds the work, so that the next one sees it', () => {
    const load = curve(0, 0, 0);
    const places = [1, 2, 3, 4].map(() => placeByLoad(load, at(0), 2 * STEP_MS, 700));
    assert.deepEqual(places, [at(0), at(1), at(2), at(0)]);
    assert.deepEqual([...load.work], [1_400, 700, 700]);
  });

  it('looks at all steps in which a long occurrence runs, and adds to each what falls into it', () => {
    const load = curve(1, 0, 9, 1, 1, 1);
    assert.equal(placeByLoad(load, at(0), 3 * STEP_MS, 25_000), at(3));
    assert.deepEqual([...load.work], [1, 0, 9, 10_001, 10_001, 5_001]);
  });

  it('counts what lies outside of the curve as free', () => {
    const load = curve(5, 5);
    assert.equal(placeByLoad(load, at(0), 5 * STEP_MS, 1_000), at(2));
    assert.equal(placeByLoad(load, at(1), 0, 15_000), at(1));
    assert.equal(placeByLoad(load, at(-2), 2 * STEP_MS, 15_000), at(-2));
    assert.equal(placeByLoad(load, at(-1), 0, 15_000), at(-1));
    assert.deepEqual([...load.work], [5_005, 10_005]);
  });

  it('leaves an occurrence at its time when its window has no boundary of a step', () => {
    const load = curve(7, 0);
    assert.equal(placeByLoad(load, at(0) + 2_000, 5_000, 400), at(0) + 2_000);
    assert.deepEqual([...load.work], [407, 0]);
  });

  it('never leaves the window, finds the least work in it, and adds exactly its own', () => {
    fc.assert(
      fc.property(
        anyWork,
        fc.integer({ min: -100_000, max: 500_000 }),
        fc.integer({ min: 0, max: 300_000 }),
        fc.integer({ min: 1, max: 60_000 }),
        (work, offsetMs, windowMs, durationMs) => {
          const load = curve(...work);
          const atMs = FROM_MS + offsetMs;
          const placedMs = placeByLoad(load, atMs, windowMs, durationMs);
          assert.ok(placedMs >= atMs && placedMs <= atMs + windowMs);
          assert.equal(placeByLoad(curve(...work), atMs, windowMs, durationMs), placedMs);

          const peakAt = (startMs: number): number => {
            const step = Math.floor((startMs - FROM_MS) / STEP_MS);
            const steps = Math.ceil(durationMs / STEP_MS);
            return Math.max(...Array.from({ length: steps }, (_, index) => work[step + index] ?? 0));
          };
          const boundaries = Array.from({ length: 82 }, (_, index) => at(index - 11));
          for (const otherMs of boundaries.filter((one) => one >= atMs && one <= atMs + windowMs)) {
            assert.ok(peakAt(placedMs) <= peakAt(otherMs));
            assert.ok(peakAt(placedMs) < peakAt(otherMs) || placedMs <= otherMs);
          }

          const added = sum(load.work) - sum(work);
          const firstStep = Math.floor((placedMs - FROM_MS) / STEP_MS);
          assert.ok(added <= durationMs);
          if (firstStep >= 0 && firstStep + Math.ceil(durationMs / STEP_MS) <= work.length)
            assert.equal(added, durationMs);
        },
      ),
    );
  });

  it('makes no peak of a crowd at one time that would not be there without windows', () => {
    const anyCrowd = fc.array(
      fc.record({
        windowMs: fc.integer({ min: 0, max: 300_000 }),
        durationMs: fc.integer({ min: 1, max: STEP_MS }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(anyWork, fc.integer({ min: 0, max: 4 }), anyCrowd, (work, step, crowd) => {
        const placed = curve(...work);
        const nominal = curve(...work);
        for (const { windowMs, durationMs } of crowd) {
          placeByLoad(placed, at(step), windowMs, durationMs);
          placeByLoad(nominal, at(step), 0, durationMs);
        }
        assert.ok(Math.max(...placed.work) <= Math.max(...nominal.work));
      }),
    );
  });

  it('spreads a thousand equal occurrences evenly over an empty hour', () => {
    const load: LoadCurve = { fromMs: FROM_MS, stepMs: STEP_MS, work: new Float64Array(361) };
    for (let index = 0; index < 1_000; index += 1) placeByLoad(load, FROM_MS, HOUR_MS, 500);
    assert.equal(Math.max(...load.work), 1_500);
    assert.equal(Math.min(...load.work), 1_000);
  });
});

describe('hashOffsetMs', () => {
  const offsets = Array.from({ length: 10_000 }, (_, id) => hashOffsetMs(String(id + 1), HOUR_MS));

  it('is the same at every call', () => {
    assert.deepEqual(
      offsets,
      Array.from({ length: 10_000 }, (_, id) => hashOffsetMs(String(id + 1), HOUR_MS)),
    );
    // What was placed yesterday stays there tomorrow: a changed hash would move every task.
    assert.deepEqual(
      ['1', '2', '123456789'].map((id) => hashOffsetMs(id, HOUR_MS)),
      [880_000, 2_239_000, 908_000],
    );
  });

  it('is a whole second within the window, its end included', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 63n }), fc.integer({ min: 0, max: 86_400_000 }), (id, windowMs) => {
        const offsetMs = hashOffsetMs(String(id), windowMs);
        assert.ok(offsetMs >= 0 && offsetMs <= windowMs);
        assert.equal(offsetMs % SECOND_MS, 0);
      }),
    );
    assert.deepEqual([...new Set(offsets.map((_, id) => hashOffsetMs(String(id), 2_999)))].sort(), [0, 1_000, 2_000]);
    assert.equal(hashOffsetMs('7', 0), 0);
    assert.equal(hashOffsetMs('7', 999), 0);
  });

  it('spreads ten thousand tasks evenly', () => {
    const BINS = 60;
    const counts = new Array<number>(BINS).fill(0);
    for (const offsetMs of offsets) {
      const bin = Math.min(BINS - 1, Math.floor(offsetMs / (HOUR_MS / BINS)));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    const expected = offsets.length / BINS;
    const chiSquare = sum(counts.map((count) => (count - expected) ** 2 / expected));
    assert.ok(chiSquare < 99, `${chiSquare} with 59 degrees of freedom; 1 in 1,000 is above 98.3`);
    const seconds = new Set(offsets).size;
    assert.ok(seconds > 3_300, `${seconds} of 3,601 seconds are used; 3,377 would be by chance`);
  });

  it('parts tasks whose ids follow each other', () => {
    const distances = offsets.slice(1).map((offsetMs, index) => Math.abs(offsetMs - Number(offsets[index])));
    const mean = sum(distances) / distances.length;
    assert.ok(Math.abs(mean / HOUR_MS - 1 / 3) < 0.02, `${mean} ms on average; a third of the window by chance`);
    const close = distances.filter((distance) => distance <= 10_000).length / distances.length;
    assert.ok(close < 0.01, `${close} of the neighbours are within ten seconds`);
  });
});

const anyWork = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 40 });

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

describe('the settled place of a task', () => {
  const task = { id: '7', flexibleWindowMs: 600_000, placement: 'hash' as const, placementOffsetMs: null };

  it('is what advice gave it, within its window; else what its placement says, where that does not depend on the load', () => {
    assert.equal(settledOffsetMs({ ...task, placementOffsetMs: 90_000 }), 90_000);
    assert.equal(settledOffsetMs({ ...task, placementOffsetMs: 900_000 }), 600_000);
    assert.equal(settledOffsetMs(task), hashOffsetMs('7', 600_000));
    assert.equal(settledOffsetMs({ ...task, placement: 'load' }), undefined);
    assert.equal(settledOffsetMs({ ...task, placement: 'load', flexibleWindowMs: 0 }), 0);
  });
});
