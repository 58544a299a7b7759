import type { Queryable } from './database.ts';

/** Makes the partitions from yesterday to `daysAhead` days from now (UTC). Answers how many were missing. */
export async function ensurePartitions(database: Queryable, daysAhead: number): Promise<number> {
  const rows = await database.run<{ made: number }>('queries/ensure_partitions.sql', [daysAhead]);
  return rows[0]?.made ?? 0;
}

/** Drops the partitions of days that ended more than `retentionDays` ago, and the short-lived rows of other tables of that age. */
export async function dropOldPartitions(database: Queryable, retentionDays: number): Promise<number> {
  const rows = await database.run<{ dropped: number }>('queries/drop_old_partitions.sql', [retentionDays]);
  return rows[0]?.dropped ?? 0;
}
