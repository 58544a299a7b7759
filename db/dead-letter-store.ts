import type { OccurrenceKey } from '../core/occurrence.ts';
import type { Database } from './database.ts';
import { readDatabaseClock } from './expansion-store.ts';
import { notifyWork } from './notify.ts';
import { type OccurrenceRecord, type OccurrenceRow, toOccurrence } from './occurrence-store.ts';
import { withDatabase } from './postgres-errors.ts';
import { toTimestamp } from './timestamp.ts';

/** An occurrence that will not be tried again by itself, with the error of its last run. */
export interface DeadLetterRecord extends OccurrenceRecord {
  readonly error: string | null;
}

export interface DeadLetterFilter {
  readonly taskId?: string | undefined;
  readonly taskType?: string | undefined;
  /** Only these; null: all. */
  readonly keys?: readonly OccurrenceKey[] | undefined;
}

/** Newest first; one more than `limit` when there are more. Those of deleted tasks are history, not dead letters. */
export async function listDeadLetters(
  database: Database,
  filter: DeadLetterFilter,
  limit: number,
  after: OccurrenceKey | null,
): Promise<DeadLetterRecord[]> {
  const values = [...filterValues(filter), limit + 1, after?.scheduledMs ?? null, after?.taskId ?? null];
  const rows = await withDatabase(() =>
    database.run<OccurrenceRow & { error: string | null }>('queries/list_dead_letters.sql', values),
  );
  return rows.map((row) => ({ ...toOccurrence(row), error: row.error }));
}

export async function countDeadLetters(database: Database, filter: DeadLetterFilter): Promise<number> {
  const rows = await withDatabase(() =>
    database.run<{ matched: number }>('queries/count_dead_letters.sql', filterValues(filter)),
  );
  return rows[0]?.matched ?? 0;
}

/**
 * Redrives all that match and had failed when it was called, a batch per transaction: what was sent round again stays so if a later
 * batch fails, and calling it again does the rest. Answers how many went.
 */
export async function redriveDeadLetters(
  database: Database,
  filter: DeadLetterFilter,
  batchSize: number,
): Promise<number> {
  const startMs = await withDatabase(() => readDatabaseClock(database));
  for (let redriven = 0; ;) {
    const batch = await withDatabase(() =>
      database.transaction(async (transaction) => {
        const values = [...filterValues(filter), batchSize, toTimestamp(Math.ceil(startMs))];
        const rows = await transaction.run<{ redriven: number }>('queries/redrive_batch.sql', values);
        const count = rows[0]?.redriven ?? 0;
        if (count > 0) await notifyWork(transaction);
        return count;
      }),
    );
    redriven += batch;
    if (batch < batchSize) return redriven;
  }
}

function filterValues({ taskId, taskType, keys }: DeadLetterFilter): readonly unknown[] {
  return [
    taskId ?? null,
    taskType ?? null,
    keys?.map((key) => key.taskId) ?? null,
    keys?.map((key) => toTimestamp(key.scheduledMs)) ?? null,
  ];
}
