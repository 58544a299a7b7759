import { LeaseLostError } from '../core/errors.ts';
import { formatOccurrenceId, type OccurrenceKey, type OccurrenceStatus, type RunKey } from '../core/occurrence.ts';
import type { RetryPolicy } from '../core/retry.ts';
import { keyArrays } from './claim-store.ts';
import type { Queryable } from './database.ts';
import { decideOverlap, wakeWaiting } from './overlap-store.ts';

/** A ticket's entry: which occurrence, under which claim. */
export type StartRequest = OccurrenceKey & { readonly claimId: string };

/** An attempt that this processor now holds. Instants on the database's clock. */
export interface StartedAttempt extends RunKey {
  readonly startMs: number;
  readonly dueMs: number;
  /** Attempts that no longer count (redriven, interrupted). */
  readonly attemptBase: number;
  readonly taskName: string;
  readonly taskType: string;
  readonly payload: unknown;
  readonly labels: Readonly<Record<string, string>>;
  readonly recipients: readonly string[];
  /** The task's own policy and time-out; null: as its type says. */
  readonly retry: RetryPolicy | null;
  readonly timeoutMs: number | null;
  /** Whether it keeps others of its task from starting (every overlap policy but `allow`). */
  readonly bars: boolean;
}

/** Somebody wants an attempt to end before its time: with some time to clean up (`cancel`), or at once. */
export interface AttemptEnding {
  readonly how: 'cancel' | 'terminate';
  readonly reason: string;
}

/** An attempt that the database believes to run. */
export interface HeldAttempt extends RunKey {
  readonly ending: AttemptEnding | null;
}

/** A ticket's entry that did not start: it ended before it began, or (Scheduled) waits for another occurrence of its task to end. */
export interface RefusedStart extends OccurrenceKey {
  readonly status: Extract<OccurrenceStatus, 'Skipped' | 'Expired' | 'Cancelled' | 'Scheduled'>;
}

export interface LogLineRecord {
  readonly seq: number;
  readonly atMs: number;
  readonly level: string;
  readonly message: string;
}

/** How one attempt ended and what becomes of its occurrence. */
export interface FinishedAttempt extends RunKey {
  readonly nextStatus: Extract<OccurrenceStatus, 'Completed' | 'Scheduled' | 'Failed' | 'Cancelled'>;
  /** With nextStatus Scheduled: how long until it is due again. */
  readonly delayMs: number | null;
  readonly reason: string | null;
  readonly outcome: 'succeeded' | 'failed' | 'timed-out' | 'interrupted' | 'cancelled';
  readonly error: string | null;
  /** JSON text, or null. */
  readonly result: string | null;
  readonly elapsedMs: number;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  /** False for interruptions, which cost no attempt. */
  readonly counts: boolean;
  readonly logs: readonly LogLineRecord[];
  readonly notifications: readonly { readonly recipient: string; readonly message: string }[];
}

interface StartedRow {
  task_id: string;
  scheduled_ms: string;
  start_ms: string;
  due_ms: string;
  status: 'Running' | 'Queued' | Exclude<RefusedStart['status'], 'Skipped' | 'Scheduled'>;
  attempt: number;
  attempt_base: number;
  task_name: string;
  task_type: string;
  payload: unknown;
  labels: Record<string, string>;
  recipients: string[];
  retry: RetryPolicy | null;
  timeout_ms: number | null;
  bars: boolean;
}

/** The statements by which processors take, end and lose attempts. */
export interface AttemptStore {
  /**
   * Entries that appear in neither list were stale: taken back, or started elsewhere. No task that bars may be named twice.
   * @throws LeaseLostError when the processor's own lease has ended: the tickets are good for others.
   */
  start(
    requests: readonly StartRequest[],
    processorId: string,
  ): Promise<{ started: StartedAttempt[]; refused: RefusedStart[] }>;
  /** What the database believes to run in a processor. */
  listHeld(processorId: string): Promise<HeldAttempt[]>;
  /** Answers, for each attempt in the order given, whether its outcome was recorded; `false` means that it was refused. */
  finish(attempts: readonly FinishedAttempt[], processorId: string, processorName: string): Promise<boolean[]>;
}

export function createAttemptStore(database: Queryable): AttemptStore {
  return {
    start: (requests, processorId) => startAll(database, requests, processorId),
    async listHeld(processorId) {
      const rows = await database.run<HeldRow>('queries/list_held_attempts.sql', [processorId]);
      return rows.map((row) => ({
        taskId: row.task_id,
        scheduledMs: Number(row.scheduled_ms),
        attempt: row.attempt,
        ending: row.ending === null ? null : { how: row.ending, reason: row.ending_reason ?? '' },
      }));
    },
    async finish(attempts, processorId, processorName) {
      const values = finishValues(attempts, processorId, processorName);
      const rows = await database.run<{ position: number; awaited: boolean }>('queries/finish_attempts.sql', values);
      const recorded = new Array<boolean>(attempts.length).fill(false);
      for (const row of rows) recorded[row.position - 1] = true;
      const awaited = rows.flatMap((row) => (row.awaited ? (attempts[row.position - 1]?.taskId ?? []) : []));
      if (awaited.length > 0) await wakeOrLeave(database, awaited);
      return recorded;
    },
  };
}

interface HeldRow {
  task_id: string;
  scheduled_ms: string;
  attempt: number;
  ending: AttemptEnding['how'] | null;
  ending_reason: string | null;
}

/** Between a decision that one may start and its start, another one of its task may have started. */
const MAX_DECISIONS = 3;

