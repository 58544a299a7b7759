import { DAY_MS } from '../../core/duration.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { OccurrenceStatus } from '../../core/occurrence.ts';
import type { Database } from '../../db/database.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { reconcileLedger } from '../../db/ledger-reconciliation.ts';
import {
  type LedgerDay,
  type LedgerFindings,
  type LedgerRange,
  MAX_PROBLEMS,
  rangeOfDay,
  readLedgerBegin,
  readLedgerDays,
} from '../../db/ledger-store.ts';
import { withDatabase } from '../../db/postgres-errors.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { ApiDeps } from '../deps.ts';
import { fromInstant, toInstant } from '../instants.ts';
import type { Handlers } from '../router.ts';

export function ledgerRoutes({ database }: Pick<ApiDeps, 'database'>): Pick<Handlers, 'ledger'> {
  return {
    ledger: ({ query }) =>
      withDatabase(async () => {
        const nowMs = Math.floor(await readDatabaseClock(database));
        const untilMs = query.until === undefined ? nowMs : fromInstant(query.until);
        const fromMs = query.from === undefined ? untilMs - DAY_MS : fromInstant(query.from);
        assertRange(fromMs, untilMs);
        return { body: await readLedger(database, { fromMs, untilMs }) };
      }),
  };
}

type Day = Ledger['days'][number];
interface CheckedDay extends Day {
  readonly findings: LedgerFindings;
}

/** A longer range takes too long to recompute for one answer. */
const MAX_DAYS = 31;

function assertRange(fromMs: number, untilMs: number): void {
  if (fromMs >= untilMs) {
    throw new InvalidInputError([{ path: 'from', message: 'expected an instant before until' }]);
  }
  if (untilMs - fromMs > MAX_DAYS * DAY_MS) {
    throw new InvalidInputError([
      { path: 'from', message: `expected an instant at most ${MAX_DAYS} days before until` },
    ]);
  }
}

async function readLedger(database: Database, range: LedgerRange): Promise<Ledger> {
  const beginMs = (await readLedgerBegin(database)) ?? range.untilMs;
  const days: CheckedDay[] = [];
  for (const day of await readLedgerDays(database, range.fromMs, range.untilMs)) {
    const checked = await readDay(database, day, { ...range, fromMs: Math.max(range.fromMs, beginMs) });
    if (checked !== undefined) days.push(checked);
  }
  const sum = (count: (day: CheckedDay) => number) => days.reduce((total, day) => total + count(day), 0);
  return {
    from: toInstant(range.fromMs),
    until: toInstant(range.untilMs),
    expected: sum((day) => day.expected),
    accounted: sum((day) => day.accounted),
    pending: sum((day) => day.pending),
    unaccounted: sum((day) => day.unaccounted),
    unexpected: sum((day) => day.unexpected),
    statuses: addStatuses(days),
    days: days.map(({ findings: _, ...day }) => day),
    problems: days.flatMap(({ findings }) => findings.problems).slice(0, MAX_PROBLEMS),
  };
}

/** Undefined: the day is no longer kept, and was never checked, so nothing is known of it. */
async function readDay(database: Database, day: LedgerDay, range: LedgerRange): Promise<CheckedDay | undefined> {
  if (!day.isKept) {
    // A day that is gone is known as a whole only.
    return day.findings && { day: day.day, source: 'recorded', ...countsOf(day.findings), findings: day.findings };
  }
  const whole = rangeOfDay(day.day);
  const part = { fromMs: Math.max(whole.fromMs, range.fromMs), untilMs: Math.min(whole.untilMs, range.untilMs) };
  const findings = await reconcileLedger(database, part);
  return { day: day.day, source: 'recomputed', ...countsOf(findings), findings };
}

function countsOf({ expected, pending, unaccounted, unexpected }: LedgerFindings) {
  return { expected, accounted: expected - pending - unaccounted, pending, unaccounted, unexpected };
}

function addStatuses(days: readonly CheckedDay[]): Ledger['statuses'] {
  const statuses: Partial<Record<OccurrenceStatus, number>> = {};
  for (const { findings } of days) {
    for (const [status, count] of Object.entries(findings.statuses) as [OccurrenceStatus, number][]) {
      statuses[status] = (statuses[status] ?? 0) + count;
    }
  }
  return statuses;
}
