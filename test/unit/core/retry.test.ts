import assert from 'node:assert/strict';

import fc from 'fast-check';

import { decideNextStep, type RetryPolicy } from '../../../core/retry.ts';

const POLICY: RetryPolicy = { maxAttempts: 5, backoff: 'exponential', firstDelayMs: 1_000, maxDelayMs: 60_000 };
const FAILED = { kind: 'failed', retryable: true } as const;

describe('decideNextStep', () => {
  it('completes what succeeded, also at the last attempt', () => {
    assert.deepEqual(decideNextStep({ kind: 'succeeded' }, 5, POLICY, 0), { kind: 'complete' });
  });

  it('gives back what was interrupted, whatever the attempt', () => {
    assert.deepEqual(decideNextStep({ kind: 'interrupted' }, 99, POLICY, 0), { kind: 'give-back' });
  });

  it('dead-letters the last attempt, and any attempt that is not worth repeating', () => {
    assert.deepEqual(decideNextStep(FAILED, 5, POLICY, 0), { kind: 'dead-letter' });
    assert.deepEqual(decideNextStep({ kind: 'failed', retryable: false }, 1, POLICY, 0), { kind: 'dead-letter' });
  });

  it('waits the same time each time when the policy is fixed, and never longer than its cap', () => {
    const fixed: RetryPolicy = { ...POLICY, backoff: 'fixed' };
    assert.deepEqual(decideNextStep(FAILED, 4, fixed, 0.5), { kind: 'retry', afterMs: 1_000 });
    assert.deepEqual(decideNextStep(FAILED, 4, { ...fixed, maxDelayMs: 10 }, 0.5), { kind: 'retry', afterMs: 10 });
  });

  it('heeds how long the other side asks to be left alone, up to the cap', () => {
    assert.deepEqual(decideNextStep({ ...FAILED, retryAfterMs: 30_000 }, 1, POLICY, 0), {
      kind: 'retry',
      afterMs: 30_000,
    });
    assert.deepEqual(decideNextStep({ ...FAILED, retryAfterMs: 1e9 }, 1, POLICY, 0), {
      kind: 'retry',
      afterMs: 60_000,
    });
    assert.deepEqual(decideNextStep({ ...FAILED, retryAfterMs: 1 }, 1, POLICY, 0), { kind: 'retry', afterMs: 750 });
  });

  it('waits longer each time until it reaches the cap, whatever the jitter', () => {
    const jitter = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 98 }),
        jitter,
        jitter,
        fc.integer({ min: 10, max: 10_000 }),
        (attempt, first, second, firstDelayMs) => {
          const policy = { ...POLICY, maxAttempts: 100, firstDelayMs };
          const waitOf = (at: number, with_: number): number => {
            const step = decideNextStep(FAILED, at, policy, with_);
            assert.equal(step.kind, 'retry');
            return step.afterMs;
          };
          const [before, after] = [waitOf(attempt, first), waitOf(attempt + 1, second)];
          assert.ok(before <= policy.maxDelayMs && after <= policy.maxDelayMs);
          assert.ok(before >= 0.75 * Math.min(firstDelayMs, policy.maxDelayMs) - 1);
          if (firstDelayMs * 2 ** attempt <= policy.maxDelayMs) assert.ok(after > before);
        },
      ),
    );
  });
});
