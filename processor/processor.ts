import { setTimeout as sleep } from 'node:timers/promises';

import type { Broker } from '../broker/broker.ts';
import type { AttemptStore } from '../db/attempt-store.ts';
import type { ReplicaStore } from '../db/replica-store.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { runTicker, Wake } from '../runtime/ticker.ts';
import { AttemptLedger } from './attempt-ledger.ts';
import { publishDeadLetters } from './dead-letters.ts';
import { Intake, type IntakeConfig } from './intake.ts';
import { keepLease } from './lease.ts';
import { OutcomeWriter } from './outcome-writer.ts';
import { workBatch } from './slot.ts';
import type { TaskType } from './task-type.ts';

export interface ProcessorDeps {
  readonly attempts: AttemptStore;
  readonly replicas: ReplicaStore;
  readonly broker: Broker;
  /**
   * Calls `hear` with the id of a replica when one of its attempts is to end, and with null when such news may have been lost.
   * What comes back stops that.
   */
  readonly onEnding: (hear: (replicaId: string | null) => void) => () => void;
  readonly taskTypes: ReadonlyMap<string, TaskType>;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface ProcessorConfig extends IntakeConfig {
  readonly name: string;
  readonly slots: number;
  readonly leaseMs: number;
  /** How long running attempts may go on after a stop was asked for. */
  readonly shutdownGraceMs: number;
  readonly outcomeBatchSize: number;
  readonly outcomeCoalesceMs: number;
  /** When somebody asked for this processor, in epoch ms; null: nobody knows. */
  readonly requestedMs: number | null;
}

/**
 * Takes tickets, runs their occurrences in its slots and records what came of it, until the signal aborts; then drains. When the lease
 * is lost, everything in hand is aborted, nothing of it is recorded, and the processor begins again as a new replica.
 */
export async function runProcessor(deps: ProcessorDeps, config: ProcessorConfig, signal: AbortSignal): Promise<void> {
  let requestedMs = config.requestedMs;
  let unreadable = 0;
  while (!signal.aborted) {
    const replicaId = await registerUntil(deps, { ...config, requestedMs }, signal);
    if (replicaId === undefined) return;
    requestedMs = null; // only the first registration is a start-up
    const life = new ProcessorLife(deps, config, replicaId, unreadable);
    await life.run(signal);
    unreadable = life.unreadableMessages;
  }
}

const NEWS_AFTER_MS = 300;

/** One registration: from the first ticket to the drain, or to the loss of the lease. */
class ProcessorLife {
  readonly #deps: ProcessorDeps;
  readonly #config: ProcessorConfig;
  readonly #replicaId: string;
  readonly #intake: Intake;
  readonly #writer: OutcomeWriter;
  readonly #ledger: AttemptLedger;
  /** Aborts running attempts. */
  readonly #killed = new AbortController();
  /** Rings when the database should know at once: whoever stops processors asks it which ones are busy. */
  readonly #news = new Wake();
  /** Rings when one of our attempts is to end. */
  readonly #endings = new Wake();
  #newsTimer: NodeJS.Timeout | undefined;
  #running = 0;
  #reportedBusy = false;
  #draining = false;
  unreadableMessages: number;

