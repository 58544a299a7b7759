import type { ScaleOut } from '../core/live-picture.ts';
import type { ScaleControls } from '../core/replicas.ts';
import type { Database, Queryable } from './database.ts';
import { scaleDecisionEntity, type ScaleDecisionRow } from './entities/scale-decision.ts';

/** What a person ordered for a pool. */
export interface StoredControls extends ScaleControls {
  readonly reason: string | null;
  /** Epoch ms; `null`: nothing was ever ordered. */
  readonly updatedMs: number | null;
}

/** An override whose time is over is answered as none. */
export async function readControls(database: Queryable, pool: string): Promise<StoredControls> {
  const [row] = await database.run<{
    mode: ScaleControls['mode'];
    scale_out_paused: boolean;
    scale_in_paused: boolean;
    override_replicas: number | null;
    override_until: Date | null;
    reason: string | null;
    updated_at: Date | null;
  }>('queries/read_controls.sql', [pool]);
  if (row === undefined) throw new Error('Reading the controls answers one row.');
  const { override_replicas: replicas, override_until: until } = row;
  return {
    mode: row.mode,
    scaleOutPaused: row.scale_out_paused,
    scaleInPaused: row.scale_in_paused,
    override: replicas === null || until === null ? undefined : { replicas, untilMs: until.getTime() },
    reason: row.reason,
    updatedMs: row.updated_at?.getTime() ?? null,
  };
}

/** Replaces all that is ordered, and records the order, `words`, among the decisions. */
export async function writeControls(
  database: Queryable,
  pool: string,
  controls: ScaleControls & { readonly reason: string | null },
  words: string,
): Promise<void> {
  const { mode, scaleOutPaused, scaleInPaused, override, reason } = controls;
  await database.run('queries/write_controls.sql', [
    pool,
    mode,
    scaleOutPaused,
    scaleInPaused,
    override?.replicas ?? null,
    override === undefined ? null : new Date(override.untilMs),
    reason,
    words,
  ]);
}

/** Makes `holder` the writer of the pool or renews that it is; answers its fence, `undefined` while another one is. */
export async function takeWriter(
  database: Queryable,
  pool: string,
  holder: string,
  leaseMs: number,
): Promise<string | undefined> {
  const [row] = await database.run<{ fence: string }>('queries/take_writer.sql', [pool, holder, leaseMs]);
  return row?.fence;
}

/** Whether the fence is still that of the writer; if so its right is renewed. */
export async function holdWriter(database: Queryable, pool: string, fence: string): Promise<boolean> {
  return (await database.run('queries/hold_writer.sql', [pool, fence])).length > 0;
}

export async function releaseWriter(database: Queryable, pool: string, fence: string): Promise<void> {
  await database.run('queries/release_writer.sql', [pool, fence]);
}

export interface Writer {
  readonly fence: string;
  readonly holder: string;
  readonly renewedAt: Date;
}

export async function readWriter(database: Queryable, pool: string): Promise<Writer | undefined> {
  const [row] = await database.run<{ fence: string; holder: string; renewed_at: Date }>('queries/read_writer.sql', [
    pool,
  ]);
  return row === undefined ? undefined : { fence: row.fence, holder: row.holder, renewedAt: row.renewed_at };
}

/** `false`: the fence is an older one, so another copy writes, and nothing was recorded. */
export async function recordDecision(
  database: Queryable,
  fence: string,
  decision: Omit<ScaleDecisionRow, 'id' | 'decidedAt' | 'fence'>,
): Promise<boolean> {
  const { pool, target, fromReplicas, toReplicas, outcome, reason, detail } = decision;
  const values = [pool, fence, target, fromReplicas, toReplicas, outcome, reason, detail];
  return (await database.run('queries/record_decision.sql', values)).length > 0;
}

export function listDecisions(database: Database, pool: string, limit: number): Promise<ScaleDecisionRow[]> {
  return database.dataSource
    .getRepository(scaleDecisionEntity)
    .find({ where: { pool }, order: { id: 'DESC' }, take: limit });
}

/** The last changes that were applied, the newest first. */
export async function readScaleOuts(database: Queryable, pool: string): Promise<ScaleOut[]> {
  const rows = await database.run<{ wanted: number; added: number | null; age_ms: number }>(
    'queries/read_scale_outs.sql',
    [pool],
  );
  return rows.map((row) => ({ wanted: row.wanted, added: row.added ?? 0, ageMs: row.age_ms }));
}
