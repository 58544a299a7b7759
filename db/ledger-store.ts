import { DAY_MS } from '../core/duration.ts';
import type { OccurrenceStatus } from '../core/occurrence.ts';
import type { Database, Queryable } from './database.ts';

/** Expected occurrences against recorded ones, of a range of time. */
export interface LedgerFindings {
  /** Occurrences that the schedules called for. */
  readonly expected: number;
  /** Those of them that are recorded and have not ended. */
  readonly pending: number;
  /** Those of them that nobody recorded. */
  readonly unaccounted: number;
  /** Recorded as from the schedule, though no revision called for them. */
  readonly unexpected: number;
  /** Recorded occurrences, the unexpected ones included. */
  readonly statuses: Readonly<Partial<Record<OccurrenceStatus, number>>>;
  /** The first `MAX_PROBLEMS`. */
  readonly problems: readonly LedgerProblem[];
}

export interface LedgerProblem {
  readonly kind: 'unaccounted' | 'unexpected' | 'not-recomputable';
  readonly taskId: string;
  /** ISO 8601 in UTC; null: the task at all times of the day. */
  readonly at: string | null;
  readonly message: string;
}

export const MAX_PROBLEMS = 100;

/** `day` is `YYYY-MM-DD`, in UTC. */
export interface LedgerDay {
  readonly day: string;
  /** Whether its occurrences are still there, so that it can be recomputed. */
  readonly isKept: boolean;
  /** Undefined: it has not been checked. */
  readonly findings: LedgerFindings | undefined;
}

/** The UTC days that a range of instants touches, in order. */
export async function readLedgerDays(database: Queryable, fromMs: number, untilMs: number): Promise<LedgerDay[]> {
  const rows = await database.run<DayRow>('queries/ledger_days_kept.sql', [dayOf(fromMs), dayOf(untilMs - 1)]);
  return rows.map(({ day, kept, expected, unaccounted, unexpected, statuses, problems }) => ({
    day,
    isKept: kept,
    findings:
      expected === null
        ? undefined
        : {
            expected: Number(expected),
            pending: pendingOf(statuses ?? {}),
            unaccounted: Number(unaccounted),
            unexpected: Number(unexpected),
            statuses: statuses ?? {},
            problems: problems ?? [],
          },
  }));
}

/** A range of time, [fromMs, untilMs) in epoch ms. */
export interface LedgerRange {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The range of a UTC day, `YYYY-MM-DD`. */
export function rangeOfDay(day: string): LedgerRange {
  const fromMs = Date.parse(day);
  return { fromMs, untilMs: fromMs + DAY_MS };
}

/** When revisions began to be recorded, in epoch ms: of what was before nobody can say what it should have been. Undefined: there are none. */
export async function readLedgerBegin(database: Queryable): Promise<number | undefined> {
  const [row] = await database.run<{ begin_ms: number | null }>('queries/ledger_begin.sql', []);
  return row?.begin_ms ?? undefined;
}

/** UTC days, `YYYY-MM-DD`, that ended at least `settledMs` ago and have not been checked. */
export async function listUncheckedDays(
  database: Queryable,
  settledMs: number,
  retentionDays: number,
): Promise<readonly string[]> {
  const rows = await database.run<{ day: string }>('queries/ledger_unchecked_days.sql', [settledMs, retentionDays]);
  return rows.map(({ day }) => day);
}

/** The first check of a day counts; later ones change nothing. */
export async function recordLedgerDay(database: Queryable, day: string, found: LedgerFindings): Promise<void> {
  const { expected, unaccounted, unexpected, statuses, problems } = found;
  const values = [day, expected, unaccounted, unexpected, JSON.stringify(statuses), JSON.stringify(problems)];
  await database.run('queries/record_ledger_day.sql', values);
}

/** The last day that was checked. */
export async function readLatestLedgerDay(
  database: Queryable,
): Promise<{ readonly day: string; readonly unaccounted: number; readonly unexpected: number } | undefined> {
  const [row] = await database.run<LatestRow>('queries/latest_ledger_day.sql', []);
  return row && { day: row.day, unaccounted: Number(row.unaccounted), unexpected: Number(row.unexpected) };
}

/**
 * Does `work` unless another process is at it; answers whether it did. The lock belongs to a transaction that holds nothing else, so it ends
 * with the process, and no clean-up of the tables waits for it.
 */
export function asOnlyLedgerCheck(database: Database, work: () => Promise<void>): Promise<boolean> {
  return database.transaction(async (transaction) => {
    await transaction.query('set local idle_in_transaction_session_timeout = 0');
    const [row] = await transaction.query<{ taken: boolean }>(
      `select pg_try_advisory_xact_lock(hashtext('almanac.ledger')) as taken`,
    );
    if (row?.taken !== true) return false;
    await work();
    return true;
  });
}

interface DayRow {
  day: string;
  kept: boolean;
  expected: string | null;
  unaccounted: string;
  unexpected: string;
  statuses: LedgerFindings['statuses'] | null;
  problems: readonly LedgerProblem[] | null;
}

interface LatestRow {
  day: string;
  unaccounted: string;
  unexpected: string;
}

function pendingOf({ Scheduled = 0, Queued = 0, Running = 0 }: LedgerFindings['statuses']): number {
  return Scheduled + Queued + Running;
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
