import { DAY_MS, startOfUtcDayMs } from '../core/duration.ts';
import { type IcalComponent, type IcalProperty, propertiesOf } from './ical-content.ts';
import { type DayBudget, type IcalRule, parseRule, repetitions } from './ical-rule.ts';
import { type Moment, momentsOf, type ZoneFinder } from './ical-time.ts';

/**
 * When an event starts, without what EXDATE takes out: local times in its zone in [fromLocalMs, untilLocalMs), each once, in no particular
 * order, from DTSTART, RRULE and RDATE.
 */
export function startsOf(
  event: IcalComponent,
  start: Moment,
  [fromLocalMs, untilLocalMs]: readonly [number, number],
  zoneOf: ZoneFinder,
  budget: DayBudget,
): readonly number[] {
  const starts = new Set([start.localMs]);
  for (const property of propertiesOf(event, 'RRULE')) {
    const rule = parseRule(property);
    const untilMs = Math.min(untilLocalMs, lastStartOf(rule, property, start, zoneOf) + 1);
    for (const localMs of repetitions(rule, start.localMs, fromLocalMs, untilMs, budget)) starts.add(localMs);
  }
  for (const property of propertiesOf(event, 'RDATE')) {
    for (const moment of momentsOf(property, zoneOf)) starts.add(localIn(start, moment));
  }
  return [...starts].filter((localMs) => localMs >= fromLocalMs && localMs < untilLocalMs);
}

/** What a moment is on the wall clock of an event; a date is the same everywhere. */
export function localIn(event: Moment, moment: Moment): number {
  if (event.isDate) return startOfUtcDayMs(moment.localMs);
  const isSame = moment.isDate || moment.zone === event.zone;
  return isSame ? moment.localMs : event.zone.toLocal(moment.zone.toInstant(moment.localMs));
}

function lastStartOf(rule: IcalRule, property: IcalProperty, start: Moment, zoneOf: ZoneFinder): number {
  if (rule.until === null) return Infinity;
  const [last] = momentsOf({ ...property, name: 'RRULE UNTIL', value: rule.until }, zoneOf);
  if (last === undefined) return Infinity;
  return localIn(start, last) + (last.isDate && !start.isDate ? DAY_MS - 1 : 0);
}
