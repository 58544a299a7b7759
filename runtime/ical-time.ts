import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import { icalError, type IcalProperty } from './ical-content.ts';

/** Turns wall-clock times, written in epoch ms as if they were UTC, into instants and back. */
export interface IcalZone {
  toInstant(localMs: number): number;
  toLocal(atMs: number): number;
}

/** A DATE or a DATE-TIME of the file. */
export interface Moment {
  readonly isDate: boolean;
  readonly localMs: number;
  readonly zone: IcalZone;
}

/** Finds zones by the names that the file gives them; null: the calendar's own, for times without one. */
export type ZoneFinder = (tzid: string | null, line: number) => IcalZone;

/** The values of DTSTART, DTEND, RECURRENCE-ID, EXDATE or RDATE; of periods, the starts. @throws InvalidInputError that names the line. */
export function momentsOf({ name, line, parameters, value }: IcalProperty, zoneOf: ZoneFinder): readonly Moment[] {
  const tzid = parameters.get('TZID') ?? null;
  return value.split(',').map((text) => {
    const match = /^\s*(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?(?:\/.*)?\s*$/i.exec(text);
    const [, year, month, day, hour, minute, second, utc] = match ?? [];
    const iso = `${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}:${second === '60' ? '59' : (second ?? '00')}.000Z`;
    const localMs = Date.parse(iso);
    if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== iso || Number(year) < FIRST_YEAR) {
      throw icalError(line, `${name}: expected a date or time from 1600 on, such as 20261225 or 20261225T180000Z`);
    }
    const isDate = hour === undefined;
    return { isDate, localMs, zone: isDate ? zoneOf(null, line) : zoneOf(utc === '' ? tzid : 'UTC', line) };
  });
}

/** In ms; days are of 24 hours. @throws InvalidInputError that names the line. */
export function durationOf({ line, value }: IcalProperty): number {
  const match = /^\+?P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/i.exec(
    value.trim(),
  );
  const parts: readonly (string | undefined)[] = match?.slice(1) ?? [];
  if (parts.every((part) => part === undefined)) {
    throw icalError(line, 'DURATION: expected a length of time, such as P1D or PT2H30M');
  }
  return parts.reduce((sum, part, index) => sum + Number(part ?? 0) * (UNITS_MS[index] ?? 0), 0);
}

const FIRST_YEAR = 1600;
const UNITS_MS = [7 * DAY_MS, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS];
