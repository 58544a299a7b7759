import type { Broker } from '../broker/broker.ts';
import { SECOND_MS } from '../core/duration.ts';
import { createClaimStore } from '../db/claim-store.ts';
import type { Database } from '../db/database.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { type PackingFacts, readPackingFacts } from '../db/live-store.ts';
import { createReplicaStore } from '../db/replica-store.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { createReferenceClock } from '../runtime/reference-clock.ts';
import { rest, runTicker, type Wake } from '../runtime/ticker.ts';
import { Dispatcher, type DispatcherConfig } from './dispatcher.ts';
import { recoverAttempts, recoverClaims, republishForgotten } from './recovery.ts';

export interface DistributorDeps {
  readonly database: Database;
  readonly broker: Broker;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Rings when something may be due at once. */
  readonly wake: Wake;
  /** Our row in `replicas`. */
  readonly replicaId: string;
}

export interface DistributorConfig extends DispatcherConfig {
  readonly batchSize: number;
  /** How long before its instant an occurrence is claimed. */
  readonly lookAheadMs: number;
  /** Rest between claims while less than a batch is due. */
  readonly pollPeriodMs: number;
  /** How long a claim is ours without word of the broker. */
  readonly claimLeaseMs: number;
  /** Occurrences in memory at most. */
  readonly maxInMemory: number;
  readonly recoveryPeriodMs: number;
}

/** Claims, publishes and repairs until the signal aborts, then gives back what it holds. Any number of copies share the work. */
export async function runDistributor(
  deps: DistributorDeps,
  config: DistributorConfig,
  signal: AbortSignal,
): Promise<void> {
  const { database, broker, log, metrics } = deps;
  const claims = createClaimStore(database);
  const replicas = createReplicaStore(database);
  const clock = createReferenceClock(() => readDatabaseClock(database));
  await clock.synchronise();
  let facts: PackingFacts = await readPackingFacts(database);
  const dispatcher = new Dispatcher({ broker, claims, clock, facts: () => facts, log, metrics }, config);

  const onError = (message: string) => (error: unknown) => log.error({ err: error }, message);
  const watch = broker.onStateChange(() => deps.wake.ring());
  await Promise.all([
    runTicker(
      async () => {
        const room = Math.min(config.batchSize, config.maxInMemory - dispatcher.size);
        if (room <= 0 || !broker.isReady()) return false;
        const claimed = await claims.claimDue(room, config.lookAheadMs, config.claimLeaseMs, deps.replicaId);
        metrics.claimedOccurrences.inc(claimed.length);
        dispatcher.add(claimed);
        return claimed.length === config.batchSize;
      },
      {
        periodMs: config.pollPeriodMs,
        signal,
        wake: deps.wake,
        onError: onError('claiming failed; it is tried again'),
      },
    ),
    runTicker(
      async () => {
        facts = await readPackingFacts(database);
        return false;
      },
      { periodMs: 2 * SECOND_MS, signal, onError: onError('durations could not be read; the last ones are used') },
    ),
    runTicker(
      async () => {
        await rest(30 * SECOND_MS, signal);
        await clock.synchronise();
        return false;
      },
      {
        periodMs: SECOND_MS,
        signal,
        onError: onError('the database clock could not be read; the last reading is used'),
      },
    ),
    runTicker(
      async () => {
        await recoverAttempts({ replicas, broker, log, metrics });
        return recoverClaims({ claims, log, metrics });
      },
      { periodMs: config.recoveryPeriodMs, signal, onError: onError('recovery failed; it is tried again') },
    ),
    runTicker(() => republishForgotten({ claims, broker, log, metrics }, config.verifyAfterMs), {
      periodMs: config.recoveryPeriodMs,
      signal,
      onError: onError('looking for forgotten tickets failed; it is tried again'),
    }),
  ]);
  watch();
  await dispatcher.drain();
}
