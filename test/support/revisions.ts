import { instantsBetween } from '../../core/schedule.ts';
import type { TaskSchedule } from '../../core/task.ts';
import type { ReadyDatabase } from './database.ts';

/** A revision of a task as the product has recorded it. Instants in epoch ms. */
export interface RevisionRow {
  readonly task_id: string;
  readonly revision: number;
  /** What the payload says of itself: see `test.witness`. */
  readonly edit: number;
  readonly active: boolean;
  readonly from_ms: number;
  /** Null: it is in force. */
  readonly until_ms: number | null;
  readonly watermark_ms: number | null;
  readonly first_ms: number | null;
}

export function readRevisions({ query }: Pick<ReadyDatabase, 'query'>): Promise<RevisionRow[]> {
  return query<RevisionRow>(
    `select
       task_id, revision, (definition -> 'payload' ->> 'edit')::integer as edit, definition ->> 'status' = 'active' as active,
       (extract(epoch from valid_from) * 1000)::float8 as from_ms, (extract(epoch from valid_until) * 1000)::float8 as until_ms,
       (extract(epoch from (definition ->> 'expanded_until')::timestamptz) * 1000)::float8 as watermark_ms,
       (extract(epoch from first_at) * 1000)::float8 as first_ms
     from task_revisions order by task_id, revision`,
  );
}

/**
 * What a revision with this schedule called for while it was in force, by the clocks of the transactions that began and ended it; up to
 * `nowMs` when it still is. Obvious on purpose, and apart from how the product's ledger does it.
 */
export function instantsInForce(schedule: TaskSchedule, revision: RevisionRow, nowMs: number): readonly number[] {
  const { active, watermark_ms, first_ms, until_ms } = revision;
  const untilMs = until_ms ?? nowMs;
  if (!active) return [];
  const first = first_ms !== null && first_ms <= untilMs ? [first_ms] : [];
  return watermark_ms === null ? first : [...first, ...instantsBetween(schedule, watermark_ms, untilMs + 1, Infinity)];
}
