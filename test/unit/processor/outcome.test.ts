import assert from 'node:assert/strict';

import type { StartedAttempt } from '../../../db/attempt-store.ts';
import type { AttemptResult } from '../../../processor/attempt.ts';
import { finishedAttempt } from '../../../processor/outcome.ts';

const STARTED: StartedAttempt = {
  taskId: '7',
  scheduledMs: 1_790_000_000_000,
  attempt: 3,
  attemptBase: 1,
  startMs: 1_790_000_000_005,
  dueMs: 1_790_000_000_000,
  taskName: 'pH of batch 7',
  taskType: 'noop',
  payload: {},
  labels: {},
  recipients: [],
  retry: null,
  timeoutMs: null,
  bars: true,
};
const RESULT: AttemptResult = {
  outcome: 'succeeded',
  retryable: true,
  error: null,
  result: { value: 7.4 },
  elapsedMs: 12,
  cpuMs: 1,
  peakMemoryBytes: null,
  logs: [],
  notifications: [],
};
const RETRY = { maxAttempts: 3, backoff: 'fixed', firstDelayMs: 500, maxDelayMs: 60_000 } as const;
const finish = (result: Partial<AttemptResult>, started: Partial<StartedAttempt> = {}) =>
  finishedAttempt({ ...STARTED, ...started }, { ...RESULT, ...result }, RETRY, 0.5);

describe('finishedAttempt', () => {
  it('completes what succeeded, with its result as JSON', () => {
    const finished = finish({});
    assert.equal(finished.nextStatus, 'Completed');
    assert.equal(finished.result, '{"value":7.4}');
    assert.deepEqual([finished.taskId, finished.scheduledMs, finished.attempt], ['7', 1_790_000_000_000, 3]);
    assert.equal(finish({ result: null }).result, null);
  });

  it('lets a failed attempt come again after its delay, and counts from the last redrive', () => {
    const finished = finish({ outcome: 'failed', error: 'no answer' });
    assert.equal(finished.nextStatus, 'Scheduled');
    assert.equal(finished.delayMs, 500);
    assert.equal(finished.reason, 'attempt 3 failed: no answer');
    assert.equal(finished.counts, true);
    assert.equal(finish({ outcome: 'failed', error: 'no answer' }, { attemptBase: 0 }).nextStatus, 'Failed');
  });

  it('fails for good what may not be repeated, with a short reason', () => {
    const finished = finish({ outcome: 'timed-out', retryable: false, error: 'x'.repeat(5_000) });
    assert.equal(finished.nextStatus, 'Failed');
    assert.equal(finished.delayMs, null);
    assert.equal(finished.reason?.length, 300);
    assert.equal(finished.error?.length, 5_000);
  });

  it('heeds how long the other side asks to be left alone', () => {
    assert.equal(finish({ outcome: 'failed', error: 'busy', retryAfterMs: 2_000 }).delayMs, 2_000);
  });

  it('cancels what somebody ended, for their reason, and does not try it again', () => {
    const error = 'make room. The handler was left behind.';
    const finished = finish({ outcome: 'cancelled', error, endReason: 'make room' });
    assert.deepEqual(
      [finished.nextStatus, finished.delayMs, finished.reason, finished.error, finished.counts],
      ['Cancelled', null, 'make room', error, true],
    );
  });

  it('gives back what was interrupted: due at once or when told, and at no cost', () => {
    const finished = finish({ outcome: 'interrupted', error: 'The processor stopped.' });
    assert.deepEqual([finished.nextStatus, finished.delayMs, finished.counts], ['Scheduled', 0, false]);
    assert.equal(finish({ outcome: 'interrupted', retryAfterMs: 10_000 }).delayMs, 10_000);
  });
});
