import { DAY_MS } from './duration.ts';
import { offsetMs, transitionsBetween } from './time-zone.ts';

/**
 * The instants at which the wall clock of a zone shows a local time (written as if it were UTC): one as a rule, none when the clock
 * jumps over it, two when it comes twice.
 */
export function instantsOfLocalTime(timeZone: string, localMs: number): readonly number[] {
  const fromMs = localMs - 2 * DAY_MS; // no zone is further from UTC
  const untilMs = localMs + 2 * DAY_MS;
  const offsets = [
    offsetMs(timeZone, fromMs),
    ...transitionsBetween(timeZone, fromMs, untilMs).map(({ afterOffsetMs }) => afterOffsetMs),
  ];
  return [...new Set(offsets)]
    .map((offset) => localMs - offset)
    .filter((atMs) => atMs + offsetMs(timeZone, atMs) === localMs)
    .sort((a, b) => a - b);
}
