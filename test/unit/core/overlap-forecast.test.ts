import assert from 'node:assert/strict';

import fc from 'fast-check';

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../core/duration.ts';
import { durationTrend, type MeasuredRun } from '../../../core/duration-trend.ts';
import { bucketOf, BUCKETS } from '../../../core/histogram.ts';
import { compareRisks, overlapConsequence, overlapRisk } from '../../../core/overlap-forecast.ts';
import { lengthsOfTask, lengthsOfType, longestMs } from '../../../core/run-lengths.ts';
import { gapsOf, type ScheduleGaps } from '../../../core/schedule-gaps.ts';
import { OVERLAP_POLICIES, type TaskSchedule } from '../../../core/task.ts';

const NOW = Date.parse('2026-03-28T10:00:00Z');
const cron = (expressions: string[], maxRuns: number | null = null): TaskSchedule => ({
  kind: 'cron',
  expressions,
  timeZone: 'UTC',
  startsAtMs: null,
  endsAtMs: null,
  maxRuns,
  exclusions: [],
  dst: { gap: 'shift', repeat: 'first' },
});
const elapsed = fc.double({ min: 0.2, max: 1e6, noNaN: true });

describe('gaps between occurrences', () => {
  it('are the smallest and the usual one, and how often a day each comes', () => {
    const gaps = gapsOf(cron(['0 9 * * *', '5 9 * * *']), NOW, 0);
    assert.deepEqual([gaps?.smallestMs, gaps?.typicalMs], [5 * MINUTE_MS, 5 * MINUTE_MS]);
    assert.equal(Math.round((gaps?.perDay.get(5 * MINUTE_MS) ?? 0) * 10), 12); // seven in six days and five minutes
    const hourly = gapsOf(cron(['0 * * * *']), NOW, 0);
    assert.deepEqual([hourly?.smallestMs, Math.round(hourly?.perDay.get(HOUR_MS) ?? 0)], [HOUR_MS, 24]);
  });

  it('are found of what runs once a month, and are none of what runs once more or never', () => {
    assert.equal(gapsOf(cron(['0 0 1 * *']), NOW, 0)?.smallestMs, 30 * DAY_MS);
    assert.equal(gapsOf(cron(['0 0 1 * *'], 3), NOW, 2), undefined);
    assert.equal(gapsOf({ kind: 'once', atMs: NOW + 1 }, NOW, 0), undefined);
  });
});

describe('how long runs take', () => {
  it('is said of a task from twenty runs on', () => {
    const runs = Array.from({ length: 20 }, (_, index) => (index + 1) * 100);
    assert.equal(lengthsOfTask(runs.slice(1)), undefined);
    const lengths = lengthsOfTask(runs);
    assert.ok(lengths);
    const { basis, runs: count, p50Ms, p95Ms, shareAbove } = lengths;
    assert.deepEqual([basis, count, p50Ms, Math.round(p95Ms)], ['task', 20, 1_050, 1_905]);
    assert.deepEqual([shareAbove(0), shareAbove(1_900), shareAbove(2_000)], [1, 0.05, 0]);
  });

  it('is that of the type otherwise, and what was declared where there are no runs', () => {
    const declared = lengthsOfType([], 500);
    assert.deepEqual([declared.basis, declared.runs, declared.p95Ms], ['estimate', 0, 500]);
    assert.deepEqual([declared.shareAbove(499), declared.shareAbove(500)], [1, 0]);
    assert.equal(longestMs([0, 0]), undefined);
    const last = Array.from({ length: BUCKETS }, (_, index) => (index === BUCKETS - 1 ? 1 : 0));
    assert.equal(longestMs(last), Infinity);
  });

  it('has shares that fall, from one to none, whatever it is known from', () => {
    fc.assert(
      fc.property(fc.array(elapsed, { minLength: 20, maxLength: 60 }), elapsed, elapsed, (runs, one, other) => {
        const histogram = Array.from({ length: BUCKETS }, () => 0);
        for (const ms of runs) histogram[bucketOf(ms) - 1] = Number(histogram[bucketOf(ms) - 1]) + 1;
        const longest = longestMs(histogram);
        assert.ok(longest !== undefined && runs.every((ms) => ms <= longest * 1.000_001));
        for (const lengths of [lengthsOfTask(runs), lengthsOfType(histogram, 1)]) {
          assert.ok(lengths);
          assert.ok(lengths.p50Ms <= lengths.p95Ms && lengths.p95Ms <= longest * 1.000_001);
          assert.ok(lengths.shareAbove(Math.min(one, other)) >= lengths.shareAbove(Math.max(one, other)));
          assert.ok(lengths.shareAbove(0) > 0.999_999 && lengths.shareAbove(longest * 1.001) === 0);
        }
      }),
    );
  });
});

const runsOf = (meanOfDay: (day: number) => number, days: number, perDay = 8): MeasuredRun[] =>
  Array.from({ length: days * perDay }, (_, index) => {
    const day = Math.floor(index / perDay);
    return { atMs: NOW - (days - day) * DAY_MS + (index % perDay) * HOUR_MS, elapsedMs: meanOfDay(day) };
  });

