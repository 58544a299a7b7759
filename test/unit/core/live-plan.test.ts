import assert from 'node:assert/strict';

import { planLive } from '../../../core/live-plan.ts';

const NOW_MS = 1_000_000;
const SPAN = { fromMs: NOW_MS, seconds: 120 };
const SETTINGS = {
  slotsPerReplica: 1,
  leadTimeMs: 20_000,
  tailMs: 10_000,
  closingMs: 60_000,
  minReplicas: 0,
  maxReplicas: 100,
};
const row = (second: number, count: number, durationMs: number) => ({
  atMs: NOW_MS + second * 1_000,
  count,
  durationMs,
  taskType: 'work',
});
const fleet = { readySlots: 0, starting: [], running: [] };

describe('planLive', () => {
  it('is the plan of the schedule while all goes as it was meant to', () => {
    const scheduled = [row(-5, 9, 2_000), row(40, 18, 2_000)];
    const plan = planLive(
      { scheduled, waiting: [row(40, 18, 2_000)], fleet: { ...fleet, readySlots: 2 } },
      SPAN,
      100,
      SETTINGS,
    );
    // Two for the rest of the window, four for the next, which is near enough to keep the two.
    assert.deepEqual(
      [0, 4, 19, 20, 49, 60, 61].map((second) => plan.planned[second]),
      [2, 2, 2, 4, 4, 0, 0],
    );
    assert.deepEqual([plan.required[4], plan.required[5], plan.required[40]], [2, 0, 4]);
    assert.equal(plan.lateness.count, 0);
  });

  it('does not trust in a run that should end soon', () => {
    const scheduled = [row(-50, 1, 60_000), row(30, 1, 60_000)];
    const running = [{ count: 1, durationMs: 60_000, ageMs: 50_000 }];
    const live = { ...fleet, readySlots: 1, running };
    const { planned } = planLive({ scheduled, waiting: [row(30, 1, 60_000)], fleet: live }, SPAN, 100, {
      ...SETTINGS,
      closingMs: 0,
    });
    assert.deepEqual([planned[0], planned[26], planned[30]], [1, 1, 1]);
  });

  it('asks for more where work is late than was meant', () => {
    const waiting = [row(-30, 50, 9_000)];
    const plan = planLive(
      { scheduled: [row(-30, 5, 9_000)], waiting, fleet: { ...fleet, readySlots: 1 } },
      SPAN,
      100,
      SETTINGS,
    );
    assert.ok(Number(plan.planned[0]) >= 10);
    assert.ok(plan.lateness.count > 0);
  });

  it('does not ask a minute ahead for want of a past', () => {
    const scheduled = [row(55, 9, 2_000)];
    const { planned } = planLive({ scheduled, waiting: scheduled, fleet }, SPAN, 100, SETTINGS);
    assert.deepEqual([planned[0], planned[34], planned[35]], [0, 0, 2]);
  });
});
