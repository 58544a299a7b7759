import type { Queryable } from './database.ts';

export interface BusyProcessor {
  readonly name: string;
  /** Planned work that is left in what it runs; 0 when all of it runs longer than planned. */
  readonly remainingMs: number;
}

/** The processors of a pool that have work in hand. */
export async function readBusyProcessors(database: Queryable, pool: string): Promise<BusyProcessor[]> {
  const rows = await database.run<{ name: string; remaining_ms: number }>('queries/busy_processors.sql', [pool]);
  return rows.map((row) => ({ name: row.name, remainingMs: row.remaining_ms }));
}
