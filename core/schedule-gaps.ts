import { DAY_MS } from './duration.ts';
import { instantsBetween, nextInstants, runsLeft } from './schedule.ts';
import type { TaskSchedule } from './task.ts';

/** How far the coming occurrences of a schedule lie apart. */
export interface ScheduleGaps {
  readonly smallestMs: number;
  /** The median. */
  readonly typicalMs: number;
  /** How often a day each length of gap comes, on average over the occurrences that were looked at. */
  readonly perDay: ReadonlyMap<number, number>;
}

const LOOK_MS = 7 * DAY_MS;
const MAX_INSTANTS = 2_000;
/** Of a schedule that hardly runs in a week, so many of its next occurrences. */
const FEW = 4;

/** Over the coming week, or over the next few occurrences where a week has few; `undefined` when fewer than two are to come. */
export function gapsOf(schedule: TaskSchedule, nowMs: number, slotsDecided: number): ScheduleGaps | undefined {
  const left = runsLeft(schedule, slotsDecided);
  const week = instantsBetween(schedule, nowMs, nowMs + LOOK_MS, Math.min(MAX_INSTANTS, left));
  const instants = week.length >= FEW ? week : nextInstants(schedule, nowMs - 1, Math.min(FEW, left));
  const gaps = instants.slice(1).map((atMs, index) => atMs - Number(instants[index]));
  if (gaps.length === 0) return undefined;
  const sorted = [...gaps].sort((a, b) => a - b);
  const days = gaps.reduce((sum, gapMs) => sum + gapMs, 0) / DAY_MS;
  const perDay = new Map<number, number>();
  for (const gapMs of gaps) perDay.set(gapMs, (perDay.get(gapMs) ?? 0) + 1 / days);
  return { smallestMs: Number(sorted[0]), typicalMs: Number(sorted[Math.floor((sorted.length - 1) / 2)]), perDay };
}