  constructor(deps: ProcessorDeps, config: ProcessorConfig, replicaId: string, unreadableMessages: number) {
    this.#deps = deps;
    this.#config = config;
    this.#replicaId = replicaId;
    this.unreadableMessages = unreadableMessages;
    const { broker, log, metrics } = deps;
    this.#intake = new Intake(
      {
        broker,
        onUnreadable: (cause) => {
          this.unreadableMessages += 1;
          metrics.unreadableMessages.inc();
          log.warn({ cause }, 'a message can not be read; it is in the dead-letter queue now');
        },
        onError: (error) =>
          log.error({ err: error }, 'the broker did not switch consumers; it is tried again with the next ticket'),
      },
      config,
    );
    const ledger = new AttemptLedger(deps.attempts, { id: replicaId, name: config.name }, log);
    this.#ledger = ledger;
    const deadLetters = publishDeadLetters({ broker, log });
    this.#writer = new OutcomeWriter(
      {
        attempts: deps.attempts,
        log,
        onWritten: (attempt, recorded) => {
          ledger.close(attempt);
          if (!recorded) metrics.runsRefused.inc();
          else if (attempt.nextStatus === 'Failed') deadLetters(attempt, config.pool);
        },
      },
      {
        processorId: replicaId,
        processorName: config.name,
        batchSize: config.outcomeBatchSize,
        coalesceMs: config.outcomeCoalesceMs,
        concurrency: 2,
      },
    );
  }

  async run(signal: AbortSignal): Promise<void> {
    const { replicas, log } = this.#deps;
    const over = new AbortController();
    const lease = keepLease(
      { replicas, log, heartbeat: () => this.#heartbeat(), wake: this.#news },
      { replicaId: this.#replicaId, leaseMs: this.#config.leaseMs },
      over.signal,
    );
    const deafen = this.#deps.onEnding((replicaId) => {
      if (replicaId === null || replicaId === this.#replicaId) this.#endings.ring();
    });
    const reconciling = this.#reconcile(over.signal);
    const slots = Promise.all(Array.from({ length: this.#config.slots }, () => this.#runSlot()));
    const stopped = new Promise<'stopped'>((resolve) => {
      if (signal.aborted) resolve('stopped');
      signal.addEventListener('abort', () => resolve('stopped'), { once: true, signal: over.signal });
    });

    if ((await Promise.race([lease, stopped])) === 'stopped') await this.#drain(slots, lease);
    else this.#loseLease();
    await this.#intake.close();
    await slots;
    await this.#writer.flushed();
    clearTimeout(this.#newsTimer);
    over.abort();
    deafen();
    await reconciling;
    if ((await lease) === 'ended') await this.#leave();
  }

  /** Without an answer of the database the lease ends by itself, and what is still held goes back then. */
  async #leave(): Promise<void> {
    try {
      // Nothing is in hand any more, so whatever is still held is an orphan: the second look hands it back.
      await this.#ledger.reconcile();
      await this.#ledger.reconcile();
      await this.#deps.replicas.leave(this.#replicaId);
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'the processor could not sign off; its lease ends by itself');
    }
  }

  #reconcile(signal: AbortSignal): Promise<void> {
    return runTicker(
      async () => {
        await this.#ledger.reconcile();
        return false;
      },
      {
        periodMs: this.#config.leaseMs / 5,
        signal,
        wake: this.#endings,
        onError: (error) =>
          this.#deps.log.warn({ err: error }, 'held attempts could not be compared; it is tried again'),
      },
    );
  }

  #heartbeat() {
    this.#reportedBusy = this.#running > 0;
    return {
      status: this.#draining ? ('draining' as const) : ('ready' as const),
      running: this.#running,
      unreadableMessages: this.unreadableMessages,
    };
  }

  async #runSlot(): Promise<void> {
    for (let tickets = await this.#intake.take(); tickets.length > 0; tickets = await this.#intake.take()) {
      await workBatch(
        {
          ...this.#deps,
          attempts: this.#ledger,
          endSwitchOf: (key) => this.#ledger.endSwitchOf(key),
          writer: this.#writer,
          onStart: () => this.#countRunning(1),
          onEnd: () => this.#countRunning(-1),
        },
        { replicaId: this.#replicaId },
        tickets,
        this.#killed.signal,
      );
    }
  }

  /** Being busy, or idle, is news when it lasts; a stream of short runs is not. */
  #countRunning(change: 1 | -1): void {
    this.#running += change;
    this.#deps.metrics.runsInProgress.set(this.#running);
    this.#newsTimer ??= setTimeout(() => {
      this.#newsTimer = undefined;
      if (this.#reportedBusy !== this.#running > 0) this.#news.ring();
    }, NEWS_AFTER_MS);
  }

  /** No new work; running attempts get the grace period, then are interrupted, which costs them no attempt. */
  async #drain(slots: Promise<unknown>, lease: Promise<'ended' | 'lost'>): Promise<void> {
    this.#draining = true;
    this.#news.ring();
    this.#deps.log.info({ running: this.#running }, 'draining: no new work, running attempts may finish');
    await this.#intake.close();
    const grace = new AbortController();
    const end = await Promise.race([
      slots.then(() => 'done' as const),
      sleep(this.#config.shutdownGraceMs, 'late' as const, { signal: grace.signal }).catch(() => 'done' as const),
      lease,
    ]);
    grace.abort();
    if (end === 'late') this.#killed.abort(new Error('The processor is shutting down.'));
    if (end === 'lost') this.#loseLease();
  }

  #loseLease(): void {
    this.#deps.log.error(
      { running: this.#running },
      'the lease was lost: running attempts are aborted, and others will repeat them',
    );
    this.#writer.abandon();
    this.#killed.abort(new Error('The processor lost its lease.'));
  }
}

async function registerUntil(
  deps: ProcessorDeps,
  config: ProcessorConfig,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { name, pool, slots, leaseMs, requestedMs } = config;
  for (let delayMs = 250; !signal.aborted; delayMs = Math.min(5_000, delayMs * 2)) {
    try {
      return await deps.replicas.register({ service: 'processor', name, pool, slots, leaseMs, requestedMs });
    } catch (error) {
      deps.log.warn({ err: error }, 'the processor could not register; it is tried again');
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
