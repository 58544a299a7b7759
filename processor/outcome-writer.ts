import { setTimeout as sleep } from 'node:timers/promises';

import { formatOccurrenceId } from '../core/occurrence.ts';
import type { AttemptStore, FinishedAttempt } from '../db/attempt-store.ts';
import { isUnstorable } from '../db/postgres-errors.ts';
import type { Logger } from '../runtime/logger.ts';

export interface OutcomeWriterDeps {
  readonly attempts: AttemptStore;
  readonly log: Logger;
  /** Called once per attempt when its outcome was written, or refused because the attempt no longer held its occurrence. */
  readonly onWritten: (attempt: FinishedAttempt, recorded: boolean) => void;
}

export interface OutcomeWriterConfig {
  readonly processorId: string;
  readonly processorName: string;
  readonly batchSize: number;
  /** How long an outcome may wait for others to share its statement. */
  readonly coalesceMs: number;
  readonly concurrency: number;
}

/** Writes outcomes in batches, since a statement per outcome costs ten to fifty times more. Retries for as long as it takes. */
export class OutcomeWriter {
  readonly #deps: OutcomeWriterDeps;
  readonly #config: OutcomeWriterConfig;
  readonly #waiting: FinishedAttempt[] = [];
  readonly #writers = new Set<Promise<void>>();
  readonly #abandoned = new AbortController();
  readonly #unwritten = new Set<FinishedAttempt>();
  readonly #flushes = new Set<{ readonly left: Set<FinishedAttempt>; readonly resolve: () => void }>();

  constructor(deps: OutcomeWriterDeps, config: OutcomeWriterConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  add(attempt: FinishedAttempt): void {
    this.#unwritten.add(attempt);
    this.#waiting.push(attempt);
    if (
      this.#writers.size === 0 ||
      (this.#waiting.length >= this.#config.batchSize && this.#writers.size < this.#config.concurrency)
    ) {
      this.#startWriter();
    }
  }

  /** Resolves when everything added so far has been written, or was abandoned; what is added later is not waited for. */
  flushed(): Promise<void> {
    if (this.#unwritten.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#flushes.add({ left: new Set(this.#unwritten), resolve });
    });
  }

  /** Stops trying: the attempts are no longer ours to end. */
  abandon(): void {
    this.#abandoned.abort();
  }

  #startWriter(): void {
    const writer = this.#write().finally(() => {
      this.#writers.delete(writer);
      if (this.#waiting.length > 0 && this.#writers.size === 0) this.#startWriter();
    });
    this.#writers.add(writer);
  }

  async #write(): Promise<void> {
    if (this.#waiting.length < this.#config.batchSize) await sleep(this.#config.coalesceMs);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#config.batchSize);
      await this.#writeBatch(batch);
      this.#forget(batch);
    }
  }

  #forget(batch: readonly FinishedAttempt[]): void {
    for (const attempt of batch) this.#unwritten.delete(attempt);
    for (const flush of this.#flushes) {
      for (const attempt of batch) flush.left.delete(attempt);
      if (flush.left.size > 0) continue;
      this.#flushes.delete(flush);
      flush.resolve();
    }
  }

  async #writeBatch(batch: readonly FinishedAttempt[]): Promise<void> {
    for (let delayMs = 100; !this.#abandoned.signal.aborted; delayMs = Math.min(5_000, delayMs * 2)) {
      try {
        const recorded = await this.#deps.attempts.finish(batch, this.#config.processorId, this.#config.processorName);
        batch.forEach((attempt, index) => this.#deps.onWritten(attempt, recorded[index] === true));
        return;
      } catch (error) {
        if (isUnstorable(error)) {
          await this.#writeApart(batch, error);
          return;
        }
        // The commit may have happened all the same: the fence then refuses the second write, which changes nothing.
        this.#deps.log.warn({ err: error, count: batch.length }, 'outcomes were not written; they are tried again');
        await sleep(delayMs, undefined, { signal: this.#abandoned.signal }).catch(() => undefined);
      }
    }
  }

  /** One outcome that can not be stored must not hold up the others: it is found by halving, and recorded without what it brought. */
  async #writeApart(batch: readonly FinishedAttempt[], error: unknown): Promise<void> {
    const [first, ...others] = batch;
    if (first === undefined) return;
    if (others.length === 0) {
      this.#deps.log.error(
        { err: error, occurrenceId: formatOccurrenceId(first), attempt: first.attempt },
        'outcome can not be stored as it is',
      );
      if (!isBare(first)) await this.#writeBatch([bare(first)]);
      return;
    }
    const half = Math.ceil(batch.length / 2);
    await this.#writeBatch(batch.slice(0, half));
    await this.#writeBatch(batch.slice(half));
  }
}

const NOT_STORABLE = 'What the attempt left behind could not be stored.';

/** The bare fact of how it ended. */
function bare(attempt: FinishedAttempt): FinishedAttempt {
  const error = attempt.error === null ? null : NOT_STORABLE;
  return {
    ...attempt,
    error,
    reason: NOT_STORABLE,
    result: null,
    cpuMs: null,
    peakMemoryBytes: null,
    logs: [],
    notifications: [],
  };
}

function isBare(attempt: FinishedAttempt): boolean {
  return attempt.reason === NOT_STORABLE;
}
