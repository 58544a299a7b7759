import { InvalidInputError } from '../core/errors.ts';
import { expansionHorizonMs } from '../core/plan.ts';
import { nextInstants } from '../core/schedule.ts';
import type { ExclusionSet, TaskSchedule } from '../core/task.ts';
import { type RequestedSchedule, toExclusions } from './task-definition.ts';

/** How a schedule begins once it is written at some instant. Instants in epoch ms. */
export interface Beginning {
  /** The one occurrence that is written with the task; null: the scheduler writes them. */
  readonly firstMs: number | null;
  /** The watermark; null: nothing is left for the scheduler. */
  readonly expandedUntilMs: number | null;
}

/** How far in the past `once` may lie and still mean now: the time that a form and a request take. */
export const PAST_SLACK_MS = 5_000;

/** `startMs` is for an interval without a start; `calendarSets` are the calendars that the schedule names. */
export function settleSchedule(
  schedule: RequestedSchedule,
  startMs: number,
  calendarSets: readonly ExclusionSet[],
): TaskSchedule {
  if (schedule.kind === 'immediate' || schedule.kind === 'once') return schedule;
  const { timeZone, endsAtMs, maxRuns, startsAtMs, blackouts } = schedule;
  const limits = { timeZone, endsAtMs, maxRuns, exclusions: toExclusions(timeZone, blackouts, calendarSets) };
  return schedule.kind === 'interval'
    ? { kind: 'interval', everyMs: schedule.everyMs, startsAtMs: startsAtMs ?? startMs, ...limits }
    : { kind: 'cron', expressions: schedule.expressions, dst: schedule.dst, startsAtMs, ...limits };
}

/** @throws InvalidInputError when the schedule has no occurrence left at `nowMs`. */
export function assertNotOver(schedule: TaskSchedule, nowMs: number): void {
  if (schedule.kind === 'immediate') return;
  if (schedule.kind === 'once') {
    if (schedule.atMs < nowMs - PAST_SLACK_MS) {
      throw fieldError(
        'schedule.at',
        `expected an instant in the future; the server's clock says ${new Date(nowMs).toISOString()}`,
      );
    }
    return;
  }
  if (schedule.endsAtMs !== null && schedule.endsAtMs <= nowMs) {
    throw fieldError(
      'schedule.endsAt',
      `expected an instant in the future; the server's clock says ${new Date(nowMs).toISOString()}`,
    );
  }
  if (nextInstants(schedule, nowMs - 1, 1).length === 0) {
    throw fieldError(
      'schedule',
      'it never runs: no instant lies between its start and its end and outside of its exclusions',
    );
  }
}

/**
 * Immediate runs and one-time runs inside the horizon are written at once; all others are left to the scheduler, from now on, and so is
 * what has to be placed in a flexible window.
 */
export function beginSchedule(schedule: TaskSchedule, nowMs: number, flexibleWindowMs: number): Beginning {
  if (schedule.kind === 'immediate') return { firstMs: nowMs, expandedUntilMs: null };
  if (schedule.kind === 'once') {
    const isPlaced = flexibleWindowMs > 0 && schedule.atMs > nowMs;
    if (!isPlaced && schedule.atMs < expansionHorizonMs(nowMs))
      return { firstMs: schedule.atMs, expandedUntilMs: null };
  }
  return { firstMs: null, expandedUntilMs: nowMs };
}

function fieldError(path: string, message: string): InvalidInputError {
  return new InvalidInputError([{ path, message }]);
}
