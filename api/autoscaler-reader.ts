import type { Database } from '../db/database.ts';
import { listDecisions } from '../db/forecast-store.ts';
import type { AutoscalerReplicas, Replica } from './contract/forecast.ts';

const RECENT_DECISIONS = 50;

interface ReplicaRow {
  id: string;
  service: string;
  name: string;
  pool: string | null;
  status: Replica['status'];
  slots: number;
  running: number;
  started_at: Date;
  heartbeat_at: Date;
}

/** How many replicas a pool is asked to have, with the decisions and the processes behind the number. */
export async function readAutoscaler(database: Database, pool: string, limit: number): Promise<AutoscalerReplicas> {
  const [decisions, rows] = await Promise.all([
    listDecisions(database, pool, RECENT_DECISIONS),
    database.run<ReplicaRow>('queries/list_replicas.sql', []),
  ]);
  // A decision that failed changed nothing, so the wish in force is the newest of the others.
  const latest = decisions.find((decision) => decision.outcome !== 'failed');
  const instances = rows.map(({ started_at: startedAt, heartbeat_at: heartbeatAt, ...row }) => ({
    ...row,
    startedAt: startedAt.toISOString(),
    heartbeatAt: heartbeatAt.toISOString(),
  }));
  return {
    replicas: latest?.toReplicas ?? null,
    pool,
    ready: instances.filter(
      (replica) => replica.service === 'processor' && replica.pool === pool && replica.status === 'ready',
    ).length,
    limit,
    decidedAt: latest?.decidedAt.toISOString() ?? null,
    reason: latest?.reason ?? null,
    decisions: decisions.map(({ decidedAt, ...decision }) => ({ ...decision, decidedAt: decidedAt.toISOString() })),
    instances,
  };
}
