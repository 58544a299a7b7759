import assert from 'node:assert/strict';

import type { PlanRow } from '../../../core/demand-table.ts';
import type { DurationStatistics } from '../../../core/duration-statistics.ts';
import { planFleet } from '../../../core/fleet-plan.ts';

const SPAN = { fromMs: 0, seconds: 60 };
const SETTINGS = { slotsPerReplica: 1, leadTimeMs: 0, tailMs: 0, closingMs: 0, minReplicas: 0, maxReplicas: 1_000 };
const row = (second: number, count: number, durationMs: number, more: Partial<PlanRow> = {}): PlanRow => ({
  atMs: second * 1_000,
  count,
  durationMs,
  taskType: 'work',
  ...more,
});

describe('planFleet', () => {
  it('says what is required, what is asked for ahead of it within the limits, and what will be late all the same', () => {
    // Twelve runs of 6 s are eight slots, so four replicas of two; two may be had, which start eight in time: at 0 and 6 s.
    const limited = { ...SETTINGS, slotsPerReplica: 2, leadTimeMs: 3_000, minReplicas: 1, maxReplicas: 2 };
    const plan = planFleet([row(5, 12, 6_000)], { fromMs: 0, seconds: 40 }, limited);
    assert.deepEqual(plan.required, [...repeat(0, 5), ...repeat(4, 10), ...repeat(0, 25)]);
    assert.deepEqual(plan.planned.slice(0, 6), [1, 1, 2, 2, 2, 2]);
    assert.equal(plan.planned[39], 1);
    assert.equal(plan.lateness.perSecond[5], 4);
    assert.deepEqual(plan.lateness.byType, [{ taskType: 'work', count: 4, worstDelayMs: 12_000 }]);
    assert.deepEqual([plan.lateness.count, plan.lateness.worstDelayMs], [4, 12_000]);
  });

  it('keeps a long run its slot for as long as it takes, and in exact mode no longer', () => {
    const long = [row(5, 3, 20_000)];
    const [formula, exact] = [planFleet(long, SPAN, SETTINGS), planFleet(long, SPAN, { ...SETTINGS, mode: 'exact' })];
    assert.deepEqual([formula.planned[27], formula.planned[28]], [3, 0]); // 20 s / 0.9
    assert.deepEqual([exact.planned[24], exact.planned[25]], [3, 0]);
  });

  it('is exact in adaptive mode for types whose durations are well known, and has the formula for the others beside it', () => {
    const steady = (count: number): DurationStatistics => ({ count, meanMs: 4_000, varianceMs2: 0, p90Ms: 4_000 });
    const durations = new Map([
      ['known', steady(500)],
      ['new', steady(3)],
    ]);
    const rows = [row(5, 12, 4_000, { taskType: 'known' }), row(5, 12, 4_000, { taskType: 'new' })];
    const fleet = { readySlots: 20, starting: [], running: [] };
    const peakOf = (some: readonly PlanRow[], mode: 'formula' | 'exact' | 'adaptive', more = {}): number =>
      Math.max(...planFleet(some, SPAN, { ...SETTINGS, mode }, { durations, ...more }).planned);
    const [known, unknown] = [rows.slice(0, 1), rows.slice(1)];
    for (const more of [{}, { fleet }]) {
      assert.equal(peakOf(known, 'adaptive', more), peakOf(known, 'exact', more));
      assert.equal(peakOf(unknown, 'adaptive', more), peakOf(unknown, 'formula', more));
      const both = peakOf(rows, 'adaptive', more);
      assert.ok(both >= peakOf(rows, 'exact', more) && both <= peakOf(rows, 'formula', more), String(both));
    }
    assert.ok(peakOf(known, 'adaptive') < peakOf(known, 'formula'));
    const plain = (mode: 'formula' | 'adaptive') => planFleet(rows, SPAN, { ...SETTINGS, mode }).planned;
    assert.deepEqual(plain('adaptive'), plain('formula'));
  });

  it('asks for fewer in exact mode where starts may wait', () => {
    const batch = [row(5, 12, 4_000)];
    assert.equal(planFleet(batch, SPAN, SETTINGS).planned[5], 6);
    assert.equal(planFleet(batch, SPAN, { ...SETTINGS, mode: 'exact' }).planned[5], 4); // each starts three, at 0, 4 and 8 s
  });

  it('takes work that was due before the span for running since its time, as long as nobody says what runs', () => {
    const rows = [row(-5, 2, 20_000), row(-50, 9, 20_000), row(-100, 4, 120_000)];
    const plan = planFleet(rows, SPAN, { ...SETTINGS, mode: 'exact' });
    assert.deepEqual(
      [0, 14, 15, 19, 20].map((second) => plan.planned[second]),
      [6, 6, 4, 4, 0],
    );
    assert.equal(plan.lateness.count, 0);
  });

  it('takes a batch that was due just before the span for going on as it was planned', () => {
    const plan = planFleet([row(-2, 8, 3_000)], SPAN, SETTINGS);
    assert.deepEqual([plan.planned[0], plan.planned[7], plan.planned[8]], [3, 3, 0]);
    const late = planFleet([row(-2, 9, 4_000)], SPAN, { ...SETTINGS, maxReplicas: 1 }).lateness;
    assert.deepEqual([late.count, late.perSecond[0], late.perSecond.length], [6, 6, 60]);
  });

  it('plans with a reserve for durations that vary, and shows it as a band', () => {
    const durations = new Map([['work', { count: 1_000, meanMs: 1_000, varianceMs2: 250_000, p90Ms: 1_700 }]]);
    const plan = planFleet([row(5, 90, 1_000)], SPAN, SETTINGS, { durations, overheadMs: 20 });
    // 90 runs of 1 s; with 1.65 x 0.5 / sqrt(90) more, and 20 ms each to hand them over, they are 99.7 s of work.
    assert.deepEqual([plan.required[5], plan.low[5], plan.high[5], plan.planned[5]], [10, 10, 12, 12]);
  });

  it('says how late is what starts late when runs take as long as they do on average', () => {
    const durations = new Map([['work', { count: 1_000, meanMs: 4_000, varianceMs2: 4e6, p90Ms: 7_000 }]]);
    const plan = planFleet([row(5, 6, 4_000)], SPAN, { ...SETTINGS, maxReplicas: 1 }, { durations });
    assert.deepEqual([plan.lateness.count, plan.lateness.worstDelayMs], [3, 20_000]);
    assert.deepEqual([plan.required[5], Number(plan.high[5]) > 3], [3, true]);
  });

  it('fills a valley that began before the span', () => {
    const shaped = { ...SETTINGS, closingMs: 20_000, tailMs: 5_000 };
    const rows = [row(10, 2, 9_000)];
    assert.deepEqual(planFleet(rows, SPAN, shaped, { neededBefore: repeat(0, 20) }).planned.slice(0, 11), [
      ...repeat(0, 10),
      2,
    ]);
    assert.deepEqual(
      planFleet(rows, SPAN, shaped, { neededBefore: [...repeat(0, 15), 3, 3, 0, 0, 0] }).planned.slice(0, 11),
      [3, 3, ...repeat(2, 9)],
    );
    assert.deepEqual(
      planFleet([], SPAN, shaped, { neededBefore: [...repeat(0, 17), 3, 0, 0] }).planned.slice(0, 4),
      [3, 3, 3, 0],
    );
  });

  it('keeps slots for work that is no row, and plans with replicas that are needed anyway', () => {
    assert.deepEqual(planFleet([], SPAN, SETTINGS, { unscheduledSlots: 1.2 }).planned, repeat(2, 60));
    const exact = { ...SETTINGS, mode: 'exact' as const };
    const neededAnyway = [...repeat(0, 8), ...repeat(3, 10)];
    const plan = planFleet([row(5, 3, 8_000)], SPAN, exact, { neededAnyway });
    assert.deepEqual([plan.planned[5], plan.planned[8], plan.planned[17], plan.planned[18]], [2, 3, 3, 0]); // the third can wait for the others
    assert.equal(plan.lateness.worstDelayMs, 3_000);
    assert.deepEqual(
      planFleet([row(5, 3, 100)], SPAN, { ...SETTINGS, maxReplicas: 1 }, { unscheduledSlots: 1 }).lateness,
      {
        count: 3,
        worstDelayMs: Infinity,
        byType: [{ taskType: 'work', count: 3, worstDelayMs: Infinity }],
        perSecond: [...repeat(0, 5), 3, ...repeat(0, 54)],
      },
    );
  });

  it('has nothing to say about no work', () => {
    const plan = planFleet([], SPAN, { ...SETTINGS, minReplicas: 2 });
    assert.deepEqual([plan.required, plan.planned], [repeat(0, 60), repeat(2, 60)]);
    assert.deepEqual(plan.lateness, { count: 0, worstDelayMs: 0, byType: [], perSecond: repeat(0, 60) });
  });

  it('serves high work first', () => {
    const rows = [
      row(5, 4, 8_000, { priority: 'low', taskType: 'low' }),
      row(5, 2, 8_000, { priority: 'high', taskType: 'high' }),
    ];
    const { lateness } = planFleet(rows, SPAN, { ...SETTINGS, maxReplicas: 2 });
    assert.deepEqual(lateness.byType, [{ taskType: 'low', count: 2, worstDelayMs: 16_000 }]);
  });
});

