import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MINUTE_MS } from '../../../core/duration.ts';
import {
  happenedPerMinute,
  type HappenedWork,
  horizonAccuracy,
  predictionsOf,
  splitError,
} from '../../../core/forecast-accuracy.ts';

const MINUTE_OF_NOW_MS = 600_000;
const curve = (length: number, peaks: Readonly<Record<number, number>>): number[] =>
  Array.from({ length }, (_, second) => peaks[second] ?? 0);
const happened = (
  taskType: string,
  runs: number,
  workMs: number,
  { atMs = 0, onSchedule = true } = {},
): HappenedWork => ({ atMs, taskType, onSchedule, runs, workMs });
const foretold = (taskType: string, count: number, workMs: number) => ({ taskType, count, workMs });

describe('predictionsOf', () => {
  const fromMs = MINUTE_OF_NOW_MS + 30_000; // in the middle of a minute
  const outlook = (seconds: number) => ({
    required: curve(seconds, { 269: 9, 270: 2, 329: 4, 330: 9, 3_570: 5 }),
    planned: curve(seconds, { 300: 6 }),
    low: [],
    high: [],
    late: [],
  });

  it('is the peak of the minutes that begin five minutes, an hour and three hours after this one', () => {
    const row = (second: number, taskType: string, count: number) => ({
      atMs: MINUTE_OF_NOW_MS + second * 1_000,
      taskType,
      count,
      durationMs: 100,
    });
    const rows = [row(299, 'a', 9), row(300, 'a', 1), row(301, 'b', 2), row(359, 'a', 4), row(360, 'b', 9)];
    assert.deepEqual(predictionsOf(outlook(181 * 60), fromMs, rows), [
      {
        horizonMinutes: 5,
        atMs: MINUTE_OF_NOW_MS + 5 * MINUTE_MS,
        required: 4,
        planned: 6,
        foretold: [foretold('a', 5, 500), foretold('b', 2, 200)],
      },
      { horizonMinutes: 60, atMs: MINUTE_OF_NOW_MS + 60 * MINUTE_MS, required: 5, planned: 0, foretold: undefined },
      { horizonMinutes: 180, atMs: MINUTE_OF_NOW_MS + 180 * MINUTE_MS, required: 0, planned: 0, foretold: undefined },
    ]);
  });

  it('says nothing about minutes that the plan does not reach', () => {
    assert.deepEqual(
      predictionsOf(outlook(3_600), fromMs, []).map(({ horizonMinutes }) => horizonMinutes),
      [5],
    );
  });
});

describe('happenedPerMinute', () => {
  it('is the formula over what ran, peaks and not averages', () => {
    const span = { fromMs: 0, seconds: 180 };
    const work = [
      happened('short', 12, 48_000, { atMs: 5_000 }),
      happened('short', 12, 48_000, { atMs: 14_000 }), // shares a second with the window before
      happened('long', 3, 90_000, { atMs: 110_000 }), // three slots for 33.3 s: into the third minute
      happened('long', 5, 100_000, { atMs: -60_000 }), // over before the span begins
    ];
    assert.deepEqual(happenedPerMinute(work, span, 1), [11, 3, 3]);
    assert.deepEqual(happenedPerMinute(work, span, 2), [6, 2, 2]);
  });
});

describe('horizonAccuracy', () => {
  it('knows nothing without minutes', () => {
    assert.deepEqual(horizonAccuracy([]), {
      minutes: 0,
      meanAbsoluteError: undefined,
      bias: undefined,
      underRequiredShare: undefined,
      underPlannedShare: undefined,
    });
  });

  it('measures the error against what happened, and counts what was too low', () => {
    const minutes = [
      { required: 4, planned: 5, happened: 5 },
      { required: 6, planned: 6, happened: 4 },
      { required: 1, planned: 1, happened: 2 },
      { required: 1, planned: 1, happened: 0 },
    ];
    assert.deepEqual(horizonAccuracy(minutes), {
      minutes: 4,
      meanAbsoluteError: (0.2 + 0.5 + 0.5) / 3,
      bias: 0.25,
      underRequiredShare: 0.5,
      underPlannedShare: 0.25,
    });
    assert.equal(horizonAccuracy([{ required: 1, planned: 1, happened: 0 }]).meanAbsoluteError, undefined);
  });
});

describe('splitError', () => {
  it('tells longer runs, unforeseen runs, what did not run and slow replicas apart', () => {
    const minute = {
      foretold: [foretold('a', 4, 3_600), foretold('b', 2, 1_800)],
      happened: [
        happened('a', 6, 10_800), // 1,800 each instead of 900, and two more than foretold
        happened('a', 1, 450, { onSchedule: false }),
        happened('c', 1, 900, { onSchedule: false }),
      ],
    };
    assert.deepEqual(splitError([minute], 2_500, 1), {
      foretold: 6,
      happened: 13.5,
      missing: 2.5,
      total: 10,
      duration: 4,
      unscheduled: 5.5,
      withdrawn: -2,
      startUp: 2.5,
    });
    assert.equal(splitError([minute], 2_500, 2).duration, 2, 'in replicas of two slots');
  });

  it('adds up: the parts are the whole difference, whatever was foretold and whatever ran', () => {
    const type = fc.constantFrom('a', 'b', 'c');
    const workMs = fc.double({ min: 0, max: 1e6, noNaN: true });
    const count = fc.integer({ min: 1, max: 500 });
    const minute = fc.record({
      foretold: fc.array(fc.record({ taskType: type, count, workMs }), { maxLength: 5 }),
      happened: fc.array(
        fc.record({ atMs: fc.constant(0), taskType: type, onSchedule: fc.boolean(), runs: count, workMs }),
        { maxLength: 8 },
      ),
    });
    fc.assert(
      fc.property(
        fc.array(minute, { maxLength: 6 }),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        fc.integer({ min: 1, max: 16 }),
        (minutes, missingMs, slots) => {
          const split = splitError(minutes, missingMs, slots);
          const sumOf = (some: readonly { workMs: number }[]): number => some.reduce((sum, one) => sum + one.workMs, 0);
          const seconds = (ms: number): number => ms / 900 / slots;
          const scale = 1e-9 * (1 + split.happened + split.foretold + split.missing);
          const isNear = (one: number, other: number): boolean => Math.abs(one - other) <= scale;
          assert.ok(isNear(split.happened, seconds(sumOf(minutes.flatMap((one) => one.happened)))));
          assert.ok(isNear(split.foretold, seconds(sumOf(minutes.flatMap((one) => one.foretold)))));
          assert.ok(isNear(split.missing, missingMs / 1_000));
          assert.ok(isNear(split.total, split.happened + split.missing - split.foretold));
          assert.ok(isNear(split.total, split.duration + split.unscheduled + split.withdrawn + split.startUp));
          assert.ok(split.withdrawn <= 0 && split.unscheduled >= 0 && split.startUp >= 0);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is all duration where just what was foretold ran', () => {
    const minute = { foretold: [foretold('a', 3, 2_700)], happened: [happened('a', 3, 3_600)] };
    const { duration, unscheduled, withdrawn, total } = splitError([minute], 0, 1);
    assert.deepEqual(
      [duration, unscheduled, withdrawn, total],
      [1, 0, 0, 1].map((value) => value || 0),
    );
  });
});
