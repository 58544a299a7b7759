import { DAY_MS } from '../core/duration.ts';
import {
  compareOccurrences,
  expectedInstants,
  type Fingerprint,
  fingerprintOf,
  type InstantSource,
  isSameFingerprint,
  joinFingerprints,
  type RecordedOccurrence,
  rememberInstants,
  type RevisionInForce,
} from '../core/ledger.ts';
import type { OccurrenceStatus } from '../core/occurrence.ts';
import type { Database, Transaction } from './database.ts';
import { LedgerCount, type StatusCount } from './ledger-count.ts';
import type { LedgerFindings, LedgerRange } from './ledger-store.ts';
import { type ScheduleColumns, toSchedule } from './task-definition.ts';

/**
 * Recomputes what the schedules called for in a range within one UTC day, from every revision of every task, and sets it against what is
 * recorded. Tasks are compared by fingerprints, in batches that each see one state of the database; only those that differ are compared
 * instant by instant. So memory is bounded, and the day is read once.
 * @throws the reason of `signal` when it aborts.
 */
export async function reconcileLedger(
  database: Database,
  range: LedgerRange,
  signal?: AbortSignal,
): Promise<LedgerFindings> {
  const count = new LedgerCount();
  if (range.fromMs >= range.untilMs) return count.findings();
  const instantsOf = rememberInstants(range.fromMs, range.untilMs);
  for (let afterId: string | null = LEAST_ID; afterId !== null;) {
    signal?.throwIfAborted();
    const place: string = afterId;
    afterId = await database.transaction(async (transaction) => {
      await transaction.query('set transaction isolation level repeatable read, read only');
      return reconcileBatch({ transaction, range, instantsOf, count }, place);
    });
  }
  return count.findings();
}

/** Before every id. */
const LEAST_ID = '0';
/** Tasks per batch. */
const BATCH = 1_000;
/** Rows are written so far ahead at most: of a revision that ended longer before the range none is in it. */
const AHEAD_MS = 2 * DAY_MS;
/** Occurrences and instants that are compared one by one at a time, about. */
const MAX_COMPARED = 100_000;
const NOTHING: Recorded = { fingerprint: { count: 0, sum: 0, xor: 0 }, statuses: [] };

interface Work {
  readonly transaction: Transaction;
  readonly range: LedgerRange;
  readonly instantsOf: InstantSource;
  readonly count: LedgerCount;
}

interface Recorded {
  readonly fingerprint: Fingerprint;
  readonly statuses: readonly StatusCount[];
}

interface DifferingTask {
  readonly id: string;
  readonly revisions: readonly RevisionInForce[];
  readonly size: number;
}

/** Compares the tasks after an id. Answers the last id that it came to; null: it came to the end. */
async function reconcileBatch(work: Work, afterId: string): Promise<string | null> {
  const { range, count } = work;
  const revisionsById = await readRevisions(work, afterId);
  const lastId = revisionsById.size < BATCH ? null : ([...revisionsById.keys()].at(-1) ?? null);
  const recordedById = await readFingerprints(work, afterId, lastId);
  const differing: DifferingTask[] = [];
  for (const id of new Set([...revisionsById.keys(), ...recordedById.keys()])) {
    const recorded = recordedById.get(id) ?? NOTHING;
    try {
      const revisions = (revisionsById.get(id) ?? []).flatMap((row) => (hasRevision(row) ? [toRevision(row)] : []));
      const expected = expectedInstants(revisions, range.fromMs, range.untilMs, work.instantsOf);
      if (isSameFingerprint(fingerprintOf(expected), recorded.fingerprint)) count.addWhole(recorded.statuses);
      else differing.push({ id, revisions, size: expected.length + recorded.fingerprint.count });
    } catch (error) {
      count.addNotRecomputable(id, error);
    }
  }
  for (const tasks of inChunks(differing)) await compareTasks(work, tasks);
  return lastId;
}

async function compareTasks({ transaction, range, instantsOf, count }: Work, tasks: readonly DifferingTask[]) {
  const { fromMs, untilMs } = range;
  const ids = tasks.map(({ id }) => id);
  const rows = await transaction.run<OccurrenceRow>('queries/ledger_occurrences.sql', [ids, fromMs, untilMs]);
  const recordedById = groupById(rows);
  for (const { id, revisions } of tasks) {
    const expected = expectedInstants(revisions, fromMs, untilMs, instantsOf);
    const recorded = (recordedById.get(id) ?? []).map(toRecorded);
    count.addCompared(id, compareOccurrences(expected, recorded, revisions));
  }
}

/** In the order of the ids; a task without any has a row without one. */
async function readRevisions({ transaction, range }: Work, afterId: string) {
  const values = [afterId, BATCH, range.fromMs - AHEAD_MS, range.untilMs];
  return groupById(await transaction.run<RevisionRow | NoRevisionRow>('queries/ledger_revisions.sql', values));
}

async function readFingerprints({ transaction, range }: Work, afterId: string, lastId: string | null) {
  const values = [afterId, lastId, range.fromMs, range.untilMs];
  const rows = await transaction.run<FingerprintRow>('queries/ledger_fingerprints.sql', values);
  const recordedById = new Map<string, Recorded>();
  for (const row of rows) {
    const { fingerprint, statuses } = recordedById.get(row.task_id) ?? NOTHING;
    recordedById.set(row.task_id, {
      fingerprint: joinFingerprints(fingerprint, row),
      statuses: [...statuses, row],
    });
  }
  return recordedById;
}

function* inChunks(tasks: readonly DifferingTask[]): Generator<readonly DifferingTask[]> {
  let chunk: DifferingTask[] = [];
  let size = 0;
  for (const task of tasks) {
    chunk.push(task);
    size += task.size;
    if (size < MAX_COMPARED) continue;
    yield chunk;
    chunk = [];
    size = 0;
  }
  if (chunk.length > 0) yield chunk;
}

function groupById<R extends { readonly task_id: string }>(rows: readonly R[]): Map<string, R[]> {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const group = groups.get(row.task_id);
    if (group === undefined) groups.set(row.task_id, [row]);
    else group.push(row);
  }
  return groups;
}

interface RevisionRow extends ScheduleColumns {
  task_id: string;
  revision: number;
  until_ms: number | null;
  first_ms: number | null;
  from_ms: number | null;
  decided_until_ms: number | null;
  slots_decided: string;
}

interface NoRevisionRow {
  task_id: string;
  revision: null;
}

interface FingerprintRow {
  task_id: string;
  status: OccurrenceStatus;
  count: number;
  sum: number;
  xor: number;
}

interface OccurrenceRow {
  task_id: string;
  at_ms: number;
  status: OccurrenceStatus;
  from_schedule: boolean;
  moved: boolean;
}

function hasRevision(row: RevisionRow | NoRevisionRow): row is RevisionRow {
  return row.revision !== null;
}

function toRevision(row: RevisionRow): RevisionInForce {
  return {
    schedule: toSchedule(row),
    firstMs: row.first_ms,
    fromMs: row.from_ms,
    untilMs: row.until_ms,
    decidedUntilMs: row.decided_until_ms,
    slotsDecided: Number(row.slots_decided),
  };
}

function toRecorded(row: OccurrenceRow): RecordedOccurrence {
  return { atMs: row.at_ms, status: row.status, isFromSchedule: row.from_schedule, isMoved: row.moved };
}
