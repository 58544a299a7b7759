import { DAY_MS, startOfUtcDayMs } from '../core/duration.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { ExclusionRule } from '../core/task.ts';
import { describeTimeZoneFault } from '../core/time-zone.ts';
import { type IcalComponent, icalError, parseIcal, propertiesOf, propertyOf, textOfProperty } from './ical-content.ts';
import { startsOf } from './ical-recurrence.ts';
import { DayBudget, isSubDaily } from './ical-rule.ts';
import { RuleCollector } from './ical-rules.ts';
import { durationOf, type Moment, momentsOf, type ZoneFinder } from './ical-time.ts';
import { createZoneFinder, ianaNameOf } from './ical-zone.ts';

export interface IcalOptions {
  /** Events from a year before to ten years after are read. */
  readonly nowMs: number;
  /** Instead of the one that the file names. */
  readonly timeZone: string | null;
}

/** What an iCalendar file says when nothing is to run. */
export interface IcalCalendar {
  readonly title: string | null;
  readonly timeZone: string;
  /** In the order of their times; at least one, and at most 5,000. */
  readonly rules: readonly ExclusionRule[];
  /** Events that exclude nothing, and why: the first 500. */
  readonly leftOut: readonly { readonly summary: string; readonly reason: string }[];
}

/**
 * Reads an iCalendar file (RFC 5545): all-day events become dates, all others ranges, each time that they come back.
 * @throws InvalidInputError with the path `ical`, and the line when there is one to blame.
 */
export function readIcal(text: string, { nowMs, timeZone: wanted }: IcalOptions): IcalCalendar {
  const calendars = parseIcal(text).filter(({ name }) => name === 'VCALENDAR');
  const inside = (name: string) =>
    calendars.flatMap((calendar) => calendar.components.filter((one) => one.name === name));
  const definitions = inside('VTIMEZONE');
  const timeZone = wanted ?? timeZoneOf(calendars, definitions);
  const window = { fromMs: yearsFrom(nowMs, -1), untilMs: yearsFrom(nowMs, 10) };
  const budget = new DayBudget();
  const zoneOf = createZoneFinder({ ...window, timeZone, definitions, budget });
  const events = inside('VEVENT');
  const reading = { ...window, zoneOf, budget, moved: movedInstances(events, zoneOf) };
  const found = new RuleCollector();
  const leftOut: { summary: string; reason: string }[] = [];
  for (const event of events) {
    const reason = readEvent(event, reading, found);
    const summary = textOfProperty(event, 'SUMMARY') ?? `the event of line ${event.line}`;
    if (reason !== null && leftOut.length < MAX_LEFT_OUT) leftOut.push({ summary, reason });
  }
  const rules = found.rules();
  if (rules.length === 0) throw new InvalidInputError([{ path: 'ical', message: describeNothing(leftOut) }]);
  return { title: titleOf(calendars), timeZone, rules, leftOut };
}

const MAX_LEFT_OUT = 500;

