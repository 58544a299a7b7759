import assert from 'node:assert/strict';

import { planFleet } from '../../../core/fleet-plan.ts';
import { breachOf } from '../../../core/forecast-breach.ts';

const SPAN = { fromMs: 0, seconds: 120 };
const SETTINGS = { slotsPerReplica: 1, leadTimeMs: 0, tailMs: 0, closingMs: 0, minReplicas: 0, maxReplicas: 2 };
const row = (taskType: string, count: number, durationMs: number) => ({ atMs: 20_000, taskType, count, durationMs });

function breach(rows: readonly ReturnType<typeof row>[], maxReplicas: number) {
  const plan = planFleet(rows, SPAN, { ...SETTINGS, maxReplicas });
  return breachOf(
    plan.lateness.count,
    [plan],
    maxReplicas,
    (limit) => planFleet(rows, SPAN, { ...SETTINGS, maxReplicas: limit }).planned,
  );
}

describe('breachOf', () => {
  it('is nothing where nothing is late', () => {
    assert.equal(breach([row('work', 6, 4_000)], 6), undefined);
  });

  it('says how much is late, how late, of which types, and which limit would do', () => {
    const rows = [row('few', 2, 4_500), row('many', 10, 4_000)];
    const found = breach(rows, 2);
    assert.ok(found);
    assert.ok(found.late > 0);
    assert.deepEqual(found.taskTypes[0], 'many');
    assert.ok(Number(found.worstDelayMs) > 10_000);
    assert.equal(found.maxNeeded, 6); // 49 s of work
    assert.equal(breach(rows, found.maxNeeded), undefined);
  });

  it('does not know how long what never starts would wait', () => {
    assert.equal(breach([row('work', 6, 4_000)], 0)?.worstDelayMs, undefined);
  });

  it('is nothing where a higher limit would not help', () => {
    const lateness = { count: 3, worstDelayMs: 12_000, byType: [], perSecond: [] };
    assert.equal(
      breachOf(3, [{ lateness }], 8, () => [8, 2]),
      undefined,
    );
    assert.equal(
      breachOf(3, [{ lateness }], 8, () => []),
      undefined,
    );
  });

  it('puts two plans together: the larger count of a type, and only those in which anything is late', () => {
    const of = (taskType: string, count: number, worstDelayMs: number) => ({
      lateness: { count, worstDelayMs, byType: count === 0 ? [] : [{ taskType, count, worstDelayMs }], perSecond: [] },
    });
    const found = breachOf(
      9,
      [of('a', 5, 20_000), of('b', 7, 15_000), of('a', 2, 11_000), of('c', 0, 90_000)],
      4,
      () => [6],
    );
    assert.deepEqual(found, { late: 9, worstDelayMs: 20_000, taskTypes: ['b', 'a'], maxNeeded: 6 });
  });
});
