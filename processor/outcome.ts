import { type AttemptOutcome, decideNextStep, type RetryPolicy } from '../core/retry.ts';
import type { FinishedAttempt, StartedAttempt } from '../db/attempt-store.ts';
import type { AttemptResult } from './attempt.ts';

const REASON_LENGTH = 300;

/** What is written for an attempt that ended: its outcome, and what becomes of the occurrence. `jitter` is in [0, 1). */
export function finishedAttempt(
  started: StartedAttempt,
  result: AttemptResult,
  retry: RetryPolicy,
  jitter: number,
): FinishedAttempt {
  const { taskId, scheduledMs, attempt } = started;
  return {
    taskId,
    scheduledMs,
    attempt,
    ...nextOf(started, result, retry, jitter),
    outcome: result.outcome,
    error: result.error,
    result: result.result === null ? null : JSON.stringify(result.result),
    elapsedMs: result.elapsedMs,
    cpuMs: result.cpuMs,
    peakMemoryBytes: result.peakMemoryBytes,
    logs: result.logs,
    notifications: result.notifications,
  };
}

function nextOf(
  started: StartedAttempt,
  result: AttemptResult,
  retry: RetryPolicy,
  jitter: number,
): Pick<FinishedAttempt, 'nextStatus' | 'delayMs' | 'reason' | 'counts'> {
  if (result.outcome === 'cancelled') {
    return { nextStatus: 'Cancelled', delayMs: null, reason: result.endReason ?? null, counts: true };
  }
  const step = decideNextStep(outcomeOf(result.outcome, result), started.attempt - started.attemptBase, retry, jitter);
  const cause = (result.error ?? '').slice(0, REASON_LENGTH);
  switch (step.kind) {
    case 'complete':
      return { nextStatus: 'Completed', delayMs: null, reason: null, counts: true };
    case 'give-back':
      return { nextStatus: 'Scheduled', delayMs: result.retryAfterMs ?? 0, reason: cause, counts: false };
    case 'retry':
      return {
        nextStatus: 'Scheduled',
        delayMs: step.afterMs,
        reason: `attempt ${started.attempt} failed: ${cause}`,
        counts: true,
      };
    case 'dead-letter':
      return { nextStatus: 'Failed', delayMs: null, reason: cause, counts: true };
  }
}

function outcomeOf(outcome: Exclude<AttemptResult['outcome'], 'cancelled'>, result: AttemptResult): AttemptOutcome {
  switch (outcome) {
    case 'succeeded':
      return { kind: 'succeeded' };
    case 'interrupted':
      return { kind: 'interrupted' };
    case 'failed':
    case 'timed-out':
      return {
        kind: 'failed',
        retryable: result.retryable,
        ...(result.retryAfterMs === undefined ? {} : { retryAfterMs: result.retryAfterMs }),
      };
  }
}
