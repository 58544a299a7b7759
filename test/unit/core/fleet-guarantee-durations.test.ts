import assert from 'node:assert/strict';

import fc from 'fast-check';

import { planOrder, type PlanRow } from '../../../core/demand-table.ts';
import type { DurationStatistics } from '../../../core/duration-statistics.ts';
import { PLAN_MODES, planFleet } from '../../../core/fleet-plan.ts';
import { PLANNING_Z, withReplayDurations } from '../../../core/planning-duration.ts';
import { simulateFleet } from '../../support/fleet-simulator.ts';

const RUNS = { numRuns: 1_000 };
const SPAN = { fromMs: 0, seconds: 240 };
const PLAIN = { slotsPerReplica: 1, leadTimeMs: 0, tailMs: 0, closingMs: 0, minReplicas: 0, maxReplicas: 100_000 };
const NONE: DurationStatistics = { count: 0, meanMs: 0, varianceMs2: 0, p90Ms: 0 };
const TYPES = ['a', 'b', 'c', 'd'] as const;

const statistics: fc.Arbitrary<DurationStatistics> = fc
  .record({
    count: fc.oneof(fc.nat(60), fc.constant(10_000)),
    meanMs: fc.oneof(fc.integer({ min: 1, max: 9_000 }), fc.integer({ min: 9_000, max: 30_000 })),
    variation: fc.double({ min: 0, max: 1, noNaN: true }),
    drift: fc.constantFrom(0.6, 1, 1, 1, 1.4),
  })
  .map(({ count, meanMs, variation, drift }) => ({
    count,
    meanMs,
    varianceMs2: (variation * meanMs) ** 2,
    p90Ms: meanMs * (1 + 1.3 * variation),
    drift,
  }));
const row = fc.record({
  atMs: fc.oneof(
    fc.nat(60).map((second) => second * 1_000),
    fc.nat(60_000),
  ),
  count: fc.integer({ min: 1, max: 30 }),
  taskType: fc.constantFrom(...TYPES),
});
const measured = fc.record({
  known: fc.tuple(statistics, statistics, statistics, statistics),
  some: fc.array(row, { minLength: 1, maxLength: 12 }),
  mode: fc.constantFrom(...PLAN_MODES),
  closingMs: fc.constantFrom(0, 5_000, 60_000),
  leadTimeMs: fc.constantFrom(0, 20_000),
});

describe('a plan that knows how durations vary', () => {
  it('starts nothing later than nine seconds after its time when runs take as long as planned, in each mode', () => {
    fc.assert(
      fc.property(measured, ({ known, some, mode, closingMs, leadTimeMs }) => {
        const durations = new Map(TYPES.map((name, index) => [name as string, known[index] ?? NONE]));
        const rows = some.map((one) => ({ ...one, durationMs: Number(durations.get(one.taskType)?.meanMs) }));
        const settings = { ...PLAIN, mode, closingMs, leadTimeMs };
        const { planned, needed, lateness } = planFleet(rows, SPAN, settings, { durations });
        assert.equal(lateness.count, 0);
        for (const [second, replicas] of planned.entries()) assert.ok(replicas >= Number(needed[second]));
        const runs = withReplayDurations(rows, durations, { z: PLANNING_Z, overheadMs: 0 });
        assert.ok(worstDelay(runs, planned) <= 9_001, `${worstDelay(runs, planned)} ms`);
      }),
      RUNS,
    );
  });

  it('is the formula for types that have not earned more, and as tight as the replay allows for the others', () => {
    fc.assert(
      fc.property(measured, ({ known, some }) => {
        const trusted = { count: 1_000, drift: 1 };
        const plansOf = (change: Partial<DurationStatistics>) => {
          const durations = new Map(
            TYPES.map((name, index) => [name as string, { ...(known[index] ?? NONE), ...change }]),
          );
          const rows = some.map((one) => ({ ...one, durationMs: Number(durations.get(one.taskType)?.meanMs) }));
          const planWith = (mode: 'exact' | 'adaptive') => planFleet(rows, SPAN, { ...PLAIN, mode }, { durations });
          return { exact: planWith('exact'), adaptive: planWith('adaptive') };
        };
        const { adaptive } = plansOf({ count: 49, drift: 1 });
        for (const [second, replicas] of adaptive.needed.entries())
          assert.ok(replicas >= Number(adaptive.high[second]), 'never below the formula');
        const earned = plansOf(trusted);
        assert.deepEqual(earned.adaptive.needed, earned.exact.needed);
      }),
      RUNS,
    );
  });

  it('has slots by the formula for what is new beside those of what is known', () => {
    const known = { count: 1_000, meanMs: 4_000, varianceMs2: 0, p90Ms: 4_000 };
    const durations = new Map([
      ['known', known],
      ['new', { ...known, count: 0 }],
    ]);
    const some = (taskType: string) => ({ atMs: 20_000, count: 12, durationMs: 4_000, taskType });
    const settings = { ...PLAIN, mode: 'adaptive' as const };
    const neededFor = (rows: readonly PlanRow[]) => planFleet(rows, SPAN, settings, { durations }).needed[20];
    assert.equal(neededFor([some('known')]), 5);
    const alone = Number(neededFor([some('new')]));
    assert.equal(alone, 12);
    assert.equal(neededFor([some('known'), some('new')]), 5 + alone);
  });
});

function worstDelay(rows: readonly PlanRow[], slots: readonly number[]): number {
  const runs = [...rows].sort(planOrder).flatMap((some) =>
    Array.from({ length: some.count }, () => ({
      atMs: some.atMs,
      durationMs: some.durationMs,
      priority: 0,
    })),
  );
  const starts = simulateFleet(runs, slots);
  return Math.max(...runs.map(({ atMs }, index) => Number(starts[index]) - atMs));
}
