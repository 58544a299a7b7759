import { formatRunId, type RunKey } from '../core/occurrence.ts';
import type { AttemptStore, FinishedAttempt } from '../db/attempt-store.ts';
import type { Logger } from '../runtime/logger.ts';
import { EndSwitch } from './end-switch.ts';

const HANDED_BACK = 'the answer to its start was lost, so nobody ran it';

/**
 * Knows which attempts this processor has in hand, and compares that with what the database believes. The two differ when a start was
 * committed and its answer lost: the occurrence is then Running under a living lease, and nobody runs it. Such attempts are handed back.
 * The database also knows which attempts somebody wants to end; their switches are thrown.
 */
export class AttemptLedger implements Pick<AttemptStore, 'start'> {
  readonly #attempts: AttemptStore;
  readonly #processor: { readonly id: string; readonly name: string };
  readonly #log: Logger;
  readonly #inHand = new Map<string, EndSwitch>();
  /** Starts whose answer has not come, in the order in which they began. */
  readonly #starting = new Set<object>();
  /** Attempts that nobody here knows, with the starts that may still turn out to be theirs. */
  #suspects = new Map<string, { readonly key: RunKey; readonly starting: ReadonlySet<object> }>();

  constructor(attempts: AttemptStore, processor: { readonly id: string; readonly name: string }, log: Logger) {
    this.#attempts = attempts;
    this.#processor = processor;
    this.#log = log;
  }

  async start(...request: Parameters<AttemptStore['start']>): ReturnType<AttemptStore['start']> {
    const call = {};
    this.#starting.add(call);
    try {
      const answer = await this.#attempts.start(...request);
      for (const attempt of answer.started) this.#inHand.set(formatRunId(attempt), new EndSwitch());
      return answer;
    } finally {
      this.#starting.delete(call);
    }
  }

  /** How an attempt that is in hand hears of its end. */
  endSwitchOf(key: RunKey): EndSwitch | undefined {
    return this.#inHand.get(formatRunId(key));
  }

  /** The outcome of an attempt was written, or refused. */
  close(key: RunKey): void {
    this.#inHand.delete(formatRunId(key));
  }

  /**
   * Ends what is to end, and hands back attempts that were unknown at the call before too and that no start of that time can explain any more.
   * Safe at any moment: if one of them did run after all, its outcome is refused by the attempt's number.
   */
  async reconcile(): Promise<void> {
    const held = await this.#attempts.listHeld(this.#processor.id);
    for (const { ending, ...key } of held) if (ending !== null) this.endSwitchOf(key)?.end(ending);
    const unknown = held.filter((key) => !this.#inHand.has(formatRunId(key)));
    const suspects = new Map(
      unknown.map((key) => {
        const id = formatRunId(key);
        return [id, this.#suspects.get(id) ?? { key, starting: new Set(this.#starting) }];
      }),
    );
    const orphans = [...suspects].filter(
      ([id, suspect]) => this.#suspects.has(id) && !this.#mayBeStarting(suspect.starting),
    );
    this.#suspects = suspects;
    if (orphans.length === 0) return;
    await this.#attempts.finish(
      orphans.map(([, { key }]) => handedBack(key)),
      this.#processor.id,
      this.#processor.name,
    );
    this.#log.warn({ count: orphans.length }, 'attempts whose start was never answered were handed back');
  }

  #mayBeStarting(then: ReadonlySet<object>): boolean {
    return [...then].some((call) => this.#starting.has(call));
  }
}

function handedBack({ taskId, scheduledMs, attempt }: RunKey): FinishedAttempt {
  return {
    taskId,
    scheduledMs,
    attempt,
    nextStatus: 'Scheduled',
    delayMs: 0,
    reason: HANDED_BACK,
    outcome: 'interrupted',
    error: HANDED_BACK,
    result: null,
    elapsedMs: 0,
    cpuMs: null,
    peakMemoryBytes: null,
    counts: false,
    logs: [],
    notifications: [],
  };
}
