import { NotFoundError } from '../core/errors.ts';
import type { TaskSchedule } from '../core/task.ts';
import type { Database } from './database.ts';
import { withDatabase } from './postgres-errors.ts';
import type { RevisionChange } from './revision-store.ts';
import { type ScheduleColumns, toSchedule } from './task-definition.ts';

/** What a task was, and when. Instants in epoch ms. */
export interface RevisionRecord {
  readonly revision: number;
  readonly change: RevisionChange;
  readonly validFromMs: number;
  /** Null: it still is. */
  readonly validUntilMs: number | null;
  readonly name: string;
  /** `deleted`, or the status that the task had. */
  readonly status: string;
  readonly schedule: TaskSchedule;
}

/** Revisions before `before` (null: all), newest first; one more than `limit` when there are more. @throws NotFoundError when there is none. */
export async function listRevisions(
  database: Database,
  taskId: string,
  limit: number,
  before: number | null,
): Promise<RevisionRecord[]> {
  const values = [taskId, limit + 1, before];
  const rows = await withDatabase(() => database.run<RevisionRow>('queries/list_revisions.sql', values));
  if (rows.length === 0) throw new NotFoundError('task', taskId);
  return rows.map((row) => ({
    revision: row.revision,
    change: row.change,
    validFromMs: row.valid_from.getTime(),
    validUntilMs: row.valid_until?.getTime() ?? null,
    name: row.name,
    status: row.deleted ? 'deleted' : row.status,
    schedule: toSchedule(row),
  }));
}

interface RevisionRow extends ScheduleColumns {
  revision: number;
  change: RevisionChange;
  valid_from: Date;
  valid_until: Date | null;
  name: string;
  status: string;
  deleted: boolean;
}
