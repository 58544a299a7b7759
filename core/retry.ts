/** How often and how patiently a failed attempt is tried again. Delays in ms; `maxAttempts` counts the first try too. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly backoff: 'fixed' | 'exponential';
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** How one attempt ended, as far as retrying is concerned. `retryAfterMs` is the other side's own wish, if it has one. */
export type AttemptOutcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly retryable: boolean; readonly retryAfterMs?: number };

export type NextStep =
  | { readonly kind: 'complete' }
  | { readonly kind: 'give-back' }
  | { readonly kind: 'retry'; readonly afterMs: number }
  | { readonly kind: 'dead-letter' };

/**
 * What becomes of an occurrence after an attempt.
 * `attempt` is 1 for the first try since the occurrence was scheduled or redriven. `jitter` is a number in [0, 1):
 * exponential delays are drawn from their upper quarter, so that waits grow and yet do not march in step.
 */
export function decideNextStep(
  outcome: AttemptOutcome,
  attempt: number,
  policy: RetryPolicy,
  jitter: number,
): NextStep {
  switch (outcome.kind) {
    case 'succeeded':
      return { kind: 'complete' };
    case 'interrupted':
      return { kind: 'give-back' }; // our shutdown, not the task's fault: it costs no attempt
    case 'failed':
      if (!outcome.retryable || attempt >= policy.maxAttempts) return { kind: 'dead-letter' };
      return { kind: 'retry', afterMs: Math.max(retryDelayMs(attempt, policy, jitter), askedDelayMs(outcome, policy)) };
  }
}

function retryDelayMs(attempt: number, policy: RetryPolicy, jitter: number): number {
  if (policy.backoff === 'fixed') return Math.min(policy.maxDelayMs, policy.firstDelayMs);
  const ceilingMs = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
  return Math.round(ceilingMs * (0.75 + jitter / 4));
}

function askedDelayMs(outcome: { readonly retryAfterMs?: number }, policy: RetryPolicy): number {
  return Math.min(policy.maxDelayMs, outcome.retryAfterMs ?? 0);
}
