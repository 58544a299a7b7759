import type { Queryable } from './database.ts';

export interface TypeDuration {
  readonly pool: string;
  readonly averageMs: number;
}

/** Every task type, by name, with its pool and its average execution time. */
export async function readTypeDurations(on: Queryable): Promise<ReadonlyMap<string, TypeDuration>> {
  const rows = await on.run<{ name: string; pool: string; average_ms: number }>('queries/type_durations.sql', []);
  return new Map(rows.map((row) => [row.name, { pool: row.pool, averageMs: row.average_ms }]));
}
