import type { Queryable } from './database.ts';

export interface Contributor {
  readonly step: number;
  readonly taskId: string;
  readonly taskName: string;
  readonly occurrences: number;
  readonly computeMs: number;
}

/** The largest tasks of each step between two instants. */
export async function readContributors(
  database: Queryable,
  pool: string,
  { fromMs, untilMs, stepMs, perStep }: { fromMs: number; untilMs: number; stepMs: number; perStep: number },
): Promise<Contributor[]> {
  const rows = await database.run<{
    step: number;
    task_id: string;
    task_name: string;
    occurrences: number;
    compute_ms: number;
  }>('queries/read_contributors.sql', [pool, fromMs, untilMs, stepMs, perStep]);
  return rows.map((row) => ({
    step: row.step,
    taskId: row.task_id,
    taskName: row.task_name,
    occurrences: row.occurrences,
    computeMs: row.compute_ms,
  }));
}

export interface Fleet {
  readonly ready: number;
  readonly busy: number;
  /** Slots of all replicas that take work. */
  readonly readySlots: number;
  readonly draining: number;
  /** Slots of one replica; `undefined` while there is none. */
  readonly slots: number | undefined;
}

export async function readFleet(database: Queryable, pool: string): Promise<Fleet> {
  const [row] = await database.run<{
    ready: number;
    busy: number;
    ready_slots: number;
    draining: number;
    slots: number | null;
  }>('queries/read_fleet.sql', [pool]);
  return {
    ready: row?.ready ?? 0,
    busy: row?.busy ?? 0,
    readySlots: row?.ready_slots ?? 0,
    draining: row?.draining ?? 0,
    slots: row?.slots ?? undefined,
  };
}

export interface CapacitySample {
  readonly step: number;
  readonly requiredInstances: number | null;
  readonly plannedInstances: number | null;
  readonly readyInstances: number | null;
  readonly busyInstances: number | null;
}

export async function recordSample(
  database: Queryable,
  pool: string,
  sample: {
    readonly required: number | null;
    readonly planned: number | null;
    readonly ready: number;
    /** Ready replicas that run something. */
    readonly busy: number;
    readonly busySlots: number;
    readonly readySlots: number;
  },
): Promise<void> {
  const { required, planned, ready, busy, busySlots, readySlots } = sample;
  await database.run('queries/record_sample.sql', [pool, required, planned, ready, busy, busySlots, readySlots]);
}

export async function readSamples(
  database: Queryable,
  pool: string,
  { fromMs, untilMs, stepMs }: { fromMs: number; untilMs: number; stepMs: number },
): Promise<CapacitySample[]> {
  const rows = await database.run<{
    step: number;
    required_instances: number | null;
    planned_instances: number | null;
    ready_instances: number | null;
    busy_instances: number | null;
  }>('queries/read_samples.sql', [pool, fromMs, untilMs, stepMs]);
  return rows.map((row) => ({
    step: row.step,
    requiredInstances: row.required_instances,
    plannedInstances: row.planned_instances,
    readyInstances: row.ready_instances,
    busyInstances: row.busy_instances,
  }));
}
