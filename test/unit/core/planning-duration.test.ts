import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { DurationStatistics } from '../../../core/duration-statistics.ts';
import { withPlanningDurations, withReplayDurations } from '../../../core/planning-duration.ts';

const SHORT = { count: 10_000, meanMs: 1_000, varianceMs2: 250_000, p90Ms: 1_640 };
const LONG = { count: 10_000, meanMs: 20_000, varianceMs2: 1e8, p90Ms: 32_800 };
const RESERVE = { z: 2, overheadMs: 0 };

const row = (atMs: number, count: number, taskType = 'short', durationMs = 1_000) => ({
  atMs,
  count,
  taskType,
  durationMs,
});
const known = (more: Record<string, DurationStatistics> = {}) =>
  new Map<string, DurationStatistics>(Object.entries({ short: SHORT, long: LONG, ...more }));
const planned = (rows: readonly ReturnType<typeof row>[], statistics = known(), reserve = RESERVE) =>
  withPlanningDurations(rows, statistics, reserve).map(({ durationMs }) => Math.round(durationMs));

describe('withPlanningDurations', () => {
  it('is the mean without a reserve, and what the rows say where nothing is known', () => {
    const rows = [row(0, 1), row(0, 1, 'long'), row(0, 1, 'new', 70)];
    assert.deepEqual(planned(rows, known(), { z: 0, overheadMs: 20 }), [1_020, 20_020, 90]);
    assert.deepEqual(planned([row(0, 1, 'new', 70)]), [70]);
  });

  it('keeps less in reserve for each the more short runs share a window, in whatever order the rows come', () => {
    assert.deepEqual(planned([row(0, 1)]), [2_000]);
    assert.deepEqual(planned([row(0, 100)]), [1_100]);
    assert.deepEqual(planned([row(9_999, 36), row(0, 64), row(10_000, 1)]), [1_165, 1_100, 2_000]);
    assert.deepEqual(planned([row(0, 50), row(0, 50)]), [1_100, 1_100]);
  });

  it('keeps one reserve for all short types together, and most of it for those that vary most', () => {
    const wild = { ...SHORT, varianceMs2: 1_000_000 };
    const steady = { ...SHORT, varianceMs2: 0 };
    // 64 + 36 runs with a spread of 500 ms have one of 5,000 ms together.
    assert.deepEqual(planned([row(0, 64), row(0, 36, 'other')], known({ other: SHORT })), [1_100, 1_100]);
    assert.deepEqual(planned([row(0, 4), row(0, 3, 'wild')], known({ wild })), [1_250, 2_000]);
    assert.deepEqual(planned([row(0, 4), row(0, 3, 'steady')], known({ steady })), [1_500, 1_000]);
  });

  /** Of a log-normal distribution with the mean and the spread of LONG. */
  const tail = 20_000 * Math.exp(2 * Math.sqrt(Math.log(1.25)) - Math.log(1.25) / 2);

  it('is the tail of a long run that is alone', () => {
    assert.deepEqual(planned([row(0, 1, 'long')]), [Math.round(tail)]);
    assert.deepEqual(planned([row(0, 0, 'long')]), [Math.round(tail)]);
    assert.equal(planned([row(0, 1, 'wild')], known({ wild: { ...LONG, p90Ms: 90_000 } }))[0], 90_000);
    assert.equal(
      planned([row(0, 1, 'exact')], known({ exact: { ...LONG, varianceMs2: 0, p90Ms: 20_000 } }))[0],
      20_000,
    );
  });

  it('is less for long runs side by side, by how many there are and in how many groups they began', () => {
    const longAt = (groups: number, count: number) => {
      const rows = Array.from({ length: groups }, (_, index) => row((index * 20_000) / groups, count, 'long'));
      return Number(planned(rows).at(-1));
    };
    // A run more or less is the difference of two: 20 s and 10 s of spread make √(20 × 10 / √π) = 10.62 of √runs.
    assert.equal(longAt(20, 5), Math.round(20_000 + (2 * 10_622.5) / Math.sqrt(100) + (tail - 20_000) / 20));
    assert.equal(longAt(10, 10), Math.round(20_000 + (2 * 10_622.5) / Math.sqrt(100) + (tail - 20_000) / 10));
    assert.ok(longAt(20, 50) < longAt(20, 5));
    const [, beside = 0] = planned([row(0, 100, 'long'), row(10_000, 1, 'long')]);
    assert.ok(beside > longAt(2, 50), 'a small group beside a large one is hardly one more');
  });

  it('plans a long run beside others between its mean and its tail', () => {
    const work = fc.record({ atMs: fc.nat(60_000), count: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(work, { maxLength: 30 }), (some) => {
        for (const ms of planned(some.map(({ atMs, count }) => row(atMs, count, 'long'))))
          assert.ok(ms > 20_000 && ms <= Math.round(tail));
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not trust a few runs, nor a declared estimate', () => {
    const guess = { count: 0, meanMs: 1_000, varianceMs2: 0, p90Ms: 0 };
    const types = known({ guess, few: { ...SHORT, count: 20 }, slow: { ...guess, meanMs: 20_000 } });
    const [guessed = 0, few = 0, many = 0, slow = 0] = ['guess', 'few', 'short', 'slow'].map(
      (taskType) => planned([row(0, 1_000, taskType)], types)[0],
    );
    assert.ok(guessed > 1_900 && guessed > few && few > many, [guessed, few, many].join());
    assert.equal(slow, Math.round(20_000 + 2 * 10_000 * Math.SQRT2));
  });

  it('follows durations that drift', () => {
    const drifted = { ...SHORT, drift: 2 };
    assert.deepEqual(planned([row(0, 100, 'drifted')], known({ drifted })), [2_201]);
  });
});

describe('withReplayDurations', () => {
  it('keeps in time what a window needs beyond what a minute does', () => {
    const rows = Array.from({ length: 50 }, (_, second) => row(second * 1_000, 10));
    const [first] = withReplayDurations(rows, known(), RESERVE);
    const lasting = 1 + 1 / Math.sqrt(500) + 0; // 50 s of 10 a second
    const windows = rows.slice(0, 10).map((_, second) => 1 + 1 / Math.sqrt(500 - 10 * second));
    assert.ok(Math.abs(Number(first?.durationMs) - 1_000 * lasting) < 3);
    const shorter = windows.reduce((sum, one) => sum + one, 0) / 10 / (1 + 1 / Math.sqrt(100));
    assert.ok(Math.abs(Number(first?.startWithinMs) - 9_000 * shorter) < 20, `${first?.startWithinMs}`);
  });

  it('leaves a batch alone, a long run and what is not known the nine seconds', () => {
    const rows = [row(0, 100), row(100_000, 4, 'long'), row(200_000, 1, 'new')];
    const replayed = withReplayDurations(rows, known(), RESERVE);
    assert.deepEqual(
      replayed.map(({ durationMs, startWithinMs }) => [Math.round(durationMs), startWithinMs]),
      planned(rows).map((durationMs) => [durationMs, 9_000]),
    );
  });

  it('never keeps more than half of the time, nor less than all of a longer duration', () => {
    const work = fc.record({
      atMs: fc.nat(120_000),
      count: fc.nat(9),
      taskType: fc.constantFrom('short', 'long', 'wild'),
    });
    const wild = { count: 10, meanMs: 3_000, varianceMs2: 36_000_000, p90Ms: 9_000 };
    fc.assert(
      fc.property(fc.array(work, { maxLength: 20 }), (some) => {
        const rows = some.map(({ atMs, count, taskType }) => row(atMs, count, taskType));
        for (const { startWithinMs, durationMs } of withReplayDurations(rows, known({ wild }), RESERVE)) {
          assert.ok(startWithinMs >= 4_500 && startWithinMs <= 9_000);
          assert.ok(Number.isFinite(durationMs) && durationMs >= 1_000);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
