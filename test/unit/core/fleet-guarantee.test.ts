import assert from 'node:assert/strict';

import fc from 'fast-check';

import { planOrder, type PlanRow } from '../../../core/demand-table.ts';
import { type FleetPlanSettings, PLAN_MODES, planFleet, type PlanMode } from '../../../core/fleet-plan.ts';
import { requiredInstances } from '../../../core/forecast.ts';
import { PRIORITIES } from '../../../core/task.ts';
import { type SimulatedRun, simulateFleet } from '../../support/fleet-simulator.ts';

// Each holds for this many random workloads; fast-check prints the seed and the smallest workload of one that does not.
const RUNS = { numRuns: 1_000 };
const SECONDS = 240;
const SPAN = { fromMs: 0, seconds: SECONDS };
const PLAIN = { slotsPerReplica: 1, leadTimeMs: 0, tailMs: 0, closingMs: 0, minReplicas: 0, maxReplicas: 100_000 };

const durationMs = fc.oneof(
  fc.integer({ min: 1, max: 3_000 }),
  fc.integer({ min: 1, max: 9_000 }),
  fc.integer({ min: 9_001, max: 40_000 }),
);
const row = fc.record({
  atMs: fc.oneof(
    fc.nat(60).map((second) => second * 1_000),
    fc.nat(60_000),
  ),
  count: fc.integer({ min: 1, max: 15 }),
  durationMs,
  taskType: fc.constantFrom('a', 'b', 'c'),
});
const workload = fc.array(row, { minLength: 1, maxLength: 12 });
const mode = fc.constantFrom<PlanMode>(...PLAN_MODES);

describe('a fleet that follows the plan', () => {
  it('starts nothing later than nine seconds after its time when runs take as long as planned', () => {
    fc.assert(
      fc.property(workload, mode, (rows, planMode) => {
        const { planned, lateness } = planFleet(rows, SPAN, { ...PLAIN, mode: planMode });
        const worst = worstDelay(occurrencesOf(rows), planned);
        assert.ok(worst <= 9_000, `${worst} ms`);
        assert.equal(lateness.count, 0);
        assert.ok(worst <= lateness.worstDelayMs);
      }),
      RUNS,
    );
  });

  it('starts nothing later than that when runs take less time', () => {
    fc.assert(
      fc.property(
        workload,
        mode,
        fc.infiniteStream(fc.double({ min: 0.01, max: 1, noNaN: true })),
        (rows, planMode, shares) => {
          const { planned } = planFleet(rows, SPAN, { ...PLAIN, mode: planMode });
          const shorter = occurrencesOf(rows).map((run) => ({
            ...run,
            durationMs: Math.ceil(run.durationMs * Number(shares.next().value)),
          }));
          assert.ok(worstDelay(shorter, planned) <= 9_000);
        },
      ),
      RUNS,
    );
  });

  it('starts nothing later than that when it has more slots for a while, as shaping gives it', () => {
    const seconds = fc.integer({ min: 0, max: 20_000 });
    fc.assert(
      fc.property(workload, mode, seconds, seconds, seconds, (rows, planMode, leadTimeMs, tailMs, closingMs) => {
        const shaping = { leadTimeMs, tailMs, closingMs, stepDownPerMinute: 30 };
        const shaped = planFleet(rows, SPAN, { ...PLAIN, ...shaping, mode: planMode });
        for (const [second, replicas] of shaped.planned.entries()) assert.ok(replicas >= Number(shaped.needed[second]));
        assert.ok(worstDelay(occurrencesOf(rows), shaped.planned) <= 9_000);
      }),
      RUNS,
    );
  });

  it('has no less to do by the formula for more work', () => {
    fc.assert(
      fc.property(workload, workload, mode, fc.integer({ min: 1, max: 4 }), (rows, more, planMode, slotsPerReplica) => {
        const settings = { ...PLAIN, mode: planMode, slotsPerReplica };
        const before = planFleet(rows, SPAN, settings).required;
        const after = planFleet([...rows, ...more], SPAN, settings).required;
        assert.equal(after.length, SECONDS);
        for (const [second, replicas] of before.entries()) assert.ok(Number(after[second]) >= replicas);
      }),
      RUNS,
    );
  });

  it('is planned for more work without making anything late', () => {
    fc.assert(
      fc.property(workload, workload, mode, fc.integer({ min: 1, max: 4 }), (rows, more, planMode, slotsPerReplica) => {
        const both = [...rows, ...more];
        const { planned } = planFleet(both, SPAN, { ...PLAIN, mode: planMode, slotsPerReplica });
        const slots = planned.map((replicas) => replicas * slotsPerReplica);
        assert.ok(worstDelay(occurrencesOf(both), slots) <= 9_000);
      }),
      RUNS,
    );
  });
});

