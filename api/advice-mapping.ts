import type { AppliedAdviceRecord, AppliedMoveRecord } from '../db/advice-list.ts';
import type { AppliedAdvice } from './contract/advice.ts';
import { toInstant } from './instants.ts';

export function toAppliedAdvice(record: AppliedAdviceRecord): AppliedAdvice {
  const undone = record.moves.filter(({ isUndone }) => isUndone).length;
  return {
    id: record.id,
    pool: record.pool,
    appliedAt: toInstant(record.appliedMs),
    until: toInstant(record.lookedUntilMs),
    peakBefore: record.peakBefore,
    peakAfter: record.peakAfter,
    state: undone === 0 ? 'applied' : undone === record.moves.length ? 'undone' : 'partly-undone',
    moves: record.moves.map((move) => ({
      taskId: move.taskId,
      taskName: move.taskName,
      revision: move.revision,
      fromOffsetMs: move.fromOffsetMs,
      offsetMs: move.toOffsetMs,
      windowBeforeMs: move.windowBeforeMs,
      windowMs: move.windowMs,
      state: stateOf(move),
    })),
  };
}

function stateOf({ isUndone, revision, presentRevision }: AppliedMoveRecord): 'applied' | 'changed' | 'undone' {
  if (isUndone) return 'undone';
  return presentRevision === revision ? 'applied' : 'changed';
}
