import { SEARCH_MS } from './cron.ts';
import { MINUTE_MS } from './duration.ts';
import { instantsBetween } from './schedule.ts';
import type { TaskSchedule } from './task.ts';

/** The last instant of a schedule before `beforeMs` (epoch ms, whole); undefined when there is none within 41 years. */
export function previousInstant(schedule: TaskSchedule, beforeMs: number): number | undefined {
  const firstIn = (fromMs: number, untilMs: number): number | undefined =>
    instantsBetween(schedule, fromMs, untilMs, 1)[0];
  let untilMs = beforeMs;
  for (let reachMs = MINUTE_MS; reachMs < 2 * SEARCH_MS; reachMs *= 2) {
    const fromMs = beforeMs - Math.min(reachMs, SEARCH_MS);
    const found = firstIn(fromMs, untilMs);
    if (found !== undefined) return lastIn(firstIn, found, untilMs);
    untilMs = fromMs;
  }
  return undefined;
}

/** A schedule is only read forwards: the range that has an instant is halved until one is left. */
function lastIn(
  firstIn: (fromMs: number, untilMs: number) => number | undefined,
  found: number,
  untilMs: number,
): number {
  let lastMs = found;
  let endMs = untilMs;
  while (lastMs + 1 < endMs) {
    const middleMs = lastMs + 1 + Math.floor((endMs - lastMs - 1) / 2);
    const laterMs = firstIn(middleMs, endMs);
    if (laterMs === undefined) endMs = middleMs;
    else lastMs = laterMs;
  }
  return lastMs;
}
