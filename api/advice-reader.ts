import type { PlanRow } from '../core/demand-table.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import { type FleetPlan, type FleetPlanSettings, planFleet } from '../core/fleet-plan.ts';
import { maxPerStep, type Span, START_WINDOW_MS } from '../core/forecast.ts';
import {
  type Displacement,
  footprintOf,
  MAX_OFFSET_MS,
  type MovableTask,
  movedRows,
  suggestedWindowMs,
  windowFor,
  withMoves,
} from '../core/movable-task.ts';
import { expansionHorizonMs } from '../core/plan.ts';
import { highestSeconds, smooth, type SmoothingMove, smoothingUntilMs } from '../core/smoothing.ts';
import { commonOffsetMs } from '../db/advice-store.ts';
import type { Database, Queryable } from '../db/database.ts';
import { readDemand } from '../db/demand-store.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { readFleet } from '../db/forecast-store.ts';
import { findMovableTasks, type MovableCandidate, readMovableOccurrences } from '../db/movable-task-store.ts';
import type { Advice, AdviceMove } from './contract/advice.ts';
import { toInstant } from './instants.ts';

export interface AdviceQuestion {
  readonly hours: number;
  readonly pool: string;
  readonly maxMoves: number;
}

/** Peaks that are looked under for tasks to move. */
const PEAKS = 24;
/** Occurrences that are looked at under all of these together; the highest peak is always looked under. */
const MAX_UNDER_PEAKS = 200_000;
/** A task that comes round more often within the range is left alone: it has no peak to be moved away from. */
const MAX_OCCURRENCES = 500;
/** Longer runs are found under a peak only in their first ten minutes. */
const MAX_REACH_MS = 10 * MINUTE_MS;

/** Which tasks to move for a lower peak. From one picture of the database, in a transaction that can not write and ends before the search. */
export async function readAdvice(
  database: Database,
  settings: FleetPlanSettings,
  question: AdviceQuestion,
): Promise<Advice> {
  const { picture, tasks } = await database.transaction(async (transaction) => {
    await transaction.query('set transaction isolation level repeatable read, read only');
    const nowMs = Math.floor(await readDatabaseClock(transaction));
    const read = await readPicture(transaction, settings, question.pool, nowMs, question.hours);
    return { picture: read, tasks: await readMovable(transaction, read, question) };
  });
  return advise(picture, tasks, question);
}

/** The work of a pool from the minute of now on, as the forecast has it. */
export interface Picture {
  readonly nowMs: number;
  /** Ends where rows do, or with the hours that were asked for. */
  readonly span: Span;
  /** Up to here work is known, in epoch ms. */
  readonly knownUntilMs: number;
  readonly rows: readonly PlanRow[];
  readonly settings: FleetPlanSettings;
}

export async function readPicture(
  on: Queryable,
  settings: FleetPlanSettings,
  pool: string,
  nowMs: number,
  hours: number,
): Promise<Picture> {
  const fromMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const knownUntilMs = expansionHorizonMs(nowMs);
  const wantedUntilMs = fromMs + Math.ceil((hours * HOUR_MS) / MINUTE_MS) * MINUTE_MS;
  const span = { fromMs, seconds: (Math.min(wantedUntilMs, knownUntilMs) - fromMs) / SECOND_MS };
  const fleet = await readFleet(on, pool);
  const rows = await readDemand(on, pool, { untilMs: Math.min(smoothingUntilMs(span), knownUntilMs) });
  return {
    nowMs,
    span,
    knownUntilMs,
    rows,
    settings: { ...settings, slotsPerReplica: fleet.slots ?? settings.slotsPerReplica },
  };
}

interface Candidate extends MovableTask, Omit<MovableCandidate, 'taskType' | 'priority' | 'durationMs' | 'id'> {}

