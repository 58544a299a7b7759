import { SECOND_MS } from './duration.ts';
import { MS_US, SLOT_WORK_MS, type Span } from './forecast.ts';
import { Slots } from './slots.ts';

/** The fleet of a pool as it is. Replicas that are being stopped are no part of it, and nothing that runs on them is. */
export interface LiveFleet {
  /** Slots of the replicas that take work, busy or not. */
  readonly readySlots: number;
  /** Replicas that were asked for and do not take work yet. */
  readonly starting: readonly { readonly slots: number; readonly readyAtMs: number }[];
  /** What runs: how many runs of that planning duration began that long ago. */
  readonly running: readonly RunningWork[];
}

export interface RunningWork {
  readonly count: number;
  readonly durationMs: number;
  readonly ageMs: number;
  readonly taskType?: string | undefined;
}

/** Of a run that takes longer than planned, this part of its duration is taken to be left. */
const LEAST_LEFT_RATIO = 0.25;

/** A backlog that no replica could have served in time is to start within this long of the first new replicas. */
const DRAIN_TARGET_MS = 30 * SECOND_MS;

/**
 * The slots of the fleet at the begin of the span, each free when its run will have ended. A long run that has outlasted `longestMs` of its
 * type may go on for as long again: its slot is not counted on by work for which another can still be there in time.
 */
export function slotsOf(
  fleet: LiveFleet,
  span: Span,
  { leadTimeMs, longestMs }: { readonly leadTimeMs: number; readonly longestMs: (taskType: string) => number },
): Slots {
  const slots = new Slots();
  let idle = fleet.readySlots;
  for (const { count, durationMs, ageMs, taskType } of fleet.running) {
    const hasOutlasted = taskType !== undefined && ageMs > longestMs(taskType);
    const leftMs = Math.max(
      durationMs - ageMs,
      durationMs * LEAST_LEFT_RATIO,
      hasOutlasted ? leadTimeMs + SLOT_WORK_MS : 0,
    );
    const known = Math.min(count, idle); // more runs than slots: the two were not read at one instant
    slots.add(Math.round(leftMs * MS_US), known);
    idle -= known;
  }
  slots.add(0, idle);
  for (const { slots: count, readyAtMs } of fleet.starting) {
    slots.add(Math.max(0, Math.ceil((readyAtMs - span.fromMs) * MS_US)), count);
  }
  return slots;
}

/** When a row that falls due at `atUs` should start at the latest: nine seconds after its time, where it is not to start sooner. */
export function punctualByUs(atUs: number, startWithinUs = SLOT_WORK_MS * MS_US): number {
  return atUs + startWithinUs;
}

/**
 * What to ask new replicas for. Where the punctual start comes before any of them can be there, a bound that nothing meets would ask for
 * endless replicas: a short while after they are there is aimed at instead.
 */
export function startByUs(atUs: number, newSlotsAtUs: number, startWithinUs?: number): number {
  if (punctualByUs(atUs) < newSlotsAtUs) return newSlotsAtUs + DRAIN_TARGET_MS * MS_US;
  const wantedUs = punctualByUs(atUs, startWithinUs);
  return wantedUs < newSlotsAtUs ? punctualByUs(atUs) : wantedUs;
}