interface Reading {
  readonly zoneOf: ZoneFinder;
  readonly budget: DayBudget;
  readonly moved: MovedInstances;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Answers why an event excludes nothing; null: it does. */
function readEvent(event: IcalComponent, reading: Reading, found: RuleCollector): string | null {
  const { zoneOf } = reading;
  if (wordOf(event, 'STATUS') === 'CANCELLED') return 'it is cancelled';
  if (propertiesOf(event, 'RRULE').some(isSubDaily))
    return 'it comes back within a day; a window that comes back every week can say that';
  if (propertyOf(event, 'EXRULE') !== undefined) return 'it has an EXRULE, which is no part of iCalendar any more';
  const start = startOf(event, zoneOf);
  const lengthMs = lengthOf(event, start, zoneOf);
  if (lengthMs === 0) return 'it takes no time';
  // Holidays are often marked as free time as well, but those are whole days.
  if (wordOf(event, 'TRANSP') === 'TRANSPARENT' && !start.isDate) return 'it is marked as free time';
  const label = textOfProperty(event, 'SUMMARY');
  const { fromMs, untilMs } = windowOf(start, reading);
  let isFound = false;
  for (const localMs of instancesOf(event, start, lengthMs, reading)) {
    const startMs = start.isDate ? localMs : start.zone.toInstant(localMs);
    const endMs = startMs + lengthMs;
    if (startMs >= untilMs || endMs <= fromMs) continue;
    isFound = true;
    if (start.isDate) {
      const dates = [Math.max(startMs, fromMs), Math.min(endMs, untilMs)] as const;
      reading.budget.spend((dates[1] - dates[0]) / DAY_MS, event.line);
      found.addDates(...dates, label);
    } else {
      found.addRange(startMs, endMs, label);
    }
  }
  return isFound ? null : 'it does not fall between a year ago and ten years ahead';
}

/** Local starts that may be in the window: wall clocks are less than two days away from UTC. */
function instancesOf(event: IcalComponent, start: Moment, lengthMs: number, reading: Reading): readonly number[] {
  const { zoneOf, budget, fromMs, untilMs } = reading;
  const isExcluded = exclusionsOf(event, start, reading);
  const window = [fromMs - lengthMs - 2 * DAY_MS, untilMs + 2 * DAY_MS] as const;
  return startsOf(event, start, window, zoneOf, budget).filter((localMs) => !isExcluded(localMs));
}

/** Instances that are taken out, or that another event of the file stands for. */
function exclusionsOf(event: IcalComponent, start: Moment, { zoneOf, moved }: Reading): (localMs: number) => boolean {
  const sets = [toMomentSet(propertiesOf(event, 'EXDATE').flatMap((property) => momentsOf(property, zoneOf)))];
  const replaced = moved.get(propertyOf(event, 'UID')?.value ?? '');
  if (replaced !== undefined && propertyOf(event, 'RECURRENCE-ID') === undefined) sets.push(replaced);
  const filled = sets.filter(({ days, times }) => days.size + times.size > 0);
  if (filled.length === 0) return () => false;
  return (localMs) => {
    const dayMs = startOfUtcDayMs(localMs);
    if (start.isDate) return filled.some(({ days, daysOfTimes }) => days.has(dayMs) || daysOfTimes.has(dayMs));
    const atMs = start.zone.toInstant(localMs);
    return filled.some(({ days, times }) => days.has(dayMs) || times.has(atMs));
  };
}

/** Local days, instants, and the local days of the instants. */
interface MomentSet {
  readonly days: Set<number>;
  readonly times: Set<number>;
  readonly daysOfTimes: Set<number>;
}

function toMomentSet(moments: readonly Moment[]): MomentSet {
  const times = moments.filter(({ isDate }) => !isDate);
  return {
    days: new Set(moments.filter(({ isDate }) => isDate).map(({ localMs }) => localMs)),
    times: new Set(times.map(({ zone, localMs }) => zone.toInstant(localMs))),
    daysOfTimes: new Set(times.map(({ localMs }) => startOfUtcDayMs(localMs))),
  };
}

type MovedInstances = ReadonlyMap<string, MomentSet>;

/** By UID: the instances of events that come back which the file describes by events of their own. */
function movedInstances(events: readonly IcalComponent[], zoneOf: ZoneFinder): MovedInstances {
  const moved = new Map<string, Moment[]>();
  for (const event of events) {
    const instance = propertyOf(event, 'RECURRENCE-ID');
    const uid = propertyOf(event, 'UID')?.value;
    if (instance === undefined || uid === undefined) continue;
    const known = moved.get(uid);
    if (known === undefined) moved.set(uid, [...momentsOf(instance, zoneOf)]);
    else known.push(...momentsOf(instance, zoneOf));
  }
  return new Map([...moved].map(([uid, moments]) => [uid, toMomentSet(moments)]));
}

function startOf(event: IcalComponent, zoneOf: ZoneFinder): Moment {
  const property = propertyOf(event, 'DTSTART');
  const [start] = property === undefined ? [] : momentsOf(property, zoneOf);
  if (start === undefined) throw icalError(event.line, 'VEVENT: expected a DTSTART');
  return start;
}

/** In ms; a date without an end is one day. */
function lengthOf(event: IcalComponent, start: Moment, zoneOf: ZoneFinder): number {
  const property = propertyOf(event, 'DTEND');
  const [end] = property === undefined ? [] : momentsOf(property, zoneOf);
  if (property === undefined || end === undefined) {
    const duration = propertyOf(event, 'DURATION');
    const lengthMs = duration === undefined ? 0 : durationOf(duration);
    return start.isDate ? Math.max(DAY_MS, Math.ceil(lengthMs / DAY_MS) * DAY_MS) : lengthMs;
  }
  if (end.isDate !== start.isDate) {
    throw icalError(property.line, `DTEND: expected a ${start.isDate ? 'date' : 'time'}, as DTSTART is one`);
  }
  const lengthMs = start.isDate
    ? end.localMs - start.localMs
    : end.zone.toInstant(end.localMs) - start.zone.toInstant(start.localMs);
  if (lengthMs < 0) throw icalError(property.line, 'DTEND: expected an end after DTSTART');
  return start.isDate ? Math.max(DAY_MS, lengthMs) : lengthMs; // some programs write the day itself as its end
}

/** For dates: in whole days. */
function windowOf({ isDate }: Moment, { fromMs, untilMs }: Reading): { fromMs: number; untilMs: number } {
  return isDate ? { fromMs: startOfUtcDayMs(fromMs), untilMs: startOfUtcDayMs(untilMs) } : { fromMs, untilMs };
}

function titleOf(calendars: readonly IcalComponent[]): string | null {
  const titles = calendars.map(
    (calendar) => textOfProperty(calendar, 'X-WR-CALNAME') ?? textOfProperty(calendar, 'NAME'),
  );
  return titles.find((title) => title !== null) ?? null;
}

/** The zone that the file gives for all of it, else the first that it defines or uses, else UTC. */
function timeZoneOf(calendars: readonly IcalComponent[], definitions: readonly IcalComponent[]): string {
  for (const property of calendars.flatMap(({ properties }) => properties)) {
    if (property.name !== 'X-WR-TIMEZONE' && property.name !== 'TIMEZONE-ID') continue;
    const name = ianaNameOf(property.value);
    if (name !== undefined) return name;
    const fault = describeTimeZoneFault(property.value);
    throw icalError(property.line, `${property.name}: ${fault}. Or give the import a timeZone of its own.`);
  }
  const used = [
    ...definitions.map((definition) => propertyOf(definition, 'TZID')?.value),
    ...calendars.flatMap(({ components }) =>
      components.map((one) => propertyOf(one, 'DTSTART')?.parameters.get('TZID')),
    ),
  ];
  return (
    used.map((tzid) => (tzid === undefined ? undefined : ianaNameOf(tzid))).find((name) => name !== undefined) ?? 'UTC'
  );
}

function wordOf(event: IcalComponent, name: string): string | undefined {
  return propertyOf(event, name)?.value.trim().toUpperCase();
}

function yearsFrom(atMs: number, years: number): number {
  const at = new Date(atMs);
  return at.setUTCFullYear(at.getUTCFullYear() + years);
}

function describeNothing(leftOut: readonly { readonly summary: string; readonly reason: string }[]): string {
  const [first] = leftOut;
  if (first === undefined) return 'it has no events (VEVENT)';
  return `none of its events excludes anything; the first one, ${first.summary}, does not because ${first.reason}`;
}
