import { DAY_MS, HOUR_MS, startOfUtcDayMs } from './duration.ts';
import { instantsBetween } from './schedule.ts';
import type { MisfirePolicy, TaskSchedule } from './task.ts';

/** What expansion must know of a task. Everything before `expandedUntilMs` has been decided. */
export interface ExpansionInput {
  readonly schedule: TaskSchedule;
  readonly misfire: MisfirePolicy;
  readonly expandedUntilMs: number;
}

/** Instants in epoch ms; an instant more than `graceMs` before now was missed. */
export interface ExpansionWindow {
  readonly nowMs: number;
  readonly horizonMs: number;
  readonly graceMs: number;
  /** Instants at most in one plan, so that no task can stall the others. */
  readonly maxInstants: number;
}

export interface ExpansionOutcome {
  /** With a reason, the instant is recorded as Skipped. */
  readonly instants: readonly { readonly atMs: number; readonly skipReason: string | null }[];
  /** The new watermark; null: the schedule has ended. */
  readonly expandedUntilMs: number | null;
}

export const MISSED_REASON = 'its time passed while no scheduler was running';

/** Which occurrences to write for a task, from its watermark up to the horizon or to `maxInstants`, whichever comes first. */
export function planExpansion(input: ExpansionInput, window: ExpansionWindow): ExpansionOutcome {
  const { schedule, misfire, expandedUntilMs } = input;
  // One more than may be written: it says whether the plan was cut off, and where the next one begins.
  const found = instantsBetween(schedule, expandedUntilMs, window.horizonMs, window.maxInstants + 1);
  const instants = found.slice(0, window.maxInstants);
  const nextMs = found[window.maxInstants];

  const missedBeforeMs = window.nowMs - window.graceMs;
  const lastMissedMs =
    nextMs !== undefined && nextMs < missedBeforeMs ? undefined : instants.findLast((atMs) => atMs < missedBeforeMs);
  return {
    instants: instants.map((atMs) => ({
      atMs,
      skipReason: atMs < missedBeforeMs && isSkipped(misfire, atMs === lastMissedMs) ? MISSED_REASON : null,
    })),
    expandedUntilMs: nextMs ?? (hasEndedBy(schedule, window.horizonMs) ? null : window.horizonMs),
  };
}

function isSkipped(misfire: MisfirePolicy, isLatest: boolean): boolean {
  switch (misfire) {
    case 'all':
      return false;
    case 'skip':
      return true;
    case 'latest':
      return !isLatest;
  }
}

function hasEndedBy(schedule: TaskSchedule, horizonMs: number): boolean {
  switch (schedule.kind) {
    case 'immediate':
      return true;
    case 'once':
      return schedule.atMs < horizonMs;
    case 'interval':
    case 'cron':
      return schedule.endsAtMs !== null && schedule.endsAtMs <= horizonMs;
  }
}

const FORECAST_HORIZON_MS = 3 * HOUR_MS;

/** How far ahead rows exist: to the end of the UTC day of now + 3 h, so that a forecast made before midnight does not go blind at it. */
export function expansionHorizonMs(nowMs: number): number {
  return startOfUtcDayMs(nowMs + FORECAST_HORIZON_MS) + DAY_MS;
}
