import assert from 'node:assert/strict';

import fc from 'fast-check';

import { planningDurationMs, withPlanningDurations } from '../../../core/planning-duration.ts';

const SHORT = { count: 10_000, meanMs: 1_000, varianceMs2: 250_000, p90Ms: 1_700 };
const LONG = { count: 10_000, meanMs: 20_000, varianceMs2: 1e8, p90Ms: 33_000 };

describe('planningDurationMs', () => {
  it('is the mean without a reserve', () => {
    assert.equal(planningDurationMs(SHORT, 1, 0), 1_000);
    assert.equal(planningDurationMs({ ...SHORT, meanMs: 0 }, 1, 1.65), 0);
  });

  it('keeps less in reserve for each the more short runs share a window', () => {
    const [alone, hundred] = [1, 100].map((together) => planningDurationMs(SHORT, together, 1.65));
    assert.equal(Math.round(alone ?? 0), 1_825);
    assert.equal(Math.round(hundred ?? 0), 1_083);
  });

  it('is what nine of ten long runs stay below, however many there are', () => {
    assert.deepEqual(
      [1, 100].map((together) => planningDurationMs(LONG, together, 1.65)),
      [33_000, 33_000],
    );
    assert.equal(planningDurationMs({ ...LONG, p90Ms: 100 }, 1, 1.65), 20_000);
  });

  it('does not trust a few runs, nor a declared estimate', () => {
    const guess = { count: 0, meanMs: 1_000, varianceMs2: 0, p90Ms: 0 };
    assert.ok(planningDurationMs(guess, 1_000, 1.65) > 1_800);
    assert.ok(planningDurationMs({ ...SHORT, count: 20 }, 1_000, 1.65) > planningDurationMs(SHORT, 1_000, 1.65));
    assert.ok(planningDurationMs({ ...guess, meanMs: 20_000 }, 1_000, 1.65) > 40_000);
  });
});

describe('withPlanningDurations', () => {
  const row = (atMs: number, count: number, taskType = 'known') => ({ atMs, count, taskType, durationMs: 1_000 });

  it('keeps the rows in their order, and the duration of those that nothing is known of', () => {
    const rows = [row(20_000, 1), row(0, 1, 'new'), row(0, 1)];
    const planned = withPlanningDurations(rows, new Map([['known', SHORT]]), { z: 1.65, overheadMs: 20 });
    assert.deepEqual(
      planned.map(({ atMs, taskType, durationMs }) => [atMs, taskType, Math.round(durationMs)]),
      [
        [20_000, 'known', 1_845],
        [0, 'new', 1_020],
        [0, 'known', 1_845],
      ],
    );
  });

  it('counts together what falls due in the window that begins with the row', () => {
    const work = fc.record({ atMs: fc.nat(40_000), count: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(work, { maxLength: 20 }), (some) => {
        const rows = some.map(({ atMs, count }) => row(atMs, count));
        const planned = withPlanningDurations(rows, new Map([['known', SHORT]]), { z: 1.65, overheadMs: 0 });
        for (const [index, { atMs }] of rows.entries()) {
          const window = rows.filter((other) => other.atMs >= atMs && other.atMs < atMs + 10_000);
          const together = window.reduce((sum, { count }) => sum + count, 0);
          const durationMs = Number(planned[index]?.durationMs);
          // Rows of one instant share their window: the first of them counts all, the last only itself and what follows.
          if (rows.filter((other) => other.atMs === atMs).length === 1)
            assert.equal(durationMs, planningDurationMs(SHORT, together, 1.65));
          else assert.ok(durationMs >= planningDurationMs(SHORT, together, 1.65));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
