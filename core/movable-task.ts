import { without } from './added-work.ts';
import type { PlanRow } from './demand-table.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './duration.ts';
import { type DemandRow, START_WINDOW_MS, workCurve } from './forecast.ts';
import type { Priority } from './task.ts';

/** A task whose occurrences may be due later than their scheduled times. */
export interface MovableTask {
  readonly id: string;
  readonly taskType: string;
  readonly priority: Priority;
  /** Mean execution time of its type. */
  readonly durationMs: number;
  /** An occurrence may be due at most so long after its scheduled time. */
  readonly windowMs: number;
  /** Those that wait for their time, and those behind the span that a move could bring into it. */
  readonly occurrences: readonly MovableOccurrence[];
}

/** Epoch ms. */
export interface MovableOccurrence {
  readonly scheduledMs: number;
  readonly dueMs: number;
}

/** All occurrences of a task are due so long after their scheduled times. */
export interface Displacement<Task extends MovableTask = MovableTask> {
  readonly task: Task;
  readonly offsetMs: number;
}

/** Advice moves nothing further than this, however wide a window is. */
export const MAX_OFFSET_MS = HOUR_MS;

/** A task that is not flexible is asked for no more than this. */
export const MAX_SUGGESTED_WINDOW_MS = 5 * MINUTE_MS;

/** The places of a window that are tried: whole seconds, evenly spread, at most 61 of them. */
const PLACES = 60;

/** Offsets at which a task may be placed in a window, in ms from its scheduled time on. */
export function offsetsWithin(windowMs: number): readonly number[] {
  const seconds = Math.floor(Math.min(windowMs, MAX_OFFSET_MS) / SECOND_MS);
  const step = Math.max(1, Math.ceil(seconds / PLACES));
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, place) => place * step * SECOND_MS);
}

/**
 * How wide a window a task without one may be asked for: half of the least time between two of its occurrences, so that none comes near
 * the next one.
 */
export function suggestedWindowMs(scheduledTimes: readonly number[]): number {
  const sorted = [...scheduledTimes].sort((a, b) => a - b);
  const leastGapMs = sorted.reduce(
    (least, atMs, index) => (index === 0 ? least : Math.min(least, atMs - Number(sorted[index - 1]))),
    Infinity,
  );
  return Math.floor(Math.min(MAX_SUGGESTED_WINDOW_MS, leastGapMs / 2) / SECOND_MS) * SECOND_MS;
}

/** Least window, in whole minutes, that lets a task have an offset: no more is asked for than is needed. */
export function windowFor(offsetMs: number): number {
  return Math.ceil(offsetMs / MINUTE_MS) * MINUTE_MS;
}

/** What one run adds to a `workCurve`: so much work in each of so many seconds from the one on in which it is due. */
export function footprintOf(durationMs: number): { readonly work: number; readonly seconds: number } {
  const longest = Math.ceil(Math.max(START_WINDOW_MS, durationMs * 2) / SECOND_MS);
  const curve = workCurve([{ atMs: 0, count: 1, durationMs }], { fromMs: 0, seconds: longest + 1 });
  return { work: Number(curve[0]), seconds: curve.indexOf(0) };
}

/** The difference that moves make to the rows of a `workCurve`: what they take away has counts below 0. */
export function movedRows(moves: readonly Displacement[]): DemandRow[] {
  return moves.flatMap(({ task: { occurrences, durationMs }, offsetMs }) =>
    occurrences.flatMap(({ scheduledMs, dueMs }) => [
      { atMs: dueMs, count: -1, durationMs },
      { atMs: scheduledMs + offsetMs, count: 1, durationMs },
    ]),
  );
}

/** The rows of a pool, each at its whole second, as they are when the moves are made. */
export function withMoves(rows: readonly PlanRow[], moves: readonly Displacement[]): PlanRow[] {
  const rowsOf = (instantOf: (occurrence: MovableOccurrence, offsetMs: number) => number): PlanRow[] =>
    moves.flatMap(({ task: { occurrences, taskType, priority, durationMs }, offsetMs }) =>
      occurrences.map((occurrence) => {
        const atMs = Math.floor(instantOf(occurrence, offsetMs) / SECOND_MS) * SECOND_MS;
        return { atMs, taskType, priority, count: 1, durationMs };
      }),
    );
  return [
    ...without(
      rows,
      rowsOf(({ dueMs }) => dueMs),
    ),
    ...rowsOf(({ scheduledMs }, offsetMs) => scheduledMs + offsetMs),
  ];
}
