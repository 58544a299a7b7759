import { type LogLine, RunLog } from './run-log.ts';
import { storableText, textOf } from './storable.ts';
import type { FailOptions, HandlerLog, OccurrenceInfo, RunContext } from './task-type.ts';

/** A notification that a handler asked for; sent when the attempt is recorded. */
export interface NotificationDraft {
  readonly recipient: string;
  readonly message: string;
}

interface ContextLimits {
  readonly maxLogLines: number;
  readonly maxLogLineBytes: number;
  readonly maxNotifications: number;
}

/** What `context.close` leaves of an attempt. */
interface ContextRecord {
  readonly logs: readonly LogLine[];
  readonly notifications: readonly NotificationDraft[];
}

/** The context of one attempt. Most attempts use little of it, so its parts are made when they are first asked for. */
export class HandlerContext implements RunContext<unknown> {
  payload: unknown = undefined;
  readonly occurrence: OccurrenceInfo;
  readonly #limits: ContextLimits;
  readonly #stopSignal: AbortSignal;
  #aborter: AbortController | undefined;
  #log: RunLog | undefined;
  #notifications: NotificationDraft[] | undefined;
  #refusedNotifications = false;
  #abortReason: { readonly reason: unknown } | undefined;
  #closed = false;

  constructor(occurrence: OccurrenceInfo, limits: ContextLimits, stopSignal: AbortSignal) {
    this.occurrence = occurrence;
    this.#limits = limits;
    this.#stopSignal = stopSignal;
  }

  get signal(): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController();
      if (this.#abortReason !== undefined) this.#aborter.abort(this.#abortReason.reason);
      else if (this.#stopSignal.aborted) this.#aborter.abort(this.#stopSignal.reason);
    }
    return this.#aborter.signal;
  }

  get log(): HandlerLog {
    return this.#openLog();
  }

  get fail(): RunContext<unknown>['fail'] {
    return fail;
  }

  get notify(): RunContext<unknown>['notify'] {
    return (recipient, message) => {
      if (this.#closed) return;
      this.#notifications ??= [];
      if (this.#notifications.length >= this.#limits.maxNotifications) {
        this.#refuseNotification();
        return;
      }
      this.#notifications.push({
        recipient: storableText(textOf(recipient), MAX_RECIPIENT_BYTES),
        message: storableText(textOf(message), this.#limits.maxLogLineBytes),
      });
    };
  }

  abort(reason: unknown): void {
    this.#abortReason = { reason };
    this.#aborter?.abort(reason);
  }

  /** Ends the attempt's record; a handler that was left behind can not add to it. */
  close(): ContextRecord {
    this.#closed = true;
    const logs = this.#log?.close() ?? NOTHING;
    return { logs, notifications: this.#notifications ?? NOTHING };
  }

  #refuseNotification(): void {
    if (this.#refusedNotifications) return;
    this.#refusedNotifications = true;
    this.#openLog().warn(`A run may send ${this.#limits.maxNotifications} notifications; the others are not sent.`);
  }

  #openLog(): RunLog {
    if (this.#log === undefined) {
      this.#log = new RunLog({ maxLines: this.#limits.maxLogLines, maxLineBytes: this.#limits.maxLogLineBytes });
      if (this.#closed) this.#log.close();
    }
    return this.#log;
  }
}

const NOTHING: readonly never[] = Object.freeze([]);
const MAX_RECIPIENT_BYTES = 512;
const MAX_RETRY_AFTER_MS = 86_400_000;

/** How `context.fail` leaves the handler. */
class TaskFailure extends Error {
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: FailOptions) {
    super(message);
    this.name = 'TaskFailure';
    this.retryable = options.retryable ?? true;
    const afterMs = options.retryAfterMs;
    this.retryAfterMs =
      afterMs !== undefined && afterMs >= 0 ? Math.min(MAX_RETRY_AFTER_MS, Math.round(afterMs)) : undefined;
  }
}

/** Tells `context.fail` from everything else that a handler can throw; looks at nothing that could throw in turn. */
export function isTaskFailure(thrown: unknown): thrown is TaskFailure {
  return failures.has(thrown as object);
}

const failures = new WeakSet();

function fail(message: string, options: FailOptions = {}): never {
  const failure = new TaskFailure(textOf(message), options);
  failures.add(failure);
  throw failure;
}
