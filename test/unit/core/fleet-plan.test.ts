import assert from 'node:assert/strict';

import { planFleet } from '../../../core/fleet-plan.ts';

const SETTINGS = { slotsPerReplica: 2, leadTimeMs: 3_000, tailMs: 0, closingMs: 0, minReplicas: 1, maxReplicas: 2 };

describe('planFleet', () => {
  it('says what is required, what is asked for ahead of it within the limits, and what will be late all the same', () => {
    // Twelve runs of 6 s are eight slots, so four replicas of two; two may be had, which start eight in time: at 0, 6 s.
    const plan = planFleet([{ atMs: 5_000, count: 12, durationMs: 6_000 }], { fromMs: 0, seconds: 20 }, SETTINGS);
    assert.deepEqual(plan.required, [...zeros(5), ...Array.from({ length: 10 }, () => 4), ...zeros(5)]);
    assert.deepEqual(plan.planned.slice(0, 6), [1, 1, 2, 2, 2, 2]);
    assert.equal(plan.planned[19], 1);
    assert.equal(plan.late[5], 12 - (Math.floor(40_000 / 6_000) + 1));
    assert.equal(
      plan.late.reduce((sum, value) => sum + value, 0),
      plan.late[5],
    );
  });
});

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}