async function readMovable(on: Queryable, picture: Picture, question: AdviceQuestion): Promise<Candidate[]> {
  const { rows, span, nowMs } = picture;
  const longestMs = rows.reduce((longest, { durationMs }) => Math.max(longest, durationMs), 0);
  const reachMs = Math.min(MAX_REACH_MS, footprintOf(longestMs).seconds * SECOND_MS);
  const peaks = affordable(rows, highestSeconds(rows, span, PEAKS, START_WINDOW_MS / SECOND_MS), reachMs);
  const found = await findMovableTasks(on, question.pool, peaks, { nowMs, reachMs, perPeak: question.maxMoves });
  const occurrences = await readMovableOccurrences(
    on,
    found.map(({ id }) => id),
    { nowMs, untilMs: span.fromMs + span.seconds * SECOND_MS + MAX_OFFSET_MS, most: MAX_OCCURRENCES },
  );
  return found.flatMap((task): Candidate[] => {
    const own = occurrences.get(task.id) ?? [];
    if (own.length === 0 || own.length === MAX_OCCURRENCES) return [];
    const windowMs = task.flexibleWindowMs || suggestedWindowMs(own.map(({ scheduledMs }) => scheduledMs));
    return [{ ...task, windowMs, occurrences: own }];
  });
}

/** As many of the peaks, highest first, as have no more than so many occurrences under them. */
function affordable(rows: readonly PlanRow[], peaks: readonly number[], reachMs: number): number[] {
  let left = MAX_UNDER_PEAKS;
  return peaks.filter((peakMs, index) => {
    for (const { atMs, count } of rows) if (atMs > peakMs - reachMs && atMs <= peakMs) left -= count;
    return index === 0 || left >= 0;
  });
}

type Move = SmoothingMove<Candidate>;

function advise(picture: Picture, tasks: readonly Candidate[], { pool, maxMoves }: AdviceQuestion): Advice {
  const { rows, span, settings, nowMs, knownUntilMs } = picture;
  const input = { span, slotsPerReplica: settings.slotsPerReplica, maxMoves, knownUntilMs };
  const flexible = tasks.filter(({ flexibleWindowMs }) => flexibleWindowMs > 0);
  const { moves } = smooth({ ...input, rows, tasks: flexible });
  const others = tasks.filter(({ flexibleWindowMs }) => flexibleWindowMs === 0);
  const { moves: suggestions } = smooth({ ...input, rows: [...rows, ...movedRows(moves)], tasks: others });

  const before = planFleet(rows, span, settings);
  const after = planWith(rows, moves, before, span, settings);
  const both = suggestions.length === 0 ? after : planWith(rows, [...moves, ...suggestions], before, span, settings);
  const size = MINUTE_MS / SECOND_MS;
  const [befores, afters, boths] = [before, after, both].map(({ required }) => maxPerStep(required, size));
  const untilMs = span.fromMs + span.seconds * SECOND_MS;
  return {
    pool,
    now: toInstant(nowMs),
    until: toInstant(untilMs),
    peakAt: toInstant(span.fromMs + before.required.indexOf(peakOf(before)) * SECOND_MS),
    before: toSide(before),
    after: toSide(after),
    withSuggestions: toSide(both),
    moves: moves.map((move) => toMove(move, move.task.flexibleWindowMs, untilMs)),
    suggestions: suggestions.map((move) => toMove(move, windowFor(move.offsetMs), untilMs)),
    stepMs: MINUTE_MS,
    steps: (befores ?? []).map((instances, step) => ({
      at: toInstant(span.fromMs + step * MINUTE_MS),
      before: instances,
      after: afters?.[step] ?? 0,
      withSuggestions: boths?.[step] ?? 0,
    })),
  };
}

function planWith(
  rows: readonly PlanRow[],
  moves: readonly Displacement[],
  before: FleetPlan,
  span: Span,
  settings: FleetPlanSettings,
): FleetPlan {
  return moves.length === 0 ? before : planFleet(withMoves(rows, moves), span, settings);
}

function peakOf({ required }: FleetPlan): number {
  return required.reduce((most, count) => Math.max(most, count), 0);
}

function toSide(plan: FleetPlan): Advice['before'] {
  return { peak: peakOf(plan), replicaMinutes: plan.planned.reduce((sum, count) => sum + count, 0) / 60 };
}

function toMove({ task, offsetMs, peakAtMs, peakAfter }: Move, windowMs: number, untilMs: number): AdviceMove {
  return {
    taskId: task.id,
    taskName: task.name,
    taskType: task.taskType,
    revision: task.revision,
    fromOffsetMs: commonOffsetMs(task.occurrences),
    offsetMs,
    windowMs,
    occurrences: task.occurrences.filter(({ scheduledMs }) => scheduledMs < untilMs).length,
    peakAt: toInstant(peakAtMs),
    peakAfter,
  };
}