describe('the plan of one batch alone', () => {
  it('is ceil(total / 9000) for as long as the start window when its runs are short', () => {
    const batch = fc.record({
      count: fc.integer({ min: 1, max: 2_000 }),
      durationMs: fc.integer({ min: 1, max: 9_000 }),
    });
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 4 }), (batches, slots) => {
        const rows = batches.map((some, index) => ({ ...some, atMs: 20_000, taskType: `type ${index}` }));
        const totalMs = rows.reduce((sum, { count, durationMs: runMs }) => sum + count * runMs, 0);
        const { planned, required } = planFleet(rows, { fromMs: 0, seconds: 60 }, { ...PLAIN, slotsPerReplica: slots });
        const expected = requiredInstances(totalMs, slots);
        assert.equal(expected, Math.ceil(Math.ceil(totalMs / 9_000) / slots));
        for (let second = 20; second < 30; second += 1) {
          assert.equal(planned[second], expected);
          assert.equal(required[second], expected);
        }
        assert.equal(planned[19], 0);
        assert.equal(planned[59], 0);
      }),
      RUNS,
    );
  });

  it('is never below the formula in formula mode', () => {
    fc.assert(
      fc.property(workload, fc.integer({ min: 1, max: 4 }), (rows, slotsPerReplica) => {
        const { planned, required } = planFleet(rows, SPAN, { ...PLAIN, slotsPerReplica });
        for (const [second, replicas] of planned.entries()) assert.ok(replicas >= Number(required[second]));
      }),
      RUNS,
    );
  });
});

describe('a fleet that may not be as large as needed', () => {
  it('starts late what the plan says, and as late as it says', () => {
    const settings: fc.Arbitrary<FleetPlanSettings> = fc.record({
      slotsPerReplica: fc.integer({ min: 1, max: 3 }),
      leadTimeMs: fc.nat(20_000),
      tailMs: fc.nat(10_000),
      closingMs: fc.nat(30_000),
      minReplicas: fc.constant(0),
      maxReplicas: fc.integer({ min: 1, max: 8 }),
      mode,
    });
    let overloaded = 0;
    fc.assert(
      fc.property(workload, settings, (rows, limited) => {
        const { planned, lateness } = planFleet(rows, SPAN, limited);
        assert.ok(Math.max(...planned) <= limited.maxReplicas);
        const runs = occurrencesOf(rows);
        const starts = simulateFleet(
          runs,
          planned.map((replicas) => replicas * limited.slotsPerReplica),
        );
        const delays = runs.map(({ atMs }, index) => Number(starts[index]) - atMs);
        const late = runs.filter((_, index) => Number(delays[index]) > 10_000);
        assert.equal(lateness.count, late.length);
        if (late.length === 0) return;
        overloaded += 1;
        assert.equal(lateness.worstDelayMs, Math.max(...delays));
        const seconds = lateness.perSecond.flatMap((count, second) => Array.from({ length: count }, () => second));
        const expected = late.map(({ atMs }) => Math.floor(atMs / 1_000)).sort((a, b) => a - b);
        assert.deepEqual(seconds, expected);
        for (const { taskType, count, worstDelayMs } of lateness.byType) {
          const ofType = delays.filter((delay, index) => delay > 10_000 && runs[index]?.taskType === taskType);
          assert.equal(count, ofType.length);
          assert.equal(worstDelayMs, Math.max(...ofType));
        }
      }),
      RUNS,
    );
    assert.ok(overloaded > 200, `only ${overloaded} of the workloads were too much`);
  });
});

