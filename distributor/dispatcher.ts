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
  /** Publishes that the broker has not answered, and writes of what it answered. */
  readonly #pending = new Set<Promise<void>>();
  #settled: SettledClaims = emptySettlement();
  #isWriting = false;
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
    this.#settle(this.#waiting.takeAll(), 'untried');
    while (this.#pending.size > 0) await Promise.all(this.#pending);
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
      minWorkMs: this.#config.bundleWorkMs / 10,
    });
    for (const { items, workMs } of bundles) {
      const body = encodeTicket({
        claimId,
        workMs: Math.min(Math.ceil(workMs), Number.MAX_SAFE_INTEGER),
        occurrences: items,
      });
      this.#publish({ pool, priority }, body, items);
    }
  }

  #publish(queue: QueueName, body: Buffer, occurrences: readonly ClaimedOccurrence[]): void {
    const { broker, log, metrics } = this.#deps;
    this.#unconfirmed += occurrences.length;
    const [first] = occurrences;
    const messageId = first === undefined ? '' : `${first.claimId}:${first.taskId}-${first.scheduledMs}`;
    const end = (fate: Fate): void => {
      this.#unconfirmed -= occurrences.length;
      this.#settle(occurrences, fate);
    };
    this.#wait(
      broker.publish(queue, body, messageId).then(
        () => {
          metrics.publishedTickets.inc();
          end('published');
        },
        (error: unknown) => {
          log.warn(
            { err: error, count: occurrences.length },
            'publishing failed; the occurrences go back to Scheduled',
          );
          end('refused');
        },
      ),
    );
  }

  #settle(occurrences: readonly ClaimedOccurrence[], fate: Fate): void {
    for (const occurrence of occurrences) {
      const open = this.#open.get(occurrence.claimId);
      if (open === undefined) continue;
      open.outstanding -= 1;
      if (fate === 'published') open.published += 1;
      if (open.outstanding > 0) continue;
      this.#open.delete(occurrence.claimId);
      (open.published > 0 ? this.#settled.published : this.#settled.forgotten).push(occurrence.claimId);
    }
    if (fate !== 'published') this.#settled[fate].push(...occurrences);
    // One write at a time; what settles meanwhile goes with the next.
    if (!this.#isWriting) this.#wait(this.#writeAllSettled());
  }

  #wait(pending: Promise<void>): void {
    this.#pending.add(pending);
    void pending.finally(() => this.#pending.delete(pending));
  }

  async #writeAllSettled(): Promise<void> {
    this.#isWriting = true;
    while (!isEmpty(this.#settled)) await this.#writeSettled();
    this.#isWriting = false;
  }

  async #writeSettled(): Promise<void> {
    const { published, refused, untried, forgotten } = this.#settled;
    this.#settled = emptySettlement();
    const { claims, log, metrics } = this.#deps;
    try {
      // Given back before the claim is forgotten: a crash in between leaves the claim for the recovery to find.
      const counts = await Promise.all([
        claims.release(refused, REFUSED_AGAIN_AFTER_MS),
        claims.release(untried, null),
      ]);
      metrics.releasedOccurrences.inc({ cause: 'not-published' }, counts[0] + counts[1]);
      await Promise.all([claims.markPublished(published, this.#config.verifyAfterMs), claims.forget(forgotten)]);
    } catch (error) {
      log.error({ err: error }, 'claims were not settled; their leases end by themselves and the rows come back');
    }
  }
}

/** A broker that refuses is not asked again at once, and other work goes before. */
const REFUSED_AGAIN_AFTER_MS = 1_000;

/** What became of a claimed occurrence here: with the broker, refused by it, or never brought to it. */
type Fate = 'published' | 'refused' | 'untried';

interface OpenClaim {
  outstanding: number;
  published: number;
}

interface SettledClaims {
  /** Claims by id. */
  readonly published: string[];
  readonly forgotten: string[];
  readonly refused: ClaimedOccurrence[];
  readonly untried: ClaimedOccurrence[];
}

function emptySettlement(): SettledClaims {
  return { published: [], forgotten: [], refused: [], untried: [] };
}

function isEmpty({ published, forgotten, refused, untried }: SettledClaims): boolean {
  return published.length + forgotten.length + refused.length + untried.length === 0;
}

function groupByQueueAndClaim(
  occurrences: readonly ClaimedOccurrence[],
): [ClaimedOccurrence, ...ClaimedOccurrence[]][] {
  const groups = new Map<string, [ClaimedOccurrence, ...ClaimedOccurrence[]]>();
  for (const occurrence of occurrences) {
    const key = `${occurrence.priority}|${occurrence.claimId}|${occurrence.pool}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [occurrence]);
    else group.push(occurrence);
  }
  return [...groups.values()];
}
