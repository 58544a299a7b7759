import { SECOND_MS } from '../core/duration.ts';
import { ConflictError, type FieldError, InvalidInputError } from '../core/errors.ts';
import type { FleetPlanSettings } from '../core/fleet-plan.ts';
import { peakWith } from '../core/smoothing.ts';
import { listAdvice } from '../db/advice-list.ts';
import { applyMoves, beginMove, commonOffsetMs, findAdvice, type PlacedMove } from '../db/advice-store.ts';
import type { Database, Transaction } from '../db/database.ts';
import { type LockedMovable, readMovableOccurrences } from '../db/movable-task-store.ts';
import { readTypeDurations } from '../db/type-durations.ts';
import { toAppliedAdvice } from './advice-mapping.ts';
import { type Picture, readPicture } from './advice-reader.ts';
import type { AdviceInput, AppliedAdvice } from './contract/advice.ts';
import { toInstant } from './instants.ts';

/**
 * Moves tasks, in one transaction; a dry run stops before the first change. What was applied by the same request before is answered again.
 * @throws ConflictError when a task was changed since the advice or can not be moved, InvalidInputError for a place outside of its window.
 */
export function applyAdvice(
  database: Database,
  settings: FleetPlanSettings,
  graceMs: number,
  input: AdviceInput,
): Promise<AppliedAdvice> {
  const request = requestOf(input);
  return database.transaction(async (transaction) => {
    const { tasks, nowMs } = await beginMove(
      transaction,
      input.moves.map(({ taskId }) => taskId),
      input.dryRun ? null : graceMs,
    );
    const existing = input.dryRun ? undefined : await findExisting(transaction, request);
    if (existing !== undefined) return existing;
    const wanted = checkMoves(input, tasks);
    const moves = await withOccurrences(transaction, wanted, nowMs);
    const picture = await readPicture(transaction, settings, input.pool, nowMs, input.hours);
    const { span } = picture;
    const lookedUntilMs = span.fromMs + span.seconds * SECOND_MS;
    const peaks = await peaksOf(transaction, picture, moves);
    if (input.dryRun) return toProposal(input.pool, moves, { nowMs, lookedUntilMs, ...peaks });
    const advice = { pool: input.pool, nowMs, lookedUntilMs, ...peaks, request };
    const id = await applyMoves(transaction, moves, advice, graceMs);
    return readApplied(transaction, id);
  });
}

async function findExisting(transaction: Transaction, request: string): Promise<AppliedAdvice | undefined> {
  const id = await findAdvice(transaction, request);
  if (id === undefined) return undefined;
  const applied = await readApplied(transaction, id);
  return applied.state === 'undone' ? undefined : applied;
}

async function readApplied(transaction: Transaction, id: string): Promise<AppliedAdvice> {
  const [record] = await listAdvice(transaction, { pool: null, id, limit: 1 });
  if (record === undefined) throw new Error(`The advice ${id} was just recorded, and is not there.`);
  return toAppliedAdvice(record);
}

/** The same for the same moves, in whatever order and over whatever range they were looked at. */
function requestOf({ pool, moves }: AdviceInput): string {
  const sorted = [...moves].sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
  return JSON.stringify([
    pool,
    sorted.map(({ taskId, revision, offsetMs, windowMs }) => [taskId, revision, offsetMs, windowMs]),
  ]);
}

type WantedMove = Omit<PlacedMove, 'occurrences'>;

function checkMoves({ pool, moves }: AdviceInput, tasks: ReadonlyMap<string, LockedMovable>): WantedMove[] {
  const conflicts = moves.flatMap(({ taskId, revision }) => conflictOf(taskId, revision, pool, tasks.get(taskId)));
  if (conflicts.length > 0) throw new ConflictError(describeConflicts(conflicts));
  const wanted = moves.flatMap(({ taskId, offsetMs, windowMs }) => {
    const task = tasks.get(taskId);
    return task === undefined ? [] : [{ task, offsetMs, windowMs: windowMs ?? task.flexibleWindowMs }];
  });
  const errors = wanted.flatMap((move, index) => faultOf(move, index));
  if (errors.length > 0) throw new InvalidInputError(errors);
  return wanted;
}

