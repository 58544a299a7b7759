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

/** Work (ms of compute) that is due in each step of time, by pool; steps without any are left out. */
export async function readPlannedLoad(
  on: Queryable,
  range: { readonly fromMs: number; readonly stepMs: number; readonly steps: number },
): Promise<{ readonly pool: string; readonly step: number; readonly workMs: number }[]> {
  const rows = await on.run<{ pool: string; step: number; work_ms: number }>('queries/planned_load.sql', [
    range.fromMs,
    range.stepMs,
    range.steps,
  ]);
  return rows.map((row) => ({ pool: row.pool, step: row.step, workMs: row.work_ms }));
}
