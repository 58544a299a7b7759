import { formatLocalTime } from '../core/time-zone.ts';

/** Rows below their header, each column as wide as its widest cell. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows].map((row) => row.map(printable));
  const widths = header.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))));
  return lines.map((line) => padded(line, widths)).join('\n');
}

/** One line for each pair; those without a value are left out. */
export function formatFacts(facts: readonly (readonly [string, string | number | null])[]): string {
  const known = facts.filter(([, value]) => value !== null && value !== '');
  const width = Math.max(0, ...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${printable(String(value))}`).join('\n');
}

/** An instant of an answer on the clock of `timeZone`, with its offset; nothing for null. */
export function formatInstant(instant: string | null, timeZone: string): string {
  return instant === null ? '' : formatLocalTime(timeZone, Date.parse(instant));
}

/** Text of others for a terminal, in one line: what would move its cursor, change its colours or turn the text round is taken out. */
export function printable(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu, '');
}

function padded(line: readonly string[], widths: readonly number[]): string {
  return line
    .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
    .join('  ')
    .trimEnd();
}

const characters = new Intl.Segmenter();

/** Characters as a reader counts them. */
function widthOf(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : [...characters.segment(text)].length;
}
