import type { OccurrenceKey, OccurrenceStatus } from '../core/occurrence.ts';
import type { Database } from './database.ts';
import { type OccurrenceRecord, type OccurrenceRow, toOccurrence } from './occurrence-store.ts';
import { withDatabase } from './postgres-errors.ts';
import { fillPage, timeSlices } from './time-slices.ts';
import { toTimestamp } from './timestamp.ts';

export interface OccurrenceListRequest {
  readonly status?: OccurrenceStatus | undefined;
  readonly taskId?: string | undefined;
  readonly taskType?: string | undefined;
  /** Scheduled at or after; before. Infinity: no end. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly descending: boolean;
  readonly limit: number;
  /** The last occurrence of the page before. */
  readonly after: OccurrenceKey | null;
  /** The database's clock, about. */
  readonly nowMs: number;
}

/** One page in the order of scheduled time and task; one more than `limit` when there are more. */
export function listOccurrences(database: Database, request: OccurrenceListRequest): Promise<OccurrenceRecord[]> {
  const { status, taskId, taskType, descending, after, nowMs } = request;
  const file = descending ? 'queries/list_occurrences_desc.sql' : 'queries/list_occurrences_asc.sql';
  const range = {
    fromMs: descending ? request.fromMs : Math.max(request.fromMs, after?.scheduledMs ?? 0),
    untilMs: descending ? Math.min(request.untilMs, (after?.scheduledMs ?? Infinity) + 1) : request.untilMs,
  };
  // The rows of one task are read through its key, in order, from as many partitions as it takes.
  const slices = taskId === undefined ? timeSlices(range, descending, nowMs) : [range];
  return withDatabase(() =>
    fillPage(slices, request.limit + 1, async (slice, limit) => {
      const rows = await database.run<OccurrenceRow>(file, [
        toTimestamp(slice.fromMs),
        toTimestamp(slice.untilMs),
        taskId ?? null,
        taskType ?? null,
        status ?? null,
        after?.scheduledMs ?? null,
        limit,
        after?.taskId ?? null,
      ]);
      return rows.map(toOccurrence);
    }),
  );
}