describe('planFleet, from a fleet as it is,', () => {
  const idle = { readySlots: 0, starting: [], running: [] };
  const settings = { ...SETTINGS, leadTimeMs: 20_000, mode: 'exact' as const };

  it('adds the queue to what the slots still have to run', () => {
    // Two slots are busy until 4 s and 8 s, the third is free; five runs of 5 s have waited for 3 s.
    const fleet = {
      ...idle,
      readySlots: 3,
      running: [1, 5].map((ageMs) => ({ count: 1, durationMs: 9_000, ageMs: ageMs * 1_000 })),
    };
    const { planned, lateness } = planFleet([row(-3, 5, 5_000)], SPAN, settings, { fleet });
    assert.equal(planned[0], 3);
    // They start at 0, 4, 5, 8 and 9 s, when the first has waited 3 s already.
    assert.equal(lateness.worstDelayMs, 12_000);
    assert.deepEqual([lateness.count, lateness.perSecond[0]], [2, 2]);
  });

  it('asks for no endless fleet when new replicas come too late anyway', () => {
    const { planned, lateness } = planFleet([row(2, 100, 3_000)], SPAN, settings, { fleet: idle });
    // From 20 s on a slot starts eleven of them until 50 s.
    assert.deepEqual([planned[0], planned[22]], [10, 10]);
    assert.equal(lateness.count, 100);
    assert.equal(lateness.worstDelayMs, (20 + 9 * 3 - 2) * 1_000);
  });

  it('asks in time for what it can still have in time', () => {
    const { planned, lateness } = planFleet([row(25, 12, 4_000)], SPAN, settings, { fleet: idle });
    assert.deepEqual([planned[4], planned[5], planned[25]], [0, 4, 4]);
    assert.equal(lateness.count, 0);
  });

  it('counts on replicas that are starting from when they are ready', () => {
    const fleet = { ...idle, starting: [{ slots: 2, readyAtMs: 6_000 }] };
    const { planned, lateness } = planFleet([row(1, 4, 2_000)], SPAN, settings, { fleet });
    assert.equal(planned[0], 2);
    assert.equal(lateness.worstDelayMs, 7_000);
  });

  it('keeps replicas that are idle now and needed before new ones could be there', () => {
    const fleet = { ...idle, readySlots: 5 };
    const { planned, lateness } = planFleet([row(10, 12, 4_000)], SPAN, settings, { fleet });
    assert.deepEqual([planned[0], planned[10], planned[30]], [4, 4, 0]);
    assert.deepEqual([lateness.count, lateness.worstDelayMs], [0, 8_000]);
  });

  it('does not count on a long run that has outlasted its kind before another slot could be there', () => {
    const durations = new Map([['long', { count: 500, meanMs: 20_000, varianceMs2: 4e6, p90Ms: 23_000 }]]);
    const settings = { ...SETTINGS, mode: 'exact' as const, leadTimeMs: 15_000 };
    const replicasWith = (ageMs: number, taskType: string | undefined, known = {}): number => {
      const running = [{ count: 1, durationMs: 20_000, ageMs, taskType }];
      const fleet = { readySlots: 1, starting: [], running };
      return Math.max(...planFleet([row(8, 3, 4_000)], SPAN, settings, { fleet, ...known }).planned);
    };
    const usual = replicasWith(21_000, 'long', { durations });
    assert.ok(replicasWith(24_000, 'long', { durations }) > usual);
    assert.equal(replicasWith(24_000, undefined, { durations }), usual); // of which kind it is, nobody says
    assert.equal(replicasWith(24_000, 'long'), replicasWith(21_000, 'long')); // nobody knows how long its kind runs
  });

  it('asks for a slot in place of one whose run has outlasted its kind while it can still be there in time', () => {
    const durations = new Map([['long', { count: 500, meanMs: 20_000, varianceMs2: 4e6, p90Ms: 23_000 }]]);
    const settings = { ...SETTINGS, mode: 'exact' as const, leadTimeMs: 15_000 };
    const mostWith = (dueS: number): number => {
      const running = [{ count: 1, durationMs: 20_000, ageMs: 24_000, taskType: 'long' }];
      const fleet = { readySlots: 1, starting: [], running };
      return Math.max(...planFleet([row(dueS, 1, 1_000)], SPAN, settings, { fleet, durations }).planned);
    };
    // A new one is there after 15 s, and what is due at 6 s may start at 15 s.
    assert.deepEqual([mostWith(5), mostWith(6), mostWith(14), mostWith(16)], [1, 2, 2, 1]);
  });

  it('asks for no more than is needed when a replica is quicker than the lead time', () => {
    const mostWith = (startUpMs: number | undefined): number => {
      const settings = { ...SETTINGS, mode: 'exact' as const, leadTimeMs: 20_000, startUpMs };
      return Math.max(...planFleet([row(16, 10, 1_000)], SPAN, settings, { fleet: idle }).planned);
    };
    // There after 20 s, one alone could begin six of them before the ninth second is over.
    assert.deepEqual([mostWith(15_000), mostWith(undefined)], [1, 2]);
  });

  it('takes a quarter of a run for left when it runs longer than planned, and no more runs than there are slots', () => {
    const fleet = { ...idle, readySlots: 1, running: [{ count: 3, durationMs: 8_000, ageMs: 60_000 }] };
    assert.equal(planFleet([row(0, 1, 1_000)], SPAN, settings, { fleet }).lateness.worstDelayMs, 2_000);
  });
});

function repeat(value: number, times: number): number[] {
  return Array.from({ length: times }, () => value);
}
