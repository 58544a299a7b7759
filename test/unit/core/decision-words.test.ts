import assert from 'node:assert/strict';

import { controlsWords, decisionWords } from '../../../core/decision-words.ts';
import { NO_CONTROLS, type ReplicaDecisionInput } from '../../../core/replicas.ts';

const INPUT: ReplicaDecisionInput = {
  plannedReplicas: 2,
  planAgeMs: 90_000,
  currentReplicas: 5,
  busyReplicas: 3,
  queuedTickets: 7,
  overdue: 1,
  maxReplicas: 10,
  controls: { ...NO_CONTROLS, override: { replicas: 4, untilMs: Date.UTC(2026, 10, 21, 15) } },
  nowMs: 0,
};

describe('decisionWords', () => {
  it('says the numbers that a decision was taken on', () => {
    assert.equal(
      decisionWords({ kind: 'hold', reason: 'work-waits' }, INPUT),
      'The plan wants only 2, but 7 tickets wait and 1 occurrences are overdue, so 5 stay.',
    );
    assert.equal(
      decisionWords({ kind: 'scale', toReplicas: 4, reason: 'override' }, INPUT),
      'Hold 4 until 2026-11-21T15:00:00Z; the plan wants 2.',
    );
    assert.equal(
      decisionWords({ kind: 'hold', reason: 'plan-stale' }, INPUT),
      'The plan wants only 2, but is 90 s old, so 5 stay.',
    );
  });

  it('says what is not known', () => {
    const unknown = { ...INPUT, plannedReplicas: undefined, currentReplicas: undefined };
    assert.equal(
      decisionWords({ kind: 'hold', reason: 'no-forecast' }, unknown),
      'The work ahead is not known, so an unknown number stay.',
    );
  });
});

describe('controlsWords', () => {
  it('says all that is ordered, and why', () => {
    assert.equal(controlsWords({ ...NO_CONTROLS, reason: null }), 'Ordered: act by the plan.');
    assert.equal(
      controlsWords({ ...INPUT.controls, mode: 'advisory', scaleInPaused: true, reason: 'a migration' }),
      'Ordered: only say what would be done; hold 4 until 2026-11-21T15:00:00Z; scaling in is paused. Why: a migration',
    );
  });
});
