import assert from 'node:assert/strict';

import fc from 'fast-check';

import { answerFrom } from '../../../autoscaler/plan-answer.ts';
import type { PlanView } from '../../../autoscaler/plan-view.ts';
import { horizon, NOW_MS, planView } from '../../support/plan-views.ts';

const STALE_MS = 60_000;
const replicasAt = (view: PlanView, second: number, leadMs = 0): number =>
  answerFrom(view, { nowMs: NOW_MS + second * 1_000, staleMs: STALE_MS, leadMs }).replicas;

describe('answerFrom', () => {
  const peak = planView({ wantedReplicas: 3, horizon: horizon([0, 3], [120, 8], [180, 2]) });

  it('answers with what is wanted, with what is behind it, while the plan is fresh', () => {
    assert.deepEqual(answerFrom(peak, { nowMs: NOW_MS + 59_000, staleMs: STALE_MS }), {
      replicas: 3,
      required: 2,
      ready: 1,
      limit: 100,
      plannedAtMs: NOW_MS,
      stale: false,
    });
  });

  it('is stale when the plan is older than it should be, not when it is just as old', () => {
    assert.equal(answerFrom(peak, { nowMs: NOW_MS + STALE_MS, staleMs: STALE_MS }).stale, false);
    assert.equal(answerFrom(peak, { nowMs: NOW_MS + STALE_MS + 1, staleMs: STALE_MS }).stale, true);
  });

  it('goes up with a stale plan, and not down again', () => {
    assert.equal(replicasAt(peak, 110), 3);
    assert.equal(replicasAt(peak, 120), 8);
    assert.equal(replicasAt(peak, 300), 8);
    assert.equal(replicasAt(peak, 24 * 3_600), 8);
  });

  it('keeps what was wanted above the plan, such as a manual number', () => {
    assert.equal(replicasAt(planView({ wantedReplicas: 5, horizon: horizon([0, 1], [90, 2]) }), 300), 5);
  });

  it('looks ahead as far as it is asked to, both ends included', () => {
    assert.equal(replicasAt(peak, 0, 119_000), 3);
    assert.equal(replicasAt(peak, 0, 120_000), 8);
    assert.equal(replicasAt(peak, 30, 90_000), 8);
  });

  it('does not look back while the plan is fresh', () => {
    const falling = planView({ wantedReplicas: 2, horizon: horizon([0, 9], [10, 2]) });
    assert.equal(replicasAt(falling, 11, 5_000), 2);
    assert.equal(replicasAt(falling, 9, 5_000), 9);
  });

  it('never goes above the limit because of the plan', () => {
    assert.equal(replicasAt(planView({ limit: 6, horizon: horizon([0, 3], [120, 8]) }), 200), 6);
  });

  it('does with a plan that says nothing about the future', () => {
    assert.equal(replicasAt(planView({ horizon: [] }), 600, 60_000), 3);
  });

  it('never falls as a stale plan grows older, and never grows smaller with a longer look ahead', () => {
    const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 7_200 }), fc.nat(50)), { maxLength: 30 });
    fc.assert(
      fc.property(points, fc.nat(9), fc.nat(7_200), fc.nat(600), fc.nat(600), (steps, wanted, second, later, lead) => {
        const ascending = [...steps].sort((a, b) => a[0] - b[0]);
        const view = planView({ wantedReplicas: wanted, horizon: horizon(...ascending) });
        const stale = 61 + second;
        assert.ok(replicasAt(view, stale + later) >= replicasAt(view, stale));
        assert.ok(replicasAt(view, second, lead * 1_000) >= replicasAt(view, second, 0));
      }),
    );
  });
});
