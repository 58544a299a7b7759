import { type LoadCell, loadCells } from '../../../api/contract/load-cells.ts';
import type { LoadCalendar, LoadDay } from '../api/shapes.ts';
import { MONTHS } from '../time/formatInstant.ts';
import { zonedParts } from '../time/zonedParts.ts';

/** A line of the heat map: a day of the week, or an hour of one day. */
export interface HeatRow {
  /** The date, or the hour. */
  readonly key: string;
  readonly text: string;
  readonly shortText: string;
  readonly cells: readonly LoadCell[];
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** The week: a line per day, cells of so many minutes on the clock. */
export function weekRows({ days, timeZone }: LoadCalendar, cellMinutes: number): HeatRow[] {
  return days.map((day) => {
    const date = new Date(`${day.date}T00:00:00Z`);
    const weekday = WEEKDAYS[date.getUTCDay()] ?? '';
    const month = MONTHS[date.getUTCMonth()] ?? '';
    return {
      key: day.date,
      text: `${weekday} ${date.getUTCDate()} ${month}`,
      shortText: `${weekday} ${date.getUTCDate()}`,
      cells: cellsOf(day, timeZone, cellMinutes),
    };
  });
}

/** One day: a line per hour, a cell per minute. */
export function dayRows(day: LoadDay, timeZone: string, cellMinutes: number): HeatRow[] {
  const cells = cellsOf(day, timeZone, cellMinutes);
  const perHour = 60 / cellMinutes;
  return Array.from({ length: 24 }, (_, hour) => {
    const text = `${String(hour).padStart(2, '0')}:00`;
    return { key: text, text, shortText: text, cells: cells.slice(hour * perHour, (hour + 1) * perHour) };
  });
}

/** The greatest known value; 0 when nothing is known. */
export function topOf(rows: readonly HeatRow[]): number {
  return Math.max(0, ...rows.flatMap(({ cells }) => cells.map(({ value }) => value ?? 0)));
}

export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

/** Where a key leads from a cell; undefined for keys that do not walk. */
export function cellAfterKey(
  key: string,
  { row, column }: CellPlace,
  rows: number,
  columns: number,
): CellPlace | undefined {
  switch (key) {
    case 'ArrowRight':
      return { row, column: Math.min(columns - 1, column + 1) };
    case 'ArrowLeft':
      return { row, column: Math.max(0, column - 1) };
    case 'ArrowDown':
      return { row: Math.min(rows - 1, row + 1), column };
    case 'ArrowUp':
      return { row: Math.max(0, row - 1), column };
    case 'Home':
      return { row, column: 0 };
    case 'End':
      return { row, column: columns - 1 };
    default:
      return undefined;
  }
}

/** `Sun 29 Mar, 12:00 to 12:15: at most 2 instances`. */
export function cellSentence(dayText: string, cell: LoadCell, cellMinutes: number): string {
  const [from, until] = [clockOf(cell.clockMinute), clockOf(cell.clockMinute + cellMinutes)];
  const when = cellMinutes === 1 ? `${dayText}, ${from}` : `${dayText}, ${from} to ${until}`;
  if (cell.atMs === null) return `${when}: the clock skips this time`;
  if (cell.value === null) return `${when}: not recorded`;
  if (cell.value === 0) return `${when}: nothing to do`;
  const count = `${cell.value} ${cell.value === 1 ? 'instance' : 'instances'}`;
  return cellMinutes === 1 ? `${when}: ${count}` : `${when}: at most ${count}`;
}

function clockOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

function cellsOf(day: LoadDay, timeZone: string, cellMinutes: number): LoadCell[] {
  return loadCells(
    Date.parse(day.from),
    day.requiredInstances,
    cellMinutes,
    (atMs) => zonedParts(atMs, timeZone).offsetMs,
  );
}
