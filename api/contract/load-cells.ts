import { DAY_MS, MINUTE_MS } from '../../core/duration.ts';

/** A stretch of a wall clock within one day. */
export interface LoadCell {
  /** Minutes on the clock since midnight. */
  readonly clockMinute: number;
  /** When it begins, epoch ms; null: the clock never shows it on this day. */
  readonly atMs: number | null;
  /** The greatest of its minutes; null: nobody knows any of them. */
  readonly value: number | null;
}

/** Clocks change at whole quarters of an hour. */
const QUARTER_MS = 15 * MINUTE_MS;

/**
 * One day as cells of equal length on the clock, so that the cells of all days stand below each other whatever the clocks do: an hour that
 * comes twice shares its cells, one that the clock jumps over has empty ones. `minutes` are those of the day from `fromMs` on;
 * `offsetAt` is local time minus UTC in ms; `cellMinutes` divides 1,440.
 */
export function loadCells(
  fromMs: number,
  minutes: readonly (number | null)[],
  cellMinutes: number,
  offsetAt: (atMs: number) => number,
): LoadCell[] {
  const cells = Array.from({ length: DAY_MS / MINUTE_MS / cellMinutes }, (_, index): LoadCell => ({
    clockMinute: index * cellMinutes,
    atMs: null,
    value: null,
  }));
  let [offset, knownUntilMs] = [0, -Infinity];
  for (const [minute, value] of minutes.entries()) {
    const atMs = fromMs + minute * MINUTE_MS;
    if (atMs >= knownUntilMs) {
      offset = offsetAt(atMs);
      knownUntilMs = (Math.floor(atMs / QUARTER_MS) + 1) * QUARTER_MS;
    }
    const local = atMs + offset;
    const clockMinute = (local - Math.floor(local / DAY_MS) * DAY_MS) / MINUTE_MS;
    const index = Math.floor(clockMinute / cellMinutes);
    const cell = cells[index];
    if (cell === undefined) continue;
    cells[index] = {
      ...cell,
      atMs: cell.atMs ?? atMs,
      value: value === null ? cell.value : Math.max(value, cell.value ?? 0),
    };
  }
  return cells;
}