async function startAll(
  database: Queryable,
  requests: readonly StartRequest[],
  processorId: string,
): ReturnType<AttemptStore['start']> {
  const { rows, barred } = await startSome(database, requests, processorId, false);
  if (rows.length === 0 && (await database.run('queries/has_lease.sql', [processorId])).length === 0) {
    throw new LeaseLostError(processorId);
  }
  const answer = splitStarted(rows);
  const gone = answer.refused.map(({ taskId }) => taskId);
  let open = barred;
  try {
    for (let decisions = 0; open.length > 0 && decisions < MAX_DECISIONS; decisions += 1) {
      const decided = await decideOverlap(database, open);
      const refused = decided.flatMap(({ status, ...key }) => (status === 'Queued' ? [] : [{ ...key, status }]));
      answer.refused.push(...refused);
      gone.push(...refused.map(({ taskId }) => taskId));
      const free = new Set(decided.filter(({ status }) => status === 'Queued').map(formatOccurrenceId));
      const cleared = open.filter((request) => free.has(formatOccurrenceId(request)));
      if (cleared.length === 0) break;
      const again = await startSome(database, cleared, processorId, true);
      const more = splitStarted(again.rows);
      answer.started.push(...more.started);
      answer.refused.push(...more.refused);
      gone.push(...more.refused.map(({ taskId }) => taskId));
      open = again.barred;
    }
  } catch (error) {
    // What has started is ours to run. The others are still Queued, and found again by the distributor.
    if (answer.started.length === 0) throw error;
  }
  // The one that it waits for may have ended while this was decided; and one that ended here may have been waited for.
  if (gone.length > 0) await wakeOrLeave(database, gone);
  return answer;
}

async function startSome(
  database: Queryable,
  requests: readonly StartRequest[],
  processorId: string,
  cleared: boolean,
): Promise<{ rows: StartedRow[]; barred: StartRequest[] }> {
  const { taskIds, times, first, last } = keyArrays(requests);
  const claimIds = requests.map((request) => request.claimId);
  const clear = requests.map(() => cleared);
  const values = [taskIds, times, claimIds, processorId, first, last, clear];
  const rows = await repeatOnBar(() => database.run<StartedRow>('queries/start_attempts.sql', values));
  const waiting = rows.filter((row) => row.status === 'Queued');
  if (waiting.length === 0) return { rows, barred: [] };
  const barredIds = new Set(waiting.map((row) => `${row.task_id}-${row.scheduled_ms}`));
  return { rows, barred: requests.filter((request) => barredIds.has(formatOccurrenceId(request))) };
}

function splitStarted(rows: readonly StartedRow[]): { started: StartedAttempt[]; refused: RefusedStart[] } {
  const started: StartedAttempt[] = [];
  const refused: RefusedStart[] = [];
  for (const row of rows) {
    if (row.status === 'Running') started.push(toStarted(row));
    else if (row.status !== 'Queued')
      refused.push({ taskId: row.task_id, scheduledMs: Number(row.scheduled_ms), status: row.status });
  }
  return { started, refused };
}

/** What is not woken looks again by itself before long, so a failure here is nobody's concern. */
async function wakeOrLeave(database: Queryable, taskIds: readonly string[]): Promise<void> {
  await wakeWaiting(database, taskIds).catch(() => undefined);
}

const UNIQUE_VIOLATION = '23505';
const MAX_REPEATS = 3;

/** Two processors that start occurrences of one task in the same moment: the slower one looks again and finds the other running. */
async function repeatOnBar<T>(start: () => Promise<T>): Promise<T> {
  for (let repeats = 0; ; repeats += 1) {
    try {
      return await start();
    } catch (error) {
      if (repeats === MAX_REPEATS || (error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
    }
  }
}

function toStarted(row: StartedRow): StartedAttempt {
  return {
    taskId: row.task_id,
    scheduledMs: Number(row.scheduled_ms),
    attempt: row.attempt,
    attemptBase: row.attempt_base,
    startMs: Number(row.start_ms),
    dueMs: Number(row.due_ms),
    taskName: row.task_name,
    taskType: row.task_type,
    payload: row.payload,
    labels: row.labels,
    recipients: row.recipients,
    retry: row.retry,
    timeoutMs: row.timeout_ms,
    bars: row.bars,
  };
}

function finishValues(attempts: readonly FinishedAttempt[], processorId: string, processorName: string): unknown[] {
  const { taskIds, times, first, last } = keyArrays(attempts);
  const lines = attempts.flatMap((attempt, index) => attempt.logs.map((line) => ({ position: index + 1, ...line })));
  const notes = attempts.flatMap((attempt, index) =>
    attempt.notifications.map((note) => ({ position: index + 1, ...note })),
  );
  return [
    taskIds,
    times,
    attempts.map((attempt) => attempt.attempt),
    attempts.map((attempt) => attempt.nextStatus),
    attempts.map((attempt) => attempt.delayMs),
    attempts.map((attempt) => attempt.reason),
    attempts.map((attempt) => attempt.outcome),
    attempts.map((attempt) => attempt.error),
    attempts.map((attempt) => attempt.result),
    attempts.map((attempt) => attempt.elapsedMs),
    attempts.map((attempt) => attempt.cpuMs),
    attempts.map((attempt) => attempt.peakMemoryBytes),
    attempts.map((attempt) => attempt.counts),
    processorId,
    processorName,
    first,
    last,
    lines.map((line) => line.position),
    lines.map((line) => line.seq),
    lines.map((line) => new Date(line.atMs).toISOString()),
    lines.map((line) => line.level),
    lines.map((line) => line.message),
    notes.map((note) => note.position),
    notes.map((note) => note.recipient),
    notes.map((note) => note.message),
  ];
}
