import assert from 'node:assert/strict';

import {
  endOfSpan,
  joinPlans,
  type LivePicture,
  nearSpan,
  pastOfMs,
  planFar,
  planNear,
  startingReplicas,
} from '../../../core/live-picture.ts';

const SETTINGS = {
  slotsPerReplica: 2,
  leadTimeMs: 20_000,
  tailMs: 10_000,
  closingMs: 30_000,
  minReplicas: 0,
  maxReplicas: 100,
};
const AT_MS = 1_000_400;
const row = (second: number, count: number, durationMs: number) => ({
  atMs: 1_000_000 + second * 1_000,
  count,
  durationMs,
  taskType: 'work',
});
const NOTHING = { due: [], queued: [], running: [], leaving: [], ended: [] };
const PICTURE: LivePicture = {
  atMs: AT_MS,
  work: NOTHING,
  ready: { replicas: 0, slots: 0 },
  scaleOuts: [],
  settings: SETTINGS,
  knowledge: {},
};

describe('a live picture', () => {
  it('is planned from its second on, as far as what is asked for now can matter', () => {
    const span = nearSpan(AT_MS, SETTINGS);
    assert.deepEqual(span, { fromMs: 1_000_000, seconds: 170 });
    assert.equal(endOfSpan(span), 1_170_000);
    assert.equal(pastOfMs(SETTINGS), 60_000);
    assert.equal(pastOfMs({ ...SETTINGS, closingMs: 900_000 }), 120_000);
  });

  it('needs the slots of what runs, of what waits, and of what is to come', () => {
    const work = {
      ...NOTHING,
      running: [{ ...row(-2, 2, 60_000), ageMs: 2_000 }],
      queued: [row(-1, 4, 4_500)],
      due: [row(60, 40, 4_500)],
      ended: [row(-8, 1, 1_000)],
      leaving: [row(-3, 1, 5_000)],
    };
    const plan = planNear({ ...PICTURE, work, ready: { replicas: 2, slots: 4 } });
    assert.equal(plan.required[60], 11); // forty runs of 4.5 s and two long ones, in slots of two
    assert.ok(Number(plan.planned[0]) >= 2);
    assert.ok(Number(plan.planned[40]) >= 11, 'asked for twenty seconds ahead');
  });

  it('counts on replicas that start, and on no slot that is not there', () => {
    const work = { ...NOTHING, queued: [row(0, 6, 9_000)] };
    const alone = planNear({ ...PICTURE, work });
    const starting = planNear({ ...PICTURE, work, scaleOuts: [{ wanted: 3, added: 3, ageMs: 19_000 }] });
    assert.ok(alone.lateness.count > 0);
    assert.equal(starting.lateness.count, 0);
  });

  it('is the schedule alone beyond the near plan', () => {
    const far = planFar({ ...PICTURE, work: { ...NOTHING, due: [row(60, 4, 9_000)] } }, [row(300, 8, 9_000)], 400);
    assert.equal(far.planned.length, 400);
    assert.deepEqual([far.planned[45], far.planned[285], far.planned[399]], [2, 4, 0]);
  });

  it('joins the plans where the near one ends, and is no longer than the far one', () => {
    const near = planNear({ ...PICTURE, work: { ...NOTHING, due: [row(2, 4, 9_000)] } });
    const far = planFar(PICTURE, [row(300, 8, 9_000)], 400);
    const joined = joinPlans(near, far);
    for (const curve of ['required', 'planned', 'low', 'high'] as const) {
      assert.deepEqual(joined[curve], [...near[curve], ...far[curve].slice(170)]);
    }
    assert.deepEqual(joined.late, [...near.lateness.perSecond, ...far.lateness.perSecond.slice(170)]);
    const short = joinPlans(near, planFar(PICTURE, [], 60));
    assert.deepEqual(short.planned, near.planned.slice(0, 60));
  });
});

describe('startingReplicas', () => {
  it('is as many as are missing, of the youngest increases, with what is left of their lead time', () => {
    const scaleOuts = [
      { wanted: 9, added: 2, ageMs: 5_000 },
      { wanted: 7, added: -1, ageMs: 8_000 },
      { wanted: 8, added: 4, ageMs: 25_000 },
      { wanted: 4, added: 4, ageMs: 30_000 },
    ];
    assert.deepEqual(startingReplicas(4, scaleOuts, 20_000), [
      { count: 2, leftMs: 15_000 },
      { count: 3, leftMs: 0 },
    ]);
    assert.deepEqual(startingReplicas(9, scaleOuts, 20_000), []);
    assert.deepEqual(startingReplicas(0, [], 20_000), []);
  });

  it('gives up what takes longer than two lead times', () => {
    assert.deepEqual(startingReplicas(1, [{ wanted: 3, added: 2, ageMs: 40_001 }], 20_000), []);
    assert.deepEqual(startingReplicas(1, [{ wanted: 3, added: 2, ageMs: 40_000 }], 20_000), [{ count: 2, leftMs: 0 }]);
  });
});
