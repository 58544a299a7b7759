import { type CronExpression, isShiftedTo } from './cron.ts';
import { DAY_MS } from './duration.ts';
import { type DstPolicy } from './task.ts';
import { offsetMs, type Transition, transitionsBetween } from './time-zone.ts';

/**
 * What a change of the clocks has to do with a run: it stands for times that the clock jumped over; its local time comes twice and
 * this is the first, or the last, of the two; the offset is another one than at the run before.
 */
export type CronRunNote = 'gap_shifted' | 'fold_first' | 'fold_last' | 'offset_changed';

/** One note or null for each of `instants`, which are occurrences of `cron` in order. */
export function annotateRuns(
  cron: CronExpression,
  timeZone: string,
  dst: DstPolicy,
  instants: readonly number[],
): readonly (CronRunNote | null)[] {
  let previousOffsetMs: number | undefined;
  return instants.map((atMs) => {
    const currentOffsetMs = offsetMs(timeZone, atMs);
    const isChanged = previousOffsetMs !== undefined && previousOffsetMs !== currentOffsetMs;
    previousOffsetMs = currentOffsetMs;
    for (const transition of transitionsBetween(timeZone, atMs - REACH_MS, atMs + REACH_MS)) {
      if (transition.atMs === atMs && isShiftedTo(cron, dst, transition)) return 'gap_shifted';
      const fold = foldNote(transition, atMs);
      if (fold !== null) return fold;
    }
    return isChanged ? 'offset_changed' : null;
  });
}

/** More than any clock was ever set back by. */
const REACH_MS = 2 * DAY_MS;

function foldNote(transition: Transition, atMs: number): CronRunNote | null {
  const repeatedMs = transition.beforeOffsetMs - transition.afterOffsetMs;
  const sinceMs = atMs - transition.atMs;
  if (sinceMs < -repeatedMs || sinceMs >= repeatedMs) return null;
  return sinceMs < 0 ? 'fold_first' : 'fold_last';
}