describe('the trend of durations', () => {
  it('is a line where there is one, and says what it says of later days', () => {
    const trend = durationTrend(runsOf((day) => 1_000 + 100 * day, 7));
    assert.ok(trend);
    assert.equal(Math.round(Number(trend.changePerDayMs)), 100);
    assert.deepEqual([Math.round(trend.earlierMeanMs), Math.round(trend.recentMeanMs)], [1_100, 1_450]);
    assert.ok(Math.abs(Number(trend.tail) - 1) < 0.02, 'its runs differ by the line alone');
    assert.equal(Math.round(trend.meanAtMs(NOW + 10 * DAY_MS) - trend.meanAtMs(NOW)), 1_000);
  });

  it('is none where days differ without order, hardly, or not at all', () => {
    for (const meanOfDay of [
      (day: number) => [900, 1_300, 800, 1_250][day % 4] ?? 0,
      () => 1_000,
      (day: number) => 1_000 + day,
    ]) {
      const trend = durationTrend(runsOf(meanOfDay, 7));
      assert.equal(trend?.changePerDayMs, null);
      assert.equal(trend.meanAtMs(NOW + DAY_MS), trend.meanAtMs(NOW - DAY_MS));
      assert.equal(trend.tail, null);
    }
  });

  it('is not known with few days, or few runs on them', () => {
    assert.equal(durationTrend(runsOf((day) => day, 3)), undefined);
    assert.equal(durationTrend(runsOf((day) => day, 7, 4)), undefined);
  });
});

const minutely: ScheduleGaps = { smallestMs: MINUTE_MS, typicalMs: MINUTE_MS, perDay: new Map([[MINUTE_MS, 1_440]]) };
const steady = (ms: number) => lengthsOfType([], ms);

describe('the risk of an overlap', () => {
  it('grows with the share of the gap that p95 takes', () => {
    const severityOf = (ms: number) => overlapRisk(minutely, steady(ms), undefined, NOW)?.severity;
    assert.deepEqual([29_999, 30_000, 47_999, 48_000, 59_999, 60_000, 1e9].map(severityOf), [
      undefined,
      'watch',
      'watch',
      'near',
      'near',
      'overlapping',
      'overlapping',
    ]);
    assert.equal(overlapRisk(minutely, steady(61_000), undefined, NOW)?.overlapsPerDay, 1_440);
  });

  it('is foretold for the day on which growing runs reach the gap', () => {
    const growing = runsOf((day) => 20_000 + 1_000 * day, 7);
    const trend = durationTrend(growing);
    const lengths = lengthsOfTask(growing.map(({ elapsedMs }) => elapsedMs));
    assert.ok(lengths);
    const risk = overlapRisk(minutely, lengths, trend, NOW);
    assert.equal(risk, undefined, 'a month is far, and they take less than half of the gap');
    const twice = { ...minutely, smallestMs: 36_000 };
    const near = overlapRisk(twice, lengths, trend, NOW);
    assert.equal(near?.severity, 'near');
    assert.ok(near.crossesAtMs !== null && near.crossesAtMs > NOW + 8 * DAY_MS && near.crossesAtMs < NOW + 10 * DAY_MS);
    const past = overlapRisk({ ...minutely, smallestMs: 26_500 }, lengths, trend, NOW);
    assert.deepEqual([past?.severity, past?.crossesAtMs], ['near', NOW]);
    assert.equal(
      overlapRisk({ ...minutely, smallestMs: 25_000 }, lengths, trend, NOW)?.crossesAtMs,
      null,
      'it has already',
    );
  });

  it('is not foretold where runs become shorter, do not change, or would take more than a year', () => {
    const noGrowth = [
      durationTrend(runsOf((day) => 40_000 - 2_000 * day, 7)),
      durationTrend(runsOf(() => 40_000, 7)),
      undefined,
      { ...durationTrend(runsOf(() => 40_000, 7)), changePerDayMs: 1, tail: 1 },
      { ...durationTrend(runsOf(() => 40_000, 7)), changePerDayMs: 1, tail: null },
    ] as const;
    for (const trend of noGrowth) {
      const risk = overlapRisk(minutely, steady(40_000), trend as ReturnType<typeof durationTrend>, NOW);
      assert.deepEqual([risk?.severity, risk?.crossesAtMs], ['watch', null]);
    }
  });

  it('never is less for longer runs or smaller gaps', () => {
    const ratio = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(ratio, ratio, (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((share) =>
          overlapRisk(minutely, steady(share * 600), undefined, NOW),
        );
        if (less === undefined) return;
        assert.ok(more !== undefined && compareRisks(more, less) <= 0 && more.overlapsPerDay >= less.overlapsPerDay);
        const closer = { ...minutely, smallestMs: MINUTE_MS - SECOND_MS };
        const closerRisk = overlapRisk(closer, steady(Math.min(a, b) * 600), undefined, NOW);
        assert.ok(closerRisk !== undefined && compareRisks(closerRisk, less) <= 0);
      }),
    );
  });

  it('has its consequence in words for every policy', () => {
    assert.equal(new Set(OVERLAP_POLICIES.map(overlapConsequence)).size, OVERLAP_POLICIES.length);
    assert.match(overlapConsequence('skip'), /skipped/);
  });
});
