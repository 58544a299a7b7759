import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import { CommandError } from './command-error.ts';

const UNITS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** Reads `90s`, `3m`, `2h` or `1d` as milliseconds. @throws CommandError when it is none of these. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text.trim());
  const unitMs = UNITS[match?.[2] ?? ''];
  if (match === null || unitMs === undefined)
    throw new CommandError(`"${text}" is not a duration. Write a number and a unit, such as 90s, 3m or 2h.`);
  return Number(match[1]) * unitMs;
}
