import { DAY_MS, HOUR_MS, MINUTE_MS, startOfUtcDayMs } from './duration.ts';
import { instantsBetween, runsLeft } from './schedule.ts';
import type { MisfirePolicy, TaskSchedule } from './task.ts';

/** What expansion must know of a task. Everything before `expandedUntilMs` has been decided. */
export interface ExpansionInput {
  readonly schedule: TaskSchedule;
  readonly misfire: MisfirePolicy;
  /** How late an occurrence may be and still count as on time. */
  readonly graceMs: number;
  /** An occurrence may start this long after its time by plan, so it is not missed before. */
  readonly flexibleWindowMs: number;
  readonly expandedUntilMs: number;
  /** Occurrences that the schedule has had before. */
  readonly slotsDecided: number;
}

/** Instants in epoch ms. */
export interface ExpansionWindow {
  readonly nowMs: number;
  readonly horizonMs: number;
  /** Instants at most in one plan, so that no task can stall the others. */
  readonly maxInstants: number;
}

export interface ExpansionOutcome {
  /** With a reason, the instant is recorded as Skipped. */
  readonly instants: readonly { readonly atMs: number; readonly skipReason: string | null }[];
  /** The new watermark; null: the schedule has ended. */
  readonly expandedUntilMs: number | null;
  /** The last instant that the limit of runs allows, when it was reached here. */
  readonly lastSlotMs: number | null;
  /** Of the instants that were missed and run all the same, the latest: up to here the catch-up decides when. */
  readonly missedUntilMs: number | null;
}

/** How late an occurrence may be after an outage and still count as on time, where nobody says otherwise. */
export const DEFAULT_MISFIRE_GRACE_MS = MINUTE_MS;

export const MISSED_REASON = 'missed: its time passed while nobody was there, and the misfire policy leaves it out';

/** Which occurrences to write for a task, from its watermark up to the horizon or to `maxInstants`, whichever comes first. */
export function planExpansion(input: ExpansionInput, window: ExpansionWindow): ExpansionOutcome {
  const { schedule, misfire, expandedUntilMs } = input;
  const left = runsLeft(schedule, input.slotsDecided);
  const most = Math.min(window.maxInstants, left);
  // One more than may be written: it says whether the plan was cut off, and where the next one begins.
  const found = instantsBetween(schedule, expandedUntilMs, window.horizonMs, most + 1);
  const instants = found.slice(0, most);
  const isLast = instants.length === left;
  const nextMs = isLast ? undefined : found[most];

  const missedBeforeMs = window.nowMs - input.graceMs - input.flexibleWindowMs;
  const lastMissedMs = instants.findLast((atMs) => atMs < missedBeforeMs);
  const isLatestLater = nextMs !== undefined && nextMs < missedBeforeMs;
  const isSkipped = (atMs: number): boolean =>
    atMs < missedBeforeMs && (misfire === 'skip' || (misfire === 'latest' && (isLatestLater || atMs !== lastMissedMs)));
  return {
    instants: instants.map((atMs) => ({ atMs, skipReason: isSkipped(atMs) ? MISSED_REASON : null })),
    expandedUntilMs: nextMs ?? (isLast || hasEndedBy(schedule, window.horizonMs) ? null : window.horizonMs),
    lastSlotMs: isLast ? (instants.at(-1) ?? null) : null,
    missedUntilMs: lastMissedMs === undefined || isSkipped(lastMissedMs) ? null : lastMissedMs,
  };
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

/** When an instant comes within the horizon, so that its row is written. */
export function writtenFromMs(atMs: number): number {
  return startOfUtcDayMs(atMs) - FORECAST_HORIZON_MS;
}