function conflictOf(id: string, revision: number, pool: string, task: LockedMovable | undefined): readonly string[] {
  if (task === undefined) return [`task ${id} was deleted`];
  const named = `task ${id} (${task.name})`;
  if (task.revision !== revision) return [`${named} is at revision ${task.revision}, not ${revision}`];
  if (task.status !== 'active') return [`${named} is ${task.status}`];
  if (task.pool !== pool) return [`${named} belongs to the pool ${task.pool}`];
  if (task.expandError !== null) return [`${named} can not be expanded`];
  return [];
}

const CONFLICTS_NAMED = 5;

function describeConflicts(conflicts: readonly string[]): string {
  const more = conflicts.length - CONFLICTS_NAMED;
  const named = conflicts.slice(0, CONFLICTS_NAMED).join('; ');
  return `The advice does not fit any more: ${named}${more > 0 ? `; and ${more} more` : ''}. Ask for advice anew.`;
}

function faultOf({ task, offsetMs, windowMs }: WantedMove, index: number): readonly FieldError[] {
  const path = `moves.${index}`;
  if (task.flexibleWindowMs > 0 && windowMs !== task.flexibleWindowMs) {
    return [{ path: `${path}.windowMs`, message: 'the task has a flexible window of its own; leave this out' }];
  }
  if (task.flexibleWindowMs === 0 && task.scheduleKind !== 'cron' && task.scheduleKind !== 'interval') {
    return [{ path: `${path}.taskId`, message: 'the task does not recur, and has no flexible window' }];
  }
  if (windowMs === 0) {
    return [{ path: `${path}.windowMs`, message: 'the task has no flexible window: say which one to give it' }];
  }
  if (offsetMs > windowMs) {
    return [{ path: `${path}.offsetMs`, message: `expected no more than its flexible window, ${windowMs} ms` }];
  }
  return [];
}

async function withOccurrences(
  transaction: Transaction,
  wanted: readonly WantedMove[],
  nowMs: number,
): Promise<PlacedMove[]> {
  const occurrences = await readMovableOccurrences(
    transaction,
    wanted.map(({ task }) => task.id),
    { nowMs, untilMs: null, most: ALL },
  );
  return wanted.map((move) => ({ ...move, occurrences: occurrences.get(move.task.id) ?? [] }));
}

/** More than a task may have ahead. */
const ALL = 1_000_000;

async function peaksOf(
  transaction: Transaction,
  { rows, span, settings }: Picture,
  moves: readonly PlacedMove[],
): Promise<{ readonly peakBefore: number; readonly peakAfter: number }> {
  const types = await readTypeDurations(transaction);
  const displaced = moves.map(({ task, windowMs, offsetMs, occurrences }) => {
    const durationMs = types.get(task.taskType)?.averageMs ?? 0;
    const { id, taskType, priority } = task;
    return { task: { id, taskType, priority, durationMs, windowMs, occurrences }, offsetMs };
  });
  const peak = (made: typeof displaced): number => peakWith(rows, made, span, settings.slotsPerReplica);
  return { peakBefore: peak([]), peakAfter: peak(displaced) };
}

function toProposal(
  pool: string,
  moves: readonly PlacedMove[],
  looked: { nowMs: number; lookedUntilMs: number; peakBefore: number; peakAfter: number },
): AppliedAdvice {
  return {
    id: null,
    pool,
    appliedAt: toInstant(looked.nowMs),
    until: toInstant(looked.lookedUntilMs),
    peakBefore: looked.peakBefore,
    peakAfter: looked.peakAfter,
    state: 'proposed',
    moves: moves.map(({ task, windowMs, offsetMs, occurrences }) => ({
      taskId: task.id,
      taskName: task.name,
      revision: task.revision,
      fromOffsetMs: commonOffsetMs(occurrences),
      offsetMs,
      windowBeforeMs: task.flexibleWindowMs,
      windowMs,
      state: 'proposed',
    })),
  };
}
