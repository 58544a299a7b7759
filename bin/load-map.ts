import type { LoadCalendar, LoadDay } from '../api/contract/load-calendar.ts';
import { loadCells } from '../api/contract/load-cells.ts';
import { offsetMs } from '../core/time-zone.ts';

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const HALF_HOUR = 30;
export const MAP_LEGEND = '1-9: ninths of the peak; ".": nothing; blank: not known';

/** A line per day, a column per half hour of the wall clock: the greatest value of its minutes. */
export function weekMap({ days, timeZone, peak }: LoadCalendar): string {
  const most = peak?.requiredInstances ?? 0;
  const lines = days.map((day) => {
    const values = cellsOf(day, timeZone, HALF_HOUR).map(({ value }) => value);
    const known = values.filter((value) => value !== null);
    return `${dayName(day)}  ${markOf(values, most)}  ${known.length === 0 ? '' : Math.max(...known)}`.trimEnd();
  });
  const hours = Array.from({ length: 8 }, (_, index) =>
    String(index * 3)
      .padStart(2, '0')
      .padEnd(6),
  ).join('');
  return [`${' '.repeat(16)}${hours}  most`, ...lines].join('\n');
}

/** A line per hour of the wall clock, a column per minute. */
export function dayMap(day: LoadDay, timeZone: string): string {
  const cells = cellsOf(day, timeZone, 1).map(({ value }) => value);
  const most = cells.reduce<number>((greatest, value) => Math.max(greatest, value ?? 0), 0);
  const tens = Array.from({ length: 6 }, (_, index) => `:${index}0`.padEnd(10)).join('');
  const lines = Array.from({ length: 24 }, (_, hour) => {
    const minutes = cells.slice(hour * 60, (hour + 1) * 60);
    return `${String(hour).padStart(2, '0')}:00  ${markOf(minutes, most)}`.trimEnd();
  });
  return [`       ${tens.trimEnd()}`, ...lines].join('\n');
}

function cellsOf(day: LoadDay, timeZone: string, cellMinutes: number) {
  return loadCells(Date.parse(day.from), day.requiredInstances, cellMinutes, (atMs) => offsetMs(timeZone, atMs));
}

function dayName({ date }: LoadDay): string {
  return `${WEEKDAYS[new Date(date).getUTCDay()] ?? ''} ${date}`;
}

function markOf(values: readonly (number | null)[], most: number): string {
  return values
    .map((value) => {
      if (value === null) return ' ';
      return value === 0 ? '.' : String(Math.max(1, Math.ceil((9 * value) / Math.max(most, value))));
    })
    .join('');
}
