import type { RunKey } from '../core/occurrence.ts';
import type { Database, Queryable } from './database.ts';
import { wakeWaiting } from './overlap-store.ts';

export type Service = 'scheduler' | 'distributor' | 'processor' | 'autoscaler' | 'api';

export interface ReplicaRegistration {
  readonly service: Service;
  readonly name: string;
  readonly pool: string | null;
  readonly slots: number;
  readonly leaseMs: number;
  /** When somebody asked for this replica to be started (epoch ms): start-up time is measured from it. */
  readonly requestedMs: number | null;
}

export interface Heartbeat {
  readonly status: 'ready' | 'draining';
  readonly running: number;
  readonly unreadableMessages: number;
}

/** An attempt that died with its processor. */
export interface LostAttempt extends RunKey {
  readonly pool: string;
  /** What the occurrence is now. */
  readonly status: 'Scheduled' | 'Failed' | 'Cancelled';
  readonly cause: string;
}

export interface ReplicaStore {
  register(registration: ReplicaRegistration): Promise<string>;
  /** `false`: the lease had ended. Everything that this replica ran belongs to others now. */
  heartbeat(replicaId: string, leaseMs: number, heartbeat: Heartbeat): Promise<boolean>;
  leave(replicaId: string): Promise<void>;
  /** Marks replicas without a lease as lost and takes their attempts from them. */
  recoverLost(): Promise<{
    lost: readonly { id: string; service: Service; name: string }[];
    attempts: readonly LostAttempt[];
  }>;
}

interface LostRow {
  task_id: string;
  scheduled_ms: string;
  attempt: number;
  status: LostAttempt['status'];
  pool: string;
  cause: string;
}

export function createReplicaStore(database: Database): ReplicaStore {
  return {
    async register(registration) {
      const { service, name, pool, slots, leaseMs, requestedMs } = registration;
      const rows = await database.run<{ id: string }>('queries/register_replica.sql', [
        service,
        name,
        pool,
        slots,
        leaseMs,
        requestedMs,
      ]);
      return String(rows[0]?.id);
    },
    async heartbeat(replicaId, leaseMs, { status, running, unreadableMessages }) {
      const values = [replicaId, leaseMs, status, running, unreadableMessages];
      return (await database.run('queries/heartbeat_replica.sql', values)).length > 0;
    },
    async leave(replicaId) {
      await database.run('queries/leave_replica.sql', [replicaId]);
    },
    recoverLost: () => database.transaction(recoverLost),
  };
}

/** Two statements on purpose: the second one's snapshot must see every start that committed before the first took its locks. */
async function recoverLost(transaction: Queryable): ReturnType<ReplicaStore['recoverLost']> {
  const lost = await transaction.run<{ id: string; service: Service; name: string }>(
    'queries/mark_lost_replicas.sql',
    [],
  );
  const processors = lost.filter((replica) => replica.service === 'processor');
  if (processors.length === 0) return { lost, attempts: [] };
  const rows = await transaction.run<LostRow>('queries/recover_attempts.sql', [
    processors.map((processor) => processor.id),
    processors.map((processor) => processor.name),
  ]);
  const attempts = rows.map(({ task_id: taskId, scheduled_ms: scheduledMs, attempt, status, pool, cause }) => ({
    taskId,
    scheduledMs: Number(scheduledMs),
    attempt,
    status,
    pool,
    cause,
  }));
  if (attempts.length > 0)
    await wakeWaiting(
      transaction,
      attempts.map(({ taskId }) => taskId),
    );
  return { lost, attempts };
}
