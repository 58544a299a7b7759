import { DomainError } from '../core/errors.ts';
import { onAbort } from './abort-listeners.ts';
import { describeError } from './describe-error.ts';
import { AttemptEndedError, type EndSwitch } from './end-switch.ts';
import { HandlerContext, isTaskFailure, type NotificationDraft } from './handler-context.ts';
import type { LogLine } from './run-log.ts';
import { type Json, storableResult, storableText } from './storable.ts';
import type { OccurrenceInfo, TaskType } from './task-type.ts';
import { startUsage } from './usage.ts';

/** What one attempt is to do. */
export interface AttemptInput {
  readonly payload: unknown;
  readonly occurrence: OccurrenceInfo;
}

export interface AttemptOptions {
  readonly timeoutMs: number;
  /** Aborts when the processor must stop, or has lost the occurrence: the attempt then ends as interrupted. */
  readonly signal: AbortSignal;
  /** Through it somebody ends this one attempt: it is then cancelled. */
  readonly endSwitch?: EndSwitch | undefined;
  /** How long a handler may take to stop once its signal aborted; after that it is left behind and its slot is free. */
  readonly killGraceMs?: number;
  readonly limits?: AttemptLimits;
}

/** What one attempt may leave behind. */
interface AttemptLimits {
  readonly maxErrorBytes: number;
  readonly maxResultBytes: number;
  readonly maxLogLines: number;
  readonly maxLogLineBytes: number;
  readonly maxNotifications: number;
}

export interface AttemptResult {
  readonly outcome: 'succeeded' | 'failed' | 'timed-out' | 'interrupted' | 'cancelled';
  /** Whether the same again may work. An interrupted attempt is given back, whatever this says. */
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly error: string | null;
  /** With outcome cancelled: why somebody ended it. */
  readonly endReason?: string;
  readonly result: Json;
  /** By the monotonic clock. */
  readonly elapsedMs: number;
  /** CPU time of the process during the attempt, when it ran alone in it; otherwise nobody knows, and it is null. */
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly logs: readonly LogLine[];
  readonly notifications: readonly NotificationDraft[];
}

/**
 * Runs one attempt. Never rejects, and nothing that the handler throws, returns or leaves behind escapes from it.
 * A time-out aborts the handler's signal; if it does not stop within `killGraceMs`, the attempt ends without it. What a handler
 * returns after its time-out is not used; what it returns after the processor's signal, or after it was to be cancelled, is. `undefined` stands for a task type
 * that this processor does not know: the attempt is interrupted, so that a newer processor can take it.
 */
export function runAttempt(
  taskType: TaskType | undefined,
  input: AttemptInput,
  options: AttemptOptions,
): Promise<AttemptResult> {
  const attempt = new Attempt(input, options);
  if (taskType === undefined) return Promise.resolve(attempt.endUnknownType());
  if (!taskType.enabled) return Promise.resolve(attempt.end('failed', false, `${taskType.name} is switched off here.`));
  if (options.endSwitch?.ending !== undefined) return Promise.resolve(attempt.endCancelled());
  if (options.signal.aborted) return Promise.resolve(attempt.end('interrupted', true, STOPPED_BEFORE));

  let returned: unknown;
  let pending: Promise<unknown> | undefined;
  try {
    attempt.context.payload = taskType.parsePayload(input.payload);
  } catch (error) {
    const message = `The payload does not fit ${taskType.name}: ${describeError(error)}`;
    return Promise.resolve(attempt.end('failed', false, message));
  }
  try {
    returned = taskType.run(attempt.context);
    // Looking for `then` may run the handler's own code, so it belongs inside.
    if (isThenable(returned)) pending = Promise.resolve(returned);
  } catch (error) {
    return Promise.resolve(attempt.endThrown(error));
  }
  return pending === undefined ? Promise.resolve(attempt.endReturned(returned)) : attempt.wait(pending);
}

const DEFAULT_KILL_GRACE_MS = 5_000;
const UNKNOWN_TYPE_RETRY_MS = 10_000;
const STOPPED_BEFORE = 'The processor stopped before the attempt began.';
const STOPPED = 'The processor stopped while the attempt ran.';
const DEFAULT_LIMITS: AttemptLimits = {
  maxErrorBytes: 4_096,
  maxResultBytes: 65_536,
  maxLogLines: 1_000,
  maxLogLineBytes: 4_096,
  maxNotifications: 100,
};

/** The state of one attempt from its start to its one end. */
class Attempt {
  readonly context: HandlerContext;
  readonly #options: AttemptOptions;
  readonly #limits: AttemptLimits;
  readonly #usage = startUsage();
  readonly #startedAtMs = performance.now();
  #stopping: 'timed-out' | 'interrupted' | 'cancelled' | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(input: AttemptInput, options: AttemptOptions) {
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.context = new HandlerContext(input.occurrence, this.#limits, options.signal);
  }

