import type { Database } from './database.ts';

/** What the tables say about the running system. */
export interface SystemHealth {
  /** The database's clock in epoch ms. */
  readonly nowMs: number;
  /** Live copies per service; a service without one is not there. */
  readonly services: Readonly<Record<string, number>>;
  readonly unreadableMessages: number;
}

/** Rejects when the database is away. */
export async function readSystemHealth(database: Database): Promise<SystemHealth> {
  const rows = await database.run<HealthRow>('queries/read_health.sql', []);
  const [row] = rows;
  if (row === undefined) throw new Error('The statement answers one row, and did not.');
  return { nowMs: row.now_ms, services: row.services, unreadableMessages: Number(row.unreadable_messages) };
}

interface HealthRow {
  now_ms: number;
  services: Record<string, number>;
  unreadable_messages: string;
}
