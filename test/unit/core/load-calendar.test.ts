import assert from 'node:assert/strict';

import fc from 'fast-check';

import { formulaCurve, maxPerStep, workCurve } from '../../../core/forecast.ts';
import { instancesPerMinute, namedWindows } from '../../../core/load-calendar.ts';

describe('instances per minute', () => {
  it('are the greatest values of the formula in each minute', () => {
    const rows = fc.array(
      fc.record({
        atMs: fc.integer({ min: -60_000, max: 600_000 }),
        count: fc.integer({ min: 1, max: 50 }),
        durationMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 8 }), (demand, slots) => {
        const span = { fromMs: 0, seconds: 630 };
        assert.deepEqual(
          instancesPerMinute(workCurve(demand, span), slots),
          maxPerStep(formulaCurve(demand, span, slots), 60).slice(0, 10), // the half minute at the end is left out
        );
      }),
    );
  });
});

describe('named windows', () => {
  it('are the quietest and the busiest ones, none over another', () => {
    const values = [null, 0, 0, 5, 1, 1, 0, 9, 0, 0];
    const { quietest, busiest } = namedWindows(values, 2, 2);
    assert.deepEqual(quietest, [
      { first: 1, minutes: 2, most: 0, mean: 0 },
      { first: 8, minutes: 2, most: 0, mean: 0 },
    ]);
    assert.deepEqual(busiest, [
      { first: 6, minutes: 2, most: 9, mean: 4.5 },
      { first: 3, minutes: 2, most: 5, mean: 3 },
    ]);
  });

  it('are none where nothing is known, and none is busy where nothing is to do', () => {
    assert.deepEqual(namedWindows([null, 1, null, 1], 2, 3), { quietest: [], busiest: [] });
    assert.deepEqual(namedWindows([0, 0], 2, 3).busiest, []);
  });

  it('hold what a look at each of them says', () => {
    const value = fc.option(fc.integer({ min: 0, max: 9 }), { nil: null });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (values, size) => {
        const all = values
          .map((_, first) => ({ first, part: values.slice(first, first + size) }))
          .filter(({ part }) => part.length === size && part.every((one) => one !== null))
          .map(({ first, part }) => ({
            first,
            most: Math.max(...part.map(Number)),
            sum: part.reduce<number>((a, b) => a + Number(b), 0),
          }));
        const { quietest, busiest } = namedWindows(values, size, 3);
        assert.equal(quietest.length > 0, all.length > 0);
        const [quiet, busy] = [quietest[0], busiest[0]];
        if (quiet !== undefined) assert.equal(quiet.most, Math.min(...all.map(({ most }) => most)));
        if (busy !== undefined) assert.equal(Math.round(busy.mean * size), Math.max(...all.map(({ sum }) => sum)));
        for (const { first, most, mean } of [...quietest, ...busiest]) {
          const found = all.find((one) => one.first === first);
          assert.deepEqual([found?.most, found?.sum], [most, Math.round(mean * size)]);
        }
        for (const list of [quietest, busiest]) {
          const firsts = list.map(({ first }) => first).sort((a, b) => a - b);
          assert.ok(firsts.every((first, index) => index === 0 || first - Number(firsts[index - 1]) >= size));
        }
      }),
    );
  });
});
