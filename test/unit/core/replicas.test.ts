import assert from 'node:assert/strict';

import fc from 'fast-check';

import { decideReplicas, type ReplicaDecisionInput } from '../../../core/replicas.ts';

const CALM: ReplicaDecisionInput = {
  plannedReplicas: 3,
  currentReplicas: 3,
  busyReplicas: 0,
  queuedTickets: 0,
  overdue: 0,
  maxReplicas: 10,
};
const decide = (input: Partial<ReplicaDecisionInput>) => decideReplicas({ ...CALM, ...input });

describe('decideReplicas', () => {
  it('holds when the forecast or the target is not known', () => {
    assert.deepEqual(decide({ plannedReplicas: undefined }), { kind: 'hold', reason: 'no-forecast' });
    assert.deepEqual(decide({ currentReplicas: undefined }), { kind: 'hold', reason: 'target-unknown' });
  });

  it('holds at the right number', () => {
    assert.deepEqual(decide({}), { kind: 'hold', reason: 'already-right' });
  });

  it('goes up for work ahead, also while nobody knows what waits', () => {
    const unknown = { queuedTickets: undefined, overdue: undefined, busyReplicas: undefined };
    assert.deepEqual(decide({ plannedReplicas: 5, ...unknown }), {
      kind: 'scale',
      toReplicas: 5,
      reason: 'work-ahead',
    });
  });

  it('goes down when the work is over, but not below the busy ones', () => {
    assert.deepEqual(decide({ plannedReplicas: 1 }), { kind: 'scale', toReplicas: 1, reason: 'work-over' });
    assert.deepEqual(decide({ plannedReplicas: 1, busyReplicas: 2 }), {
      kind: 'scale',
      toReplicas: 2,
      reason: 'work-over',
    });
    assert.deepEqual(decide({ plannedReplicas: 1, busyReplicas: 3 }), { kind: 'hold', reason: 'replicas-busy' });
    assert.deepEqual(decide({ plannedReplicas: 1, busyReplicas: 9 }), { kind: 'hold', reason: 'replicas-busy' });
  });

  it('does not go down while work waits, or while it is not known whether any does', () => {
    assert.deepEqual(decide({ plannedReplicas: 1, queuedTickets: 1 }), { kind: 'hold', reason: 'work-waits' });
    assert.deepEqual(decide({ plannedReplicas: 1, overdue: 1, queuedTickets: undefined }), {
      kind: 'hold',
      reason: 'work-waits',
    });
    assert.deepEqual(decide({ plannedReplicas: 1, queuedTickets: undefined }), {
      kind: 'hold',
      reason: 'queue-unknown',
    });
    assert.deepEqual(decide({ plannedReplicas: 1, overdue: undefined }), { kind: 'hold', reason: 'queue-unknown' });
    assert.deepEqual(decide({ plannedReplicas: 1, busyReplicas: undefined }), {
      kind: 'hold',
      reason: 'queue-unknown',
    });
  });

  it('wakes one replica from zero when work waits that no plan foresaw', () => {
    const asleep = { plannedReplicas: 0, currentReplicas: 0, queuedTickets: 1 };
    assert.deepEqual(decide(asleep), { kind: 'scale', toReplicas: 1, reason: 'work-waits' });
    assert.deepEqual(decide({ ...asleep, queuedTickets: 0 }), { kind: 'hold', reason: 'already-right' });
  });

  it('never asks for fewer than are busy, nor for the number that is there', () => {
    const maybe = fc.option(fc.nat(10), { nil: undefined });
    const inputs = fc.record({
      plannedReplicas: maybe,
      currentReplicas: maybe,
      busyReplicas: maybe,
      queuedTickets: maybe,
      overdue: maybe,
      maxReplicas: fc.constant(10),
    });
    fc.assert(
      fc.property(inputs, (input) => {
        const decision = decideReplicas(input);
        if (decision.kind === 'hold') return;
        const current = Number(input.currentReplicas);
        assert.notEqual(decision.toReplicas, current);
        assert.ok(decision.toReplicas >= 0 && decision.toReplicas <= 10);
        if (decision.toReplicas < current)
          assert.ok(decision.toReplicas >= Math.min(Number(input.busyReplicas), current));
      }),
    );
  });
});
