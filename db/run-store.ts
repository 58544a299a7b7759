import { NotFoundError } from '../core/errors.ts';
import { formatOccurrenceId, formatRunId, type OccurrenceKey, type RunKey } from '../core/occurrence.ts';
import type { Database } from './database.ts';
import { withDatabase } from './postgres-errors.ts';
import { fillPage, timeSlices } from './time-slices.ts';
import { toTimestamp } from './timestamp.ts';

export type RunOutcome = 'succeeded' | 'failed' | 'timed-out' | 'interrupted' | 'lost' | 'cancelled';

/** One attempt; its outcome and its end are null while it runs. Instants in epoch ms. */
export interface RunRecord extends RunKey {
  readonly taskName: string;
  readonly taskType: string;
  readonly outcome: RunOutcome | null;
  /** When this attempt was due. */
  readonly dueMs: number;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly elapsedMs: number | null;
  readonly error: string | null;
  readonly result: unknown;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly processor: string | null;
}

export interface RunPosition extends RunKey {
  readonly endMs: number;
}

export interface RunListRequest {
  readonly outcome?: RunOutcome | undefined;
  readonly taskId?: string | undefined;
  readonly taskType?: string | undefined;
  /** Ended at or after; before. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly limit: number;
  readonly after: RunPosition | null;
  /** The database's clock, about. */
  readonly nowMs: number;
}

export interface LogLineRecord {
  readonly seq: number;
  readonly atMs: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}

/** Every attempt of an occurrence, last first. @throws NotFoundError when there is no such occurrence. */
export async function listOccurrenceRuns(database: Database, key: OccurrenceKey): Promise<RunRecord[]> {
  return withDatabase(async () => {
    const rows = await database.run<RunRow>('queries/list_occurrence_runs.sql', [key.taskId, key.scheduledMs, null]);
    if (rows.length === 0) {
      const found = await database.run('queries/read_occurrence.sql', [key.taskId, key.scheduledMs]);
      if (found.length === 0) throw new NotFoundError('occurrence', formatOccurrenceId(key));
    }
    return rows.map(toRun);
  });
}

/** @throws NotFoundError when there is no such attempt. */
export async function getRun(database: Database, key: RunKey): Promise<RunRecord> {
  const values = [key.taskId, key.scheduledMs, key.attempt];
  const [row] = await withDatabase(() => database.run<RunRow>('queries/list_occurrence_runs.sql', values));
  if (row === undefined) throw new NotFoundError('run', formatRunId(key));
  return toRun(row);
}

/** Attempts that ended, newest first; one more than `limit` when there are more. */
export function listRuns(database: Database, request: RunListRequest): Promise<RunRecord[]> {
  const { after, nowMs } = request;
  const range = { fromMs: request.fromMs, untilMs: Math.min(request.untilMs, (after?.endMs ?? Infinity) + 1) };
  // The runs of one task are found through its key, whatever their time.
  const slices = request.taskId === undefined ? timeSlices(range, true, nowMs, FIRST_SLICE_MS) : [range];
  return withDatabase(() =>
    fillPage(slices, request.limit + 1, async (slice, limit) => {
      const rows = await database.run<RunRow>('queries/list_runs.sql', [
        toTimestamp(slice.fromMs),
        toTimestamp(slice.untilMs),
        request.outcome ?? null,
        request.taskId ?? null,
        request.taskType ?? null,
        limit,
        after?.endMs ?? null,
        after?.taskId ?? null,
        after === null ? null : toTimestamp(after.scheduledMs),
        after?.attempt ?? null,
      ]);
      return rows.map(toRun);
    }),
  );
}

/** Log lines after line `afterSeq`; one more than `limit` when there are more. @throws NotFoundError when there is no such attempt. */
export async function listRunLogs(
  database: Database,
  key: RunKey,
  limit: number,
  afterSeq: number,
): Promise<LogLineRecord[]> {
  const values = [key.taskId, key.scheduledMs, key.attempt, limit + 1, afterSeq];
  const rows = await withDatabase(() => database.run<LogRow>('queries/list_run_logs.sql', values));
  if (rows.length === 0) await getRun(database, key);
  return rows.map(({ seq, at, level, message }) => ({ seq, atMs: at.getTime(), level, message }));
}

/** Runs that end together lie together on disk; the index by time works in blocks of pages, so short slices are cheap. */
const FIRST_SLICE_MS = 600_000;

interface RunRow {
  task_id: string;
  scheduled_ms: string;
  attempt: number;
  task_name: string;
  task_type: string;
  outcome: RunOutcome | null;
  due_at: Date | null;
  started_at: Date;
  ended_at: Date | null;
  elapsed_ms: number | null;
  error: string | null;
  result: unknown;
  cpu_ms: number | null;
  peak_memory_bytes: string | null;
  processor: string | null;
}

interface LogRow {
  seq: number;
  at: Date;
  level: LogLineRecord['level'];
  message: string;
}

function toRun(row: RunRow): RunRecord {
  const scheduledMs = Number(row.scheduled_ms);
  return {
    taskId: row.task_id,
    scheduledMs,
    attempt: row.attempt,
    taskName: row.task_name,
    taskType: row.task_type,
    outcome: row.outcome,
    dueMs: row.due_at?.getTime() ?? scheduledMs,
    startMs: row.started_at.getTime(),
    endMs: row.ended_at?.getTime() ?? null,
    elapsedMs: row.elapsed_ms,
    error: row.error,
    result: row.result ?? null,
    cpuMs: row.cpu_ms,
    peakMemoryBytes: row.peak_memory_bytes === null ? null : Number(row.peak_memory_bytes),
    processor: row.processor,
  };
}
