import assert from 'node:assert/strict';

import { controlsWords, decisionWords } from '../../../core/decision-words.ts';
import {
  type HoldReason,
  NO_CONTROLS,
  type ReplicaDecision,
  type ReplicaDecisionInput,
  type ScaleReason,
} from '../../../core/replicas.ts';

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

  it('has a sentence for every reason, with what is not known called so', () => {
    const unknown: ReplicaDecisionInput = {
      ...INPUT,
      plannedReplicas: undefined,
      currentReplicas: undefined,
      busyReplicas: undefined,
      queuedTickets: undefined,
      overdue: undefined,
      controls: NO_CONTROLS,
    };
    const hold = (reason: HoldReason): [ReplicaDecision, string, string] => [
      { kind: 'hold', reason },
      ...WORDS[reason],
    ];
    const scale = (reason: ScaleReason): [ReplicaDecision, string, string] => [
      { kind: 'scale', toReplicas: 6, reason },
      ...SCALE_WORDS[reason],
    ];
    const cases = [
      ...(Object.keys(WORDS) as HoldReason[]).map(hold),
      ...(Object.keys(SCALE_WORDS) as ScaleReason[]).map(scale),
    ];
    for (const [decision, known, notKnown] of cases) {
      assert.equal(decisionWords(decision, INPUT), known);
      assert.equal(decisionWords(decision, unknown), notKnown);
    }
  });
});

const HELD = 'Hold 4 until 2026-11-21T15:00:00Z; the plan wants 2.';
const NOTHING_HELD = 'Nothing is held; the plan wants an unknown number.';

const WORDS: Readonly<Record<HoldReason, [known: string, notKnown: string]>> = {
  'no-forecast': ['The work ahead is not known, so 5 stay.', 'The work ahead is not known, so an unknown number stay.'],
  'target-unknown': [
    'How many there are is not known, so nothing changes; the plan wants 2.',
    'How many there are is not known, so nothing changes; the plan wants an unknown number.',
  ],
  'already-right': [
    'The plan wants 2, and 5 were asked for.',
    'The plan wants an unknown number, and an unknown number were asked for.',
  ],
  'work-waits': [
    'The plan wants only 2, but 7 tickets wait and 1 occurrences are overdue, so 5 stay.',
    'The plan wants only an unknown number, but an unknown number of tickets wait and an unknown number of occurrences are overdue, so an unknown number stay.',
  ],
  'queue-unknown': [
    'The plan wants only 2, but what waits or runs is not known, so 5 stay.',
    'The plan wants only an unknown number, but what waits or runs is not known, so an unknown number stay.',
  ],
  'replicas-busy': [
    'Fewer than 5 are wanted, but 3 are busy.',
    'Fewer than an unknown number are wanted, but an unknown number are busy.',
  ],
  'plan-stale': [
    'The plan wants only 2, but is 90 s old, so 5 stay.',
    'The plan wants only an unknown number, but is 90 s old, so an unknown number stay.',
  ],
  'scale-out-paused': [
    'More than 5 are wanted, but scaling out is paused.',
    'More than an unknown number are wanted, but scaling out is paused.',
  ],
  'scale-in-paused': [
    'Fewer than 5 are wanted, but scaling in is paused.',
    'Fewer than an unknown number are wanted, but scaling in is paused.',
  ],
  'override-held': [HELD, NOTHING_HELD],
};

const SCALE_WORDS: Readonly<Record<ScaleReason, [known: string, notKnown: string]>> = {
  'work-ahead': [
    'The plan wants 2 for the work ahead, and 5 were asked for.',
    'The plan wants an unknown number for the work ahead, and an unknown number were asked for.',
  ],
  'work-waits': [
    'Work waits that no plan foresaw, and nothing is there to do it: 6 will.',
    'Work waits that no plan foresaw, and nothing is there to do it: 6 will.',
  ],
  'work-over': [
    'The plan wants only 2, nothing waits, and 3 are busy: 5 are too many.',
    'The plan wants only an unknown number, nothing waits, and an unknown number are busy: an unknown number are too many.',
  ],
  override: [HELD, NOTHING_HELD],
};

describe('controlsWords', () => {
  it('says all that is ordered, and why', () => {
    assert.equal(controlsWords({ ...NO_CONTROLS, reason: null }), 'Ordered: act by the plan.');
    assert.equal(
      controlsWords({ ...NO_CONTROLS, scaleOutPaused: true, reason: null }),
      'Ordered: scaling out is paused.',
    );
    assert.equal(
      controlsWords({ ...INPUT.controls, mode: 'advisory', scaleInPaused: true, reason: 'a migration' }),
      'Ordered: only say what would be done; hold 4 until 2026-11-21T15:00:00Z; scaling in is paused. Why: a migration',
    );
  });
});