  /** Waits for the handler, its time-out, its end or the processor's stop, whichever is first. */
  wait(pending: Promise<unknown>): Promise<AttemptResult> {
    return new Promise((resolve) => {
      let ended = false;
      const finish = (result: () => AttemptResult): void => {
        if (ended) return; // the handler came back after it was left behind
        ended = true;
        clearTimeout(this.#timer);
        forget();
        this.#options.endSwitch?.listen(undefined);
        resolve(result());
      };
      const stop = (
        how: 'timed-out' | 'interrupted' | 'cancelled',
        reason: unknown,
        graceMs = this.#options.killGraceMs ?? DEFAULT_KILL_GRACE_MS,
      ): void => {
        if (this.#stopping !== undefined) return;
        this.#stopping = how;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => finish(() => this.#endLeftBehind(graceMs)), graceMs);
        this.context.abort(reason);
      };
      const onStop = (): void => stop('interrupted', this.#options.signal.reason);

      this.#timer = setTimeout(
        () => stop('timed-out', new AttemptTimeoutError(this.#options.timeoutMs)),
        this.#timerMs(),
      );
      const forget = onAbort(this.#options.signal, onStop);
      if (this.#options.signal.aborted) onStop(); // the handler itself may have caused it, before there was a listener
      this.#options.endSwitch?.listen((ending) => {
        const error = new AttemptEndedError(ending);
        if (error.atOnce) stop('cancelled', error, 0);
        else stop('cancelled', error);
      });
      pending.then(
        (returned) => finish(() => this.endReturned(returned)),
        (error: unknown) => finish(() => this.endThrown(error)),
      );
    });
  }

  endReturned(returned: unknown): AttemptResult {
    if (this.#stopping === 'timed-out') return this.end('timed-out', true, this.#timeoutMessage());
    const stored = storableResult(returned, this.#limits.maxResultBytes);
    // The work is done, so doing it again would only repeat its effects.
    if (stored.kind === 'unstorable') return this.end('failed', false, stored.message);
    return this.end('succeeded', false, null, stored.value);
  }

  endThrown(thrown: unknown): AttemptResult {
    if (this.#stopping === 'timed-out') return this.end('timed-out', true, this.#timeoutMessage());
    if (this.#stopping === 'cancelled') return this.endCancelled();
    if (isTaskFailure(thrown)) {
      const result = this.end('failed', thrown.retryable, thrown.message);
      return thrown.retryAfterMs === undefined ? result : { ...result, retryAfterMs: thrown.retryAfterMs };
    }
    if (this.#stopping === 'interrupted') return this.end('interrupted', true, STOPPED);
    return this.end('failed', isRetryable(thrown), describeError(thrown));
  }

  /** Somebody asked for its end. */
  endCancelled(more = ''): AttemptResult {
    const endReason = this.#options.endSwitch?.ending?.reason ?? '';
    return { ...this.end('cancelled', false, endReason + more), endReason };
  }

  endUnknownType(): AttemptResult {
    const message = 'This processor does not know the task type; another one may.';
    return { ...this.end('interrupted', true, message), retryAfterMs: UNKNOWN_TYPE_RETRY_MS };
  }

  end(outcome: AttemptResult['outcome'], retryable: boolean, error: string | null, result: Json = null): AttemptResult {
    const elapsedMs = performance.now() - this.#startedAtMs;
    return {
      outcome,
      retryable,
      error: error === null ? null : storableText(error, this.#limits.maxErrorBytes),
      result,
      elapsedMs,
      cpuMs: this.#usage.stop(),
      peakMemoryBytes: null,
      ...this.context.close(),
    };
  }

  #endLeftBehind(graceMs: number): AttemptResult {
    const left = `The handler did not stop within ${graceMs} ms of being told and was left behind.`;
    switch (this.#stopping) {
      case 'cancelled':
        return this.endCancelled(`. ${left}`);
      case 'timed-out':
        return this.end('timed-out', true, `${this.#timeoutMessage()} ${left}`);
      default:
        return this.end('interrupted', true, `${STOPPED} ${left}`);
    }
  }

  #timeoutMessage(): string {
    return new AttemptTimeoutError(this.#options.timeoutMs).message;
  }

  /** The time-out counts from the start of the attempt, of which a handler may have used some before it first waited. */
  #timerMs(): number {
    const usedMs = performance.now() - this.#startedAtMs;
    return Math.min(MAX_TIMER_MS, Math.max(0, this.#options.timeoutMs - usedMs));
  }
}

/** setTimeout counts in 31 bits; anything longer would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** The reason with which a handler's signal aborts at its time-out. */
class AttemptTimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`The attempt took longer than its time-out of ${timeoutMs} ms.`);
    this.name = 'TimeoutError';
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/** Whatever is thrown may be tried again, unless it is an error of ours that says otherwise. */
function isRetryable(thrown: unknown): boolean {
  try {
    return thrown instanceof DomainError ? thrown.retryable : true;
  } catch {
    return true;
  }
}
