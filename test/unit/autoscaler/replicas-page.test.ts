import assert from 'node:assert/strict';

import { replicasPage } from '../../../autoscaler/replicas-page.ts';
import { boardWith, horizon, planView } from '../../support/plan-views.ts';

describe('the page /replicas', () => {
  const ask = (query: string, laterMs = 0) => {
    const plans = boardWith(
      planView({ horizon: horizon([0, 3], [40, 7]) }),
      planView({ pool: 'lab', wantedReplicas: 9, readyReplicas: undefined }),
    );
    plans.later(laterMs);
    return replicasPage(plans, { pool: 'default', staleMs: 60_000 })(new URLSearchParams(query));
  };

  it('says how many replicas are wanted, and why', () => {
    const body = { replicas: 3, required: 2, ready: 1, limit: 100, at: '2026-11-21T12:00:00.000Z', stale: false };
    assert.deepEqual(ask(''), { status: 200, body });
  });

  it('answers for another pool, and shows what is not known as null', () => {
    const body = { replicas: 9, required: 2, ready: null, limit: 100, at: '2026-11-21T12:00:00.000Z', stale: false };
    assert.deepEqual(ask('pool=lab'), { status: 200, body });
  });

  it('looks ahead when it is asked to', () => {
    assert.equal((ask('leadSeconds=40').body as { replicas: number }).replicas, 7);
  });

  it('says when the plan is stale', () => {
    assert.equal((ask('', 61_000).body as { stale: boolean }).stale, true);
  });

  it('is not available for a pool without a plan, instead of answering with zero', () => {
    const { status, body } = ask('pool=none');
    assert.equal(status, 503);
    assert.equal('replicas' in (body as object), false);
  });

  it('refuses a look ahead that is no number of seconds', () => {
    for (const lead of ['-1', 'soon', '', '1e9']) assert.equal(ask(`leadSeconds=${lead}`).status, 400);
  });
});
