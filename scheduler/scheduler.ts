import { HOUR_MS, SECOND_MS } from '../core/duration.ts';
import { catchUp, type CatchUpConfig } from '../db/catch-up-store.ts';
import type { Database } from '../db/database.ts';
import { compactDemand } from '../db/demand-store.ts';
import { resumePaused } from '../db/expansion-store.ts';
import { forgetWaiting } from '../db/overlap-store.ts';
import { dropOldPartitions, ensurePartitions } from '../db/partition-store.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { runTicker, type Wake } from '../runtime/ticker.ts';
import { expandBatch, type ExpanderConfig } from './expander.ts';
import { runLedgerChecks } from './ledger-check.ts';
import { LoadPlacer } from './load-placer.ts';

export interface SchedulerDeps {
  readonly database: Database;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Rings when a task was created or changed. */
  readonly wake: Wake;
}

export interface SchedulerConfig extends ExpanderConfig, CatchUpConfig {
  readonly tickPeriodMs: number;
  /** Days of occurrences, runs and logs to keep. */
  readonly retentionDays: number;
}

/** Partitions exist this many days ahead, so that a scheduler that stays away over a long weekend breaks nothing. */
const PARTITION_DAYS_AHEAD = 4;

/** Expands and keeps house until the signal aborts. Any number of copies may run. */
export async function runScheduler(deps: SchedulerDeps, config: SchedulerConfig, signal: AbortSignal): Promise<void> {
  await Promise.all([
    runExpansion(deps, config, signal),
    runHousekeeping(deps, config, signal),
    runCompaction(deps, signal),
    runLedgerChecks(deps, config, signal),
  ]);
}

function runExpansion(deps: SchedulerDeps, config: SchedulerConfig, signal: AbortSignal): Promise<void> {
  const { database, log, metrics, wake } = deps;
  const placer = new LoadPlacer();
  return runTicker(
    async () => {
      await database.transaction((transaction) => resumePaused(transaction));
      const report = await expandBatch(database, config, placer);
      metrics.expandedOccurrences.inc(report.written);
      if (report.written > 0) log.debug({ tasks: report.tasks, written: report.written }, 'expanded');
      for (const { id, message } of report.failed) {
        log.warn({ taskId: id, cause: message }, 'task can not be expanded; it gets no occurrences until it is edited');
      }
      const caughtUp = await catchUp(database, config);
      if (caughtUp.released + caughtUp.skipped > 0)
        log.info(caughtUp, 'caught up with what became due while nobody was there');
      return report.more || caughtUp.more;
    },
    {
      periodMs: config.tickPeriodMs,
      signal,
      wake,
      onError: (error) =>
        log.error({ err: error }, 'expansion failed; nothing of the batch was written, and it is tried again'),
    },
  );
}

function runHousekeeping(
  { database, log }: SchedulerDeps,
  config: SchedulerConfig,
  signal: AbortSignal,
): Promise<void> {
  return runTicker(
    async () => {
      const made = await ensurePartitions(database, PARTITION_DAYS_AHEAD);
      const dropped = await dropOldPartitions(database, config.retentionDays);
      await forgetWaiting(database);
      if (made + dropped > 0) log.info({ made, dropped }, 'day partitions changed');
      return false;
    },
    {
      periodMs: HOUR_MS,
      signal,
      onError: (error) => log.error({ err: error }, 'housekeeping failed; it is tried again in an hour'),
    },
  );
}

const COMPACTION_PERIOD_MS = 5 * SECOND_MS;

/** Keeps the rollup of the demand ahead small, so that reading it stays quick. */
function runCompaction({ database, log }: SchedulerDeps, signal: AbortSignal): Promise<void> {
  return runTicker(() => compactDemand(database), {
    periodMs: COMPACTION_PERIOD_MS,
    signal,
    onError: (error) =>
      log.error({ err: error }, 'the demand ahead could not be compacted: reading it takes longer until that succeeds'),
  });
}
