import { HOUR_MS, MINUTE_MS, startOfUtcDayMs } from '../core/duration.ts';
import { expansionHorizonMs } from '../core/plan.ts';
import type { Database } from '../db/database.ts';
import { repairDemand } from '../db/demand-store.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { reconcileLedger } from '../db/ledger-reconciliation.ts';
import {
  asOnlyLedgerCheck,
  type LedgerFindings,
  listUncheckedDays,
  rangeOfDay,
  readLatestLedgerDay,
  readLedgerBegin,
  recordLedgerDay,
} from '../db/ledger-store.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { runTicker } from '../runtime/ticker.ts';

export interface LedgerCheckDeps {
  readonly database: Database;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface LedgerCheckConfig {
  /** Days of occurrences to keep: older ones can not be checked. */
  readonly retentionDays: number;
}

/** Checks the ledger each hour until the signal aborts. Any number of copies may run: one at a time does the work. */
export function runLedgerChecks(deps: LedgerCheckDeps, config: LedgerCheckConfig, signal: AbortSignal): Promise<void> {
  return runTicker(
    async () => {
      await checkLedger(deps, config, signal);
      return false;
    },
    {
      periodMs: HOUR_MS,
      signal,
      onError: (error) =>
        deps.log.error({ err: error }, 'the ledger could not be checked; it is tried again in an hour'),
    },
  );
}

/**
 * Sets expected occurrences against recorded ones: of each finished UTC day once and for good, and of today so far. The gauges then say how
 * many are amiss; anything but 0 is a fault, and is logged. Then the demand ahead against the occurrences that it counts.
 */
export async function checkLedger(
  deps: LedgerCheckDeps,
  config: LedgerCheckConfig,
  signal?: AbortSignal,
): Promise<void> {
  const { database, metrics } = deps;
  await asOnlyLedgerCheck(database, async () => {
    for (const day of await listUncheckedDays(database, SETTLED_MS, config.retentionDays)) {
      const found = await reconcileFrom(database, rangeOfDay(day), signal);
      await recordLedgerDay(database, day, found);
      report(deps.log, day, found);
    }
    const untilMs = Math.floor(await readDatabaseClock(database)) - RECENT_MS;
    const found = await reconcileFrom(database, { fromMs: startOfUtcDayMs(untilMs), untilMs }, signal);
    metrics.unaccountedOccurrences.set({ window: 'today' }, found.unaccounted);
    metrics.unexpectedOccurrences.set({ window: 'today' }, found.unexpected);
    report(deps.log, 'today', found);
    await checkDemand(deps, signal);
  });
  // Whoever checked it: each scheduler shows the same.
  const latest = await readLatestLedgerDay(database);
  if (latest === undefined) return;
  metrics.unaccountedOccurrences.set({ window: 'day' }, latest.unaccounted);
  metrics.unexpectedOccurrences.set({ window: 'day' }, latest.unexpected);
}

/** Sets the demand ahead, as it is added up, against the occurrences themselves, an hour at a time. */
async function checkDemand(
  { database, log, metrics }: LedgerCheckDeps,
  signal: AbortSignal | undefined,
): Promise<void> {
  const nowMs = await readDatabaseClock(database);
  const horizonMs = expansionHorizonMs(nowMs);
  let repaired = 0;
  for (let fromMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS; fromMs <= horizonMs; fromMs += HOUR_MS) {
    if (signal?.aborted === true) break;
    const untilMs = fromMs < horizonMs ? fromMs + HOUR_MS : null; // little is further ahead
    repaired += await repairDemand(database, { fromMs, untilMs });
  }
  if (repaired === 0) return;
  metrics.repairedDemand.inc(repaired);
  log.error(
    { repaired },
    'the demand ahead did not agree with the occurrences: forecasts were wrong; it was put right',
  );
}

/** A day is over for its occurrences a little after its end. */
const SETTLED_MS = 5 * MINUTE_MS;
/** What is more recent is not looked at. */
const RECENT_MS = MINUTE_MS;
/** Problems in one line of the log. */
const LOGGED = 10;

/** On the day on which revisions began to be recorded, from then on. */
async function reconcileFrom(
  database: Database,
  range: { readonly fromMs: number; readonly untilMs: number },
  signal: AbortSignal | undefined,
): Promise<LedgerFindings> {
  const beginMs = (await readLedgerBegin(database)) ?? range.untilMs;
  return reconcileLedger(database, { ...range, fromMs: Math.max(range.fromMs, beginMs) }, signal);
}

function report(log: Logger, window: string, found: LedgerFindings): void {
  const { expected, unaccounted, unexpected } = found;
  const problems = found.problems.slice(0, LOGGED);
  const counts = { window, expected, unaccounted, unexpected };
  if (unaccounted > 0) {
    log.error(
      { ...counts, problems },
      'occurrences that schedules called for were never recorded: they did not run, and nobody was told',
    );
  }
  if (unexpected > 0) {
    log.error({ ...counts, problems }, 'occurrences are recorded that no revision of their task called for');
  }
  const lost = problems.filter(({ kind }) => kind === 'not-recomputable');
  if (lost.length > 0) log.warn({ window, problems: lost }, 'the schedules of some tasks can not be computed');
  log.debug(counts, 'ledger checked');
}