describe('priorities', () => {
  const ranked = fc.record({
    atMs: fc.oneof(
      fc.nat(40).map((second) => second * 1_000),
      fc.nat(40_000),
    ),
    count: fc.integer({ min: 1, max: 10 }),
    durationMs: fc.integer({ min: 1, max: 12_000 }),
    taskType: fc.constantFrom('a', 'b'),
    priority: fc.constantFrom(...PRIORITIES),
  });
  const rankedWork = fc.array(ranked, { minLength: 1, maxLength: 12 });

  it('leave everything in time, whatever its priority, when there may be enough replicas', () => {
    const onSeconds = rankedWork.map((rows) =>
      rows.map((some) => ({ ...some, atMs: Math.floor(some.atMs / 1_000) * 1_000 })),
    );
    fc.assert(
      fc.property(onSeconds, mode, (rows, planMode) => {
        const { planned } = planFleet(rows, SPAN, { ...PLAIN, mode: planMode });
        assert.ok(worstDelay(occurrencesOf(rows), planned) <= 9_000);
      }),
      RUNS,
    );
  });

  it('leave nothing late in a fleet that is larger for a while, where low work may begin before high work comes', () => {
    const seconds = fc.nat(20_000);
    fc.assert(
      fc.property(rankedWork, mode, seconds, seconds, (rows, planMode, leadTimeMs, closingMs) => {
        const { planned, lateness } = planFleet(rows, SPAN, { ...PLAIN, leadTimeMs, closingMs, mode: planMode });
        assert.equal(lateness.count, 0);
        assert.ok(worstDelay(occurrencesOf(rows), planned) <= 10_000);
      }),
      RUNS,
    );
  });

  it('hold high work up by no more than one run of lower work, when replicas are short', () => {
    fc.assert(
      fc.property(rankedWork, fc.integer({ min: 1, max: 3 }), (rows, replicas) => {
        const fixed = { ...PLAIN, minReplicas: replicas, maxReplicas: replicas };
        const high = rows.filter(({ priority }) => priority === 'high');
        const longestLowerMs = Math.max(
          0,
          ...rows.filter((some) => !high.includes(some)).map((some) => some.durationMs),
        );
        const alone = planFleet(high, SPAN, fixed).lateness;
        const together = planFleet(rows, SPAN, fixed).lateness;
        // A slot that runs lower work is missing until that ends; no slot begins any more of it while high work waits.
        const worstHigh = worstDelay(
          occurrencesOf(rows),
          together.perSecond.map(() => replicas),
          0,
        );
        assert.ok(worstHigh <= (high.length === 0 ? 0 : alone.worstDelayMs) + longestLowerMs);
      }),
      RUNS,
    );
  });

  it('are late as a simulation of the same fleet shows', () => {
    fc.assert(
      fc.property(rankedWork, fc.integer({ min: 1, max: 3 }), (rows, maxReplicas) => {
        const { planned, lateness } = planFleet(rows, SPAN, { ...PLAIN, maxReplicas });
        const runs = occurrencesOf(rows);
        const starts = simulateFleet(runs, planned);
        const late = runs.filter(({ atMs }, index) => Number(starts[index]) - atMs > 10_000);
        assert.equal(lateness.count, late.length);
      }),
      RUNS,
    );
  });
});

/** One by one, in the order in which the plan starts what falls due at one instant. */
function occurrencesOf(rows: readonly PlanRow[]): (SimulatedRun & { readonly taskType: string })[] {
  return [...rows].sort(planOrder).flatMap((some) =>
    Array.from({ length: some.count }, () => ({
      atMs: some.atMs,
      durationMs: some.durationMs,
      taskType: some.taskType,
      priority: PRIORITIES.indexOf(some.priority ?? 'normal'),
    })),
  );
}

function worstDelay(runs: readonly SimulatedRun[], slots: readonly number[], ofPriority?: number): number {
  const starts = simulateFleet(runs, slots);
  const delays = runs.map(({ atMs, priority }, index) =>
    ofPriority === undefined || priority === ofPriority ? Number(starts[index]) - atMs : 0,
  );
  return Math.max(0, ...delays);
}
