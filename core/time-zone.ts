import { DAY_MS, SECOND_MS } from './duration.ts';
import { TIME_ZONE_ALIASES } from './time-zone-aliases.ts';

/** An instant at which the clocks of a zone change; both offsets are local time minus UTC. */
export interface Transition {
  readonly atMs: number;
  readonly beforeOffsetMs: number;
  readonly afterOffsetMs: number;
}

/**
 * Whether `name` is an IANA time zone or link in its exact spelling, or `UTC`.
 * Offsets, abbreviations and all other names without a slash are refused: `EST` means different things to different people.
 */
export function isTimeZone(name: string): boolean {
  return name === 'UTC' || (name.includes('/') && spellings.has(name));
}

/** Local time minus UTC at an instant, in ms, exact to the second. @throws RangeError for a zone that the runtime does not know. */
export function offsetMs(timeZone: string, atMs: number): number {
  return readOffsetMs(clockOf(timeZone), atMs);
}

/** The clock changes of a zone in [fromMs, untilMs), in order. Computed once per zone and year, so asking often is cheap. */
export function transitionsBetween(timeZone: string, fromMs: number, untilMs: number): readonly Transition[] {
  const clock = clockOf(timeZone);
  const lastYear = yearOf(untilMs);
  const found: Transition[] = [];
  for (let year = yearOf(fromMs); year <= lastYear; year += 1) {
    for (const transition of transitionsOfYear(clock, year)) {
      if (transition.atMs >= fromMs && transition.atMs < untilMs) found.push(transition);
    }
  }
  return found;
}

/** Wall-clock time in a zone with its offset, as in `2026-03-29 03:00:00 +02:00`. */
export function formatLocalTime(timeZone: string, atMs: number): string {
  const offset = offsetMs(timeZone, atMs);
  const local = new Date(atMs + offset).toISOString().slice(0, 19).replace('T', ' ');
  const size = new Date(Math.abs(offset)).toISOString();
  // Before 1972 some zones had offsets with seconds.
  return `${local} ${offset < 0 ? '-' : '+'}${size.slice(11, size.slice(17, 19) === '00' ? 16 : 19)}`;
}

interface ZoneClock {
  readonly format: Intl.DateTimeFormat;
  readonly transitionsByYear: Map<number, readonly Transition[]>;
}

const spellings: ReadonlySet<string> = new Set([...Intl.supportedValuesOf('timeZone'), ...TIME_ZONE_ALIASES]);

/** A memory of pure results: one entry per zone that was asked for. */
const clocks = new Map<string, ZoneClock>();

/** Less than the shortest time between two changes of one zone since 1970, which is 167 hours (America/Recife in 2000, Asia/Gaza in 2040). */
const STEP_MS = 4 * DAY_MS;

function clockOf(timeZone: string): ZoneClock {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  });
  const clock = { format, transitionsByYear: new Map<number, readonly Transition[]>() };
  clocks.set(timeZone, clock);
  return clock;
}

function readOffsetMs(clock: ZoneClock, atMs: number): number {
  const wholeMs = Math.floor(atMs / SECOND_MS) * SECOND_MS;
  // "3/29/2026, 03:00:00"
  const numbers = clock.format
    .format(wholeMs)
    .split(/[/, :]+/, 6)
    .map(Number);
  const [month, day, year, hour, minute, second] = numbers as [number, number, number, number, number, number];
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeMs;
}

function transitionsOfYear(clock: ZoneClock, year: number): readonly Transition[] {
  const known = clock.transitionsByYear.get(year);
  if (known !== undefined) return known;
  const transitions = findTransitions(clock, Date.UTC(year), Date.UTC(year + 1));
  clock.transitionsByYear.set(year, transitions);
  return transitions;
}

function findTransitions(clock: ZoneClock, fromMs: number, untilMs: number): readonly Transition[] {
  const found: Transition[] = [];
  // Just before the year: a change at its very first instant is one of this year.
  let knownMs = fromMs - SECOND_MS;
  let knownOffsetMs = readOffsetMs(clock, knownMs);
  while (knownMs < untilMs - SECOND_MS) {
    const nextMs = Math.min(knownMs + STEP_MS, untilMs - SECOND_MS);
    const nextOffsetMs = readOffsetMs(clock, nextMs);
    if (nextOffsetMs !== knownOffsetMs) {
      const atMs = bisect(clock, knownMs, nextMs, knownOffsetMs);
      found.push({ atMs, beforeOffsetMs: knownOffsetMs, afterOffsetMs: nextOffsetMs });
    }
    knownMs = nextMs;
    knownOffsetMs = nextOffsetMs;
  }
  return found;
}

/** The first second after `beforeMs` at which the offset is no longer `beforeOffsetMs`; at `afterMs` it is not. */
function bisect(clock: ZoneClock, beforeMs: number, afterMs: number, beforeOffsetMs: number): number {
  let low = beforeMs;
  let high = afterMs;
  while (high - low > SECOND_MS) {
    const middle = low + Math.floor((high - low) / (2 * SECOND_MS)) * SECOND_MS;
    if (readOffsetMs(clock, middle) === beforeOffsetMs) low = middle;
    else high = middle;
  }
  return high;
}

function yearOf(atMs: number): number {
  return new Date(atMs).getUTCFullYear();
}
