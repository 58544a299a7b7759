import { leadTimeMs } from '../core/lead-time.ts';
import { listDecisions, readControls, readWriter, type StoredControls } from '../db/autoscaler-store.ts';
import type { Database } from '../db/database.ts';
import { readMeasuredLead } from '../db/live-work-store.ts';
import type { AutoscalerReplicas, Replica } from './contract/forecast.ts';
import type { AutoscalerControls } from './contract/scaling.ts';

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

export interface AutoscalerLimits {
  readonly maxReplicas: number;
  /** Until enough starts have been measured. */
  readonly leadTimeMs: number;
  readonly leadFloorMs: number;
}

/** How many replicas a pool is asked to have, with the decisions and the processes behind the number. */
export async function readAutoscaler(
  database: Database,
  pool: string,
  limits: AutoscalerLimits,
): Promise<AutoscalerReplicas> {
  const [decisions, rows, controls, writer, lead] = await Promise.all([
    listDecisions(database, pool, RECENT_DECISIONS),
    database.run<ReplicaRow>('queries/list_replicas.sql', []),
    readControls(database, pool),
    readWriter(database, pool),
    readMeasuredLead(database, pool),
  ]);
  // What failed, was only said, or is an order that still has to be followed changed nothing: the wish in force is the newest of the others.
  const latest = decisions.find(({ outcome }) => outcome === 'applied' || outcome === 'held');
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
    limit: limits.maxReplicas,
    decidedAt: latest?.decidedAt.toISOString() ?? null,
    reason: latest?.reason ?? null,
    controls: toControls(controls),
    leadTime: {
      ms: leadTimeMs(lead, { configuredMs: limits.leadTimeMs, floorMs: limits.leadFloorMs }),
      samples: lead.samples,
      p95Ms: lead.p95Ms ?? null,
      p995Ms: lead.p995Ms ?? null,
    },
    writer: writer === undefined ? null : { ...writer, renewedAt: writer.renewedAt.toISOString() },
    decisions: decisions.map(({ decidedAt, ...decision }) => ({ ...decision, decidedAt: decidedAt.toISOString() })),
    instances,
  };
}

/** What is ordered, as the API says it. */
export function toControls({ override, updatedMs, ...controls }: StoredControls): AutoscalerControls {
  return {
    ...controls,
    override:
      override === undefined ? null : { replicas: override.replicas, until: new Date(override.untilMs).toISOString() },
    updatedAt: updatedMs === null ? null : new Date(updatedMs).toISOString(),
  };
}
