import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import { instantsOfLocalTime } from '../core/local-time.ts';
import { canonicalTimeZone, isTimeZone, offsetMs } from '../core/time-zone.ts';
import { type IcalComponent, icalError, propertyOf } from './ical-content.ts';
import { startsOf } from './ical-recurrence.ts';
import type { DayBudget } from './ical-rule.ts';
import { type IcalZone, momentsOf, type ZoneFinder } from './ical-time.ts';
import { WINDOWS_TIME_ZONES } from './windows-time-zones.ts';

/** The IANA zone that is meant by a TZID: itself, a Windows name, or a path that ends in one; undefined: there is none. */
export function ianaNameOf(tzid: string): string | undefined {
  const name = tzid.trim();
  if (['UTC', 'GMT', 'Z'].includes(name.toUpperCase())) return 'UTC';
  const parts = name.split('/');
  const candidates = [name, WINDOWS_TIME_ZONES.get(name), parts.slice(-2).join('/'), parts.slice(-3).join('/')];
  const found = candidates.find((candidate) => candidate !== undefined && isTimeZone(candidate));
  return found === undefined ? undefined : canonicalTimeZone(found);
}

/** What to find zones with: the calendar's own, the definitions (VTIMEZONE) of the file for those without a known name, and the window. */
export interface ZoneSources {
  readonly timeZone: string;
  readonly definitions: readonly IcalComponent[];
  readonly fromMs: number;
  readonly untilMs: number;
  readonly budget: DayBudget;
}

export function createZoneFinder(sources: ZoneSources): ZoneFinder {
  const own = namedZone(sources.timeZone);
  const known = new Map<string, IcalZone>();
  return (tzid, line) => {
    if (tzid === null) return own;
    const zone = known.get(tzid) ?? findZone(tzid, sources);
    if (zone === undefined) {
      throw icalError(line, `there is no time zone ${tzid.slice(0, 64)}, and the file does not define it`);
    }
    known.set(tzid, zone);
    return zone;
  };
}

function findZone(tzid: string, sources: ZoneSources): IcalZone | undefined {
  const name = ianaNameOf(tzid);
  if (name !== undefined) return namedZone(name);
  const definition = sources.definitions.find((one) => propertyOf(one, 'TZID')?.value === tzid);
  return definition === undefined ? undefined : definedZone(definition, sources);
}

// A time that the clock jumps over is meant with the offset before (RFC 5545, 3.3.5); of one that comes twice, the first.

function namedZone(timeZone: string): IcalZone {
  return {
    toInstant: (localMs) =>
      instantsOfLocalTime(timeZone, localMs)[0] ?? localMs - offsetMs(timeZone, localMs - 2 * DAY_MS),
    toLocal: (atMs) => atMs + offsetMs(timeZone, atMs),
  };
}

interface Change {
  readonly atMs: number;
  readonly beforeMs: number;
  readonly afterMs: number;
}

function definedZone(definition: IcalComponent, sources: ZoneSources): IcalZone {
  const changes = definition.components.flatMap((part) => changesOf(part, sources)).sort((a, b) => a.atMs - b.atMs);
  const [first] = changes;
  if (first === undefined) throw icalError(definition.line, 'VTIMEZONE: expected STANDARD or DAYLIGHT');
  const offsetAt = (atMs: number) => changes.findLast((change) => change.atMs <= atMs)?.afterMs ?? first.beforeMs;
  const offsets = [...new Set(changes.flatMap(({ beforeMs, afterMs }) => [beforeMs, afterMs]))].sort((a, b) => b - a);
  return {
    toInstant: (localMs) => {
      const offset = offsets.find((one) => offsetAt(localMs - one) === one) ?? offsetAt(localMs - 2 * DAY_MS);
      return localMs - offset;
    },
    toLocal: (atMs) => atMs + offsetAt(atMs),
  };
}

/** Onsets are local times of the offset before (RFC 5545, 3.6.5). Two years more than the window: it begins with the offset of then. */
function changesOf(part: IcalComponent, { fromMs, untilMs, budget }: ZoneSources): Change[] {
  const [beforeMs, afterMs] = [offsetOf(part, 'TZOFFSETFROM'), offsetOf(part, 'TZOFFSETTO')];
  const zone = { toInstant: (localMs: number) => localMs - beforeMs, toLocal: (atMs: number) => atMs + beforeMs };
  const utc = { toInstant: (localMs: number) => localMs, toLocal: (atMs: number) => atMs };
  const zoneOf: ZoneFinder = (tzid) => (tzid === 'UTC' ? utc : zone);
  const property = propertyOf(part, 'DTSTART');
  const [start] = property === undefined ? [] : momentsOf(property, zoneOf);
  if (start === undefined) throw icalError(part.line, `${part.name}: expected a DTSTART`);
  const window = [fromMs - 2 * 366 * DAY_MS, untilMs + 366 * DAY_MS] as const;
  const onsets = new Set([start.localMs, ...startsOf(part, start, window, zoneOf, budget)]);
  return [...onsets].map((localMs) => ({ atMs: localMs - beforeMs, beforeMs, afterMs }));
}

function offsetOf(part: IcalComponent, name: string): number {
  const property = propertyOf(part, name);
  const match = /^([+-])(\d\d)(\d\d)(\d\d)?$/.exec(property?.value.trim() ?? '');
  if (match === null) {
    throw icalError(property?.line ?? part.line, `${part.name}: expected a ${name}, such as ${name}:+0100`);
  }
  const [, sign, hours, minutes, seconds] = match;
  const sizeMs = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds ?? 0) * SECOND_MS;
  return sign === '-' ? -sizeMs : sizeMs;
}
