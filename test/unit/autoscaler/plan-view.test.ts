import assert from 'node:assert/strict';

import { PlanBoard } from '../../../autoscaler/plan-view.ts';
import { boardWith, NOW_MS, planView } from '../../support/plan-views.ts';

describe('PlanBoard', () => {
  it('knows nothing before the first plan, and one plan per pool after that', () => {
    const board = new PlanBoard();
    assert.equal(board.view('default'), undefined);
    board.publish(planView({ pool: 'lab' }));
    board.publish(planView({ wantedReplicas: 4 }));
    assert.equal(board.view('default')?.wantedReplicas, 4);
    assert.deepEqual(board.pools(), ['default', 'lab']);
  });

  it('measures time from when a plan was made, by a clock of its own that only goes forward', () => {
    const board = boardWith(planView());
    board.later(5_000);
    assert.equal(board.nowMs('default'), NOW_MS + 5_000);
    board.publish(planView({ plannedAtMs: NOW_MS - 3_600_000 })); // the database's clock was set back
    assert.equal(board.nowMs('default'), NOW_MS - 3_600_000);
    assert.equal(board.nowMs('none'), undefined);
  });

  it('tells those who watch, until they no longer want to hear', () => {
    const board = new PlanBoard();
    const heard: number[] = [];
    const stop = board.watch(({ wantedReplicas }) => heard.push(wantedReplicas));
    board.publish(planView({ wantedReplicas: 4 }));
    stop();
    board.publish(planView({ wantedReplicas: 6 }));
    assert.deepEqual(heard, [4]);
  });
});
