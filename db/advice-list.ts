import type { Queryable } from './database.ts';

/** Advice that was applied. Instants in epoch ms. */
export interface AppliedAdviceRecord {
  readonly id: string;
  readonly pool: string;
  readonly appliedMs: number;
  readonly lookedUntilMs: number;
  readonly peakBefore: number;
  readonly peakAfter: number;
  readonly moves: readonly AppliedMoveRecord[];
}

export interface AppliedMoveRecord {
  readonly taskId: string;
  readonly taskName: string;
  /** The revision that the task got. */
  readonly revision: number;
  /** The one that it has; null: it was deleted. */
  readonly presentRevision: number | null;
  /** Null: its occurrences had different ones. */
  readonly fromOffsetMs: number | null;
  readonly toOffsetMs: number;
  readonly windowBeforeMs: number;
  readonly windowMs: number;
  readonly isUndone: boolean;
}

/** The last applications, newest first; or the one with an id. */
export async function listAdvice(
  on: Queryable,
  { pool, id, limit }: { readonly pool: string | null; readonly id: string | null; readonly limit: number },
): Promise<AppliedAdviceRecord[]> {
  const rows = await on.run<AdviceRow>('queries/list_advice.sql', [pool, id, limit]);
  const byId = new Map<string, AdviceRow[]>();
  for (const row of rows) byId.set(row.id, [...(byId.get(row.id) ?? []), row]);
  return [...byId.values()].flatMap((some) => {
    const [first] = some;
    if (first === undefined) return [];
    return {
      id: first.id,
      pool: first.pool,
      appliedMs: first.applied_at.getTime(),
      lookedUntilMs: first.looked_until.getTime(),
      peakBefore: first.peak_before,
      peakAfter: first.peak_after,
      moves: some.map(toMove),
    };
  });
}

interface AdviceRow {
  readonly id: string;
  readonly pool: string;
  readonly applied_at: Date;
  readonly looked_until: Date;
  readonly peak_before: number;
  readonly peak_after: number;
  readonly task_id: string;
  readonly task_name: string;
  readonly revision: number;
  readonly window_before_ms: string;
  readonly window_ms: string;
  readonly offset_ms: string;
  readonly shown_offset_ms: string | null;
  readonly undone_at: Date | null;
  readonly present_revision: number | null;
}

function toMove(row: AdviceRow): AppliedMoveRecord {
  return {
    taskId: row.task_id,
    taskName: row.task_name,
    revision: row.revision,
    presentRevision: row.present_revision,
    fromOffsetMs: row.shown_offset_ms === null ? null : Number(row.shown_offset_ms),
    toOffsetMs: Number(row.offset_ms),
    windowBeforeMs: Number(row.window_before_ms),
    windowMs: Number(row.window_ms),
    isUndone: row.undone_at !== null,
  };
}
