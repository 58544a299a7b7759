import assert from 'node:assert/strict';

import fc from 'fast-check';

import { decisionWords } from '../../../core/decision-words.ts';
import {
  decideReplicas,
  NO_CONTROLS,
  type ReplicaDecisionInput,
  type ScaleControls,
  STALE_PLAN_MS,
} from '../../../core/replicas.ts';

const CALM: ReplicaDecisionInput = {
  plannedReplicas: 3,
  planAgeMs: 0,
  currentReplicas: 3,
  busyReplicas: 0,
  queuedTickets: 0,
  overdue: 0,
  maxReplicas: 10,
  controls: NO_CONTROLS,
  nowMs: 1_000,
};
const ordered = (controls: Partial<ScaleControls>): Pick<ReplicaDecisionInput, 'controls'> => ({
  controls: { ...NO_CONTROLS, ...controls },
});
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

  it('wakes nothing where the maximum is none', () => {
    const none = { plannedReplicas: 0, currentReplicas: 0, maxReplicas: 0, queuedTickets: 1 };
    assert.deepEqual(decide(none), { kind: 'hold', reason: 'already-right' });
  });

  it('goes up by an old plan, but not down', () => {
    const old = { planAgeMs: STALE_PLAN_MS + 1 };
    assert.deepEqual(decide({ ...old, plannedReplicas: 5 }), { kind: 'scale', toReplicas: 5, reason: 'work-ahead' });
    assert.deepEqual(decide({ ...old, plannedReplicas: 1 }), { kind: 'hold', reason: 'plan-stale' });
  });

  it('holds what a person ordered, until its time, whatever the plan says', () => {
    const held = ordered({ override: { replicas: 6, untilMs: 1_001 } });
    assert.deepEqual(decide(held), { kind: 'scale', toReplicas: 6, reason: 'override' });
    assert.deepEqual(decide({ ...held, plannedReplicas: undefined }), {
      kind: 'scale',
      toReplicas: 6,
      reason: 'override',
    });
    assert.deepEqual(decide({ ...held, currentReplicas: 6 }), { kind: 'hold', reason: 'override-held' });
    assert.deepEqual(decide({ ...held, currentReplicas: 8, overdue: 5 }), {
      kind: 'scale',
      toReplicas: 6,
      reason: 'override',
    });
    assert.deepEqual(decide({ ...held, nowMs: 1_001 }), { kind: 'hold', reason: 'already-right' });
  });

  it('keeps an order within the maximum and above what is busy', () => {
    const many = ordered({ override: { replicas: 50, untilMs: 2_000 } });
    assert.deepEqual(decide(many), { kind: 'scale', toReplicas: 10, reason: 'override' });
    const none = ordered({ override: { replicas: 0, untilMs: 2_000 } });
    assert.deepEqual(decide({ ...none, busyReplicas: 2 }), { kind: 'scale', toReplicas: 2, reason: 'override' });
    assert.deepEqual(decide({ ...none, busyReplicas: undefined }), { kind: 'hold', reason: 'queue-unknown' });
  });

  it('does not go where that is paused', () => {
    const out = ordered({ scaleOutPaused: true });
    assert.deepEqual(decide({ ...out, plannedReplicas: 5 }), { kind: 'hold', reason: 'scale-out-paused' });
    assert.deepEqual(decide({ ...out, plannedReplicas: 1 }), { kind: 'scale', toReplicas: 1, reason: 'work-over' });
    const inwards = ordered({ scaleInPaused: true });
    assert.deepEqual(decide({ ...inwards, plannedReplicas: 5 }), {
      kind: 'scale',
      toReplicas: 5,
      reason: 'work-ahead',
    });
    assert.deepEqual(decide({ ...inwards, plannedReplicas: 1 }), { kind: 'hold', reason: 'scale-in-paused' });
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
      planAgeMs: fc.constantFrom(0, STALE_PLAN_MS + 1),
      nowMs: fc.constant(1_000),
      controls: fc.record({
        mode: fc.constantFrom('automatic' as const, 'advisory' as const),
        scaleOutPaused: fc.boolean(),
        scaleInPaused: fc.boolean(),
        override: fc.option(fc.record({ replicas: fc.nat(12), untilMs: fc.constantFrom(500, 1_500) }), {
          nil: undefined,
        }),
      }),
    });
    fc.assert(
      fc.property(inputs, (input) => {
        const decision = decideReplicas(input);
        assert.match(decisionWords(decision, input), /^[A-Z].*\.$/);
        if (decision.kind === 'hold') return;
        const current = Number(input.currentReplicas);
        assert.notEqual(decision.toReplicas, current);
        assert.ok(decision.toReplicas >= 0 && decision.toReplicas <= 10);
        const { scaleInPaused, scaleOutPaused } = input.controls;
        assert.ok(decision.toReplicas > current ? !scaleOutPaused : !scaleInPaused);
        if (input.planAgeMs > STALE_PLAN_MS && decision.toReplicas < current) assert.equal(decision.reason, 'override');
        if (decision.toReplicas < current)
          assert.ok(decision.toReplicas >= Math.min(Number(input.busyReplicas), current));
      }),
    );
  });
});
