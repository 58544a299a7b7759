import type { Broker, QueueName } from '../broker/broker.ts';
import { encodeTicket } from '../broker/message.ts';
import { bundle } from '../core/bundle.ts';
import type { ClaimedOccurrence, ClaimStore } from '../db/claim-store.ts';
import type { PackingFacts } from '../db/live-store.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { ReferenceClock } from '../runtime/reference-clock.ts';
import { DueQueue } from './due-queue.ts';

export interface DispatcherDeps {
  readonly broker: Broker;
  readonly claims: ClaimStore;
  readonly clock: ReferenceClock;
  readonly facts: () => PackingFacts;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface DispatcherConfig {
  /** Expected work in one ticket at most; what is longer travels alone. */
  readonly bundleWorkMs: number;
  readonly bundleSize: number;
  /** Least time between two rounds of publishing: what falls due meanwhile shares tickets. */
  readonly coalesceMs: number;
  /** When a published claim is first looked at again, in case the broker forgot it. */
  readonly verifyAfterMs: number;
}

/**
 * Holds claimed occurrences until their instant and publishes them then, by timer and not by poll. Once every ticket of a claim is
 * confirmed the claim is marked as published; whatever the broker did not take goes back to Scheduled.
 */
export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #config: DispatcherConfig;
  readonly #waiting = new DueQueue<ClaimedOccurrence>();
  readonly #open = new Map<string, OpenClaim>();
  readonly #settling = new Set<Promise<void>>();
  #settled: SettledClaims = emptySettlement();
  #timer: NodeJS.Timeout | undefined;
  #lastRoundMs = 0;
  #unconfirmed = 0;

  constructor(deps: DispatcherDeps, config: DispatcherConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  /** Occurrences in memory: waiting for their instant, or for the broker's confirm. */
  get size(): number {
    return this.#waiting.size + this.#unconfirmed;
  }

  add(claimed: readonly ClaimedOccurrence[]): void {
    for (const occurrence of claimed) {
      const open = this.#open.get(occurrence.claimId);
      if (open === undefined) this.#open.set(occurrence.claimId, { outstanding: 1, published: 0 });
      else open.outstanding += 1;
      this.#waiting.push(occurrence.dueMs, occurrence);
    }
    this.#arm();
  }

  /** Gives back what has not been published, and waits for the answers to what has. */
  async drain(): Promise<void> {
    clearTimeout(this.#timer);
    const unpublished = this.#waiting.takeAll();
    this.#settle(unpublished, false);
    while (this.#unconfirmed > 0 || this.#settling.size > 0) {
      await Promise.all(this.#settling);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#writeSettled();
  }

  #arm(): void {
    const nextMs = this.#waiting.nextMs;
    if (nextMs === undefined) return;
    clearTimeout(this.#timer);
    const nowMs = this.#deps.clock.nowMs();
    const waitMs = Math.max(nextMs - nowMs, this.#lastRoundMs + this.#config.coalesceMs - nowMs, 0);
    this.#timer = setTimeout(() => this.#publishDue(), Math.ceil(waitMs));
  }

  #publishDue(): void {
    const nowMs = this.#deps.clock.nowMs();
    this.#lastRoundMs = nowMs;
    const due = this.#waiting.takeUntil(nowMs);
    for (const group of groupByQueueAndClaim(due)) this.#publishGroup(group);
    this.#arm();
  }

  #publishGroup(group: readonly [ClaimedOccurrence, ...ClaimedOccurrence[]]): void {
    const [{ pool, priority, claimId }] = group;
    const { averageMsByType, slotsByPool } = this.#deps.facts();
    const bundles = bundle(group, (occurrence) => averageMsByType.get(occurrence.taskType) ?? Infinity, {
      maxWorkMs: this.#config.bundleWorkMs,
      maxItems: this.#config.bundleSize,
      consumers: slotsByPool.get(pool) ?? 1,
    });
    for (const { items, workMs } of bundles) {
      const body = encodeTicket({ claimId, workMs: Math.min(Math.ceil(workMs), Number.MAX_SAFE_INTEGER), occurrences: items });
      this.#publish({ pool, priority }, body, items);
    }
  }

  #publish(queue: QueueName, body: Buffer, occurrences: readonly ClaimedOccurrence[]): void {
    this.#unconfirmed += occurrences.length;
    const [first] = occurrences;
    const messageId = first === undefined ? '' : `${first.claimId}:${first.taskId}-${first.scheduledMs}`;
    this.#deps.broker.publish(queue, body, messageId).then(
      () => {
        this.#deps.metrics.publishedTickets.inc();
        this.#unconfirmed -= occurrences.length;
        this.#settle(occurrences, true);
      },
      (error: unknown) => {
        this.#deps.log.warn({ err: error, count: occurrences.length }, 'publishing failed; the occurrences go back to Scheduled');
        this.#unconfirmed -= occurrences.length;
        this.#settle(occurrences, false);
      },
    );
  }

  #settle(occurrences: readonly ClaimedOccurrence[], published: boolean): void {
    for (const occurrence of occurrences) {
      const open = this.#open.get(occurrence.claimId);
      if (open === undefined) continue;
      open.outstanding -= 1;
      if (published) open.published += 1;
      if (open.outstanding > 0) continue;
      this.#open.delete(occurrence.claimId);
      (open.published > 0 ? this.#settled.published : this.#settled.forgotten).push(occurrence.claimId);
    }
    if (!published) this.#settled.released.push(...occurrences);
    // One write at a time; what settles meanwhile goes with the next.
    if (this.#settling.size === 0) this.#startWriting();
  }

  #startWriting(): void {
    const writing = this.#writeSettled().finally(() => {
      this.#settling.delete(writing);
      if (!isEmpty(this.#settled)) this.#startWriting();
    });
    this.#settling.add(writing);
  }

  async #writeSettled(): Promise<void> {
    const { published, released, forgotten } = this.#settled;
    this.#settled = emptySettlement();
    const { claims, log, metrics } = this.#deps;
    try {
      // Given back before the claim is forgotten: a crash in between leaves the claim for the recovery to find.
      const count = await claims.release(released);
      if (count > 0) metrics.releasedOccurrences.inc({ cause: 'not-published' }, count);
      await Promise.all([claims.markPublished(published, this.#config.verifyAfterMs), claims.forget(forgotten)]);
    } catch (error) {
      log.error({ err: error }, 'claims were not settled; their leases end by themselves and the rows come back');
    }
  }
}

interface OpenClaim {
  outstanding: number;
  published: number;
}

interface SettledClaims {
  readonly published: string[];
  readonly forgotten: string[];
  readonly released: ClaimedOccurrence[];
}

function emptySettlement(): SettledClaims {
  return { published: [], forgotten: [], released: [] };
}

function isEmpty({ published, forgotten, released }: SettledClaims): boolean {
  return published.length + forgotten.length + released.length === 0;
}

function groupByQueueAndClaim(occurrences: readonly ClaimedOccurrence[]): [ClaimedOccurrence, ...ClaimedOccurrence[]][] {
  const groups = new Map<string, [ClaimedOccurrence, ...ClaimedOccurrence[]]>();
  for (const occurrence of occurrences) {
    const key = `${occurrence.priority}|${occurrence.claimId}|${occurrence.pool}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [occurrence]);
    else group.push(occurrence);
  }
  return [...groups.values()];
}
