import { DAY_MS, SECOND_MS } from './duration.ts';
import { FIXED_TIME_ZONES, TIME_ZONE_ALIASES } from './time-zone-aliases.ts';

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

/**
 * The name that the IANA database uses today for a zone: `Europe/Kyiv` for `Europe/Kiev`, `America/New_York` for `US/Eastern`, `UTC` for
 * `Etc/UTC`. The same on every runtime, whichever spelling that one prefers. A name that is no link is answered as it is.
 */
export function canonicalTimeZone(name: string): string {
  return TIME_ZONE_ALIASES.get(name) ?? name;
}

/** Why `isTimeZone` refuses a name, and what to write instead. */
export function describeTimeZoneFault(name: string): string {
  const expected = 'expected UTC or an IANA time zone in its exact spelling, such as Europe/Rome';
  const written = name.trim().toLowerCase();
  const meant = ['UTC', ...spellings].find((spelling) => spelling.toLowerCase() === written && isTimeZone(spelling));
  if (meant !== undefined) return `${expected}; did you mean ${canonicalTimeZone(meant)}?`;
  if (/^(?:utc|gmt)?[+-]?\d/.test(written)) {
    return `${expected}; an offset does not say when the clocks change, and for one that never does there is Etc/GMT-5, which is 5 hours ahead of UTC`;
  }
  if (/^[a-z]{1,5}$/.test(written))
    return `${expected}; an abbreviation stands for several zones or for half a year only`;
  return expected;
}

/** Local time minus UTC at an instant, in ms, exact to the second. @throws RangeError for a zone that the runtime does not know. */
export function offsetMs(timeZone: string, atMs: number): number {
  return readOffsetMs(clockOf(timeZone), atMs);
}

/** The clock changes of a zone in [fromMs, untilMs), in order. Computed once per zone and month, so asking often is cheap. */
export function transitionsBetween(timeZone: string, fromMs: number, untilMs: number): readonly Transition[] {
  const clock = clockOf(timeZone);
  const lastMonth = monthOf(untilMs);
  const found: Transition[] = [];
  for (let month = monthOf(fromMs); month <= lastMonth; month += 1) {
    for (const transition of transitionsOfMonth(clock, month)) {
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
  readonly transitionsByMonth: Map<number, readonly Transition[]>;
}

const spellings: ReadonlySet<string> = new Set([
  ...Intl.supportedValuesOf('timeZone'),
  ...TIME_ZONE_ALIASES.keys(),
  ...TIME_ZONE_ALIASES.values(),
  ...FIXED_TIME_ZONES,
]);

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
  const clock = { format, transitionsByMonth: new Map<number, readonly Transition[]>() };
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

function transitionsOfMonth(clock: ZoneClock, month: number): readonly Transition[] {
  const known = clock.transitionsByMonth.get(month);
  if (known !== undefined) return known;
  const transitions = findTransitions(clock, Date.UTC(1970, month), Date.UTC(1970, month + 1));
  clock.transitionsByMonth.set(month, transitions);
  return transitions;
}

function findTransitions(clock: ZoneClock, fromMs: number, untilMs: number): readonly Transition[] {
  const found: Transition[] = [];
  // Just before the month: a change at its very first instant is one of this month.
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

/** Months since January 1970. */
function monthOf(atMs: number): number {
  const date = new Date(atMs);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}
