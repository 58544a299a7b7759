import assert from 'node:assert/strict';

import fc from 'fast-check';

import { DAY_MS } from '../../../core/duration.ts';
import { fillPage, timeSlices } from '../../../db/time-slices.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 12);

describe('timeSlices', () => {
  const instant = fc.integer({ min: -2_000 * DAY_MS, max: 30 * DAY_MS }).map((offsetMs) => NOW_MS + offsetMs);
  const range = fc.tuple(instant, fc.oneof(instant, fc.constant(Infinity)));

  it('covers the range exactly, in the order asked for, in few slices', () => {
    fc.assert(
      fc.property(range, fc.boolean(), ([fromMs, untilMs], descending) => {
        const slices = [...timeSlices({ fromMs, untilMs }, descending, NOW_MS)];
        if (untilMs <= fromMs) {
          assert.deepEqual(slices, []);
          return;
        }
        const ascending = descending ? [...slices].reverse() : slices;
        assert.equal(ascending[0]?.fromMs, fromMs);
        assert.equal(ascending.at(-1)?.untilMs, untilMs);
        for (const [index, slice] of ascending.entries()) {
          assert.ok(slice.fromMs < slice.untilMs);
          if (index > 0) assert.equal(slice.fromMs, ascending[index - 1]?.untilMs);
        }
        assert.ok(slices.length <= 14, String(slices.length));
      }),
    );
  });

  it('begins small where a list begins, with everything that is still to come as one slice', () => {
    const [future, first] = timeSlices({ fromMs: 0, untilMs: Infinity }, true, NOW_MS);
    assert.deepEqual(future, { fromMs: NOW_MS, untilMs: Infinity });
    assert.deepEqual(first, { fromMs: NOW_MS - 2 * DAY_MS, untilMs: NOW_MS });
  });
});

describe('fillPage', () => {
  it('reads no slice beyond the one that fills the page, and asks each only for what is missing', async () => {
    const asked: number[] = [];
    const page = await fillPage(timeSlices({ fromMs: 0, untilMs: NOW_MS }, true, NOW_MS), 5, (slice, limit) => {
      asked.push(limit);
      return Promise.resolve([slice.fromMs, slice.untilMs].slice(0, limit));
    });
    assert.deepEqual(asked, [5, 3, 1]);
    assert.equal(page.length, 5);
  });
});
