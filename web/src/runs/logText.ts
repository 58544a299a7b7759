import type { LogLine } from '../api/shapes.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The lines of the wanted levels that contain the text, case ignored. */
export function filterLog(lines: readonly LogLine[], levels: ReadonlySet<LogLevel>, text: string): readonly LogLine[] {
  const wanted = text.trim().toLowerCase();
  return lines.filter(
    (line) => levels.has(line.level) && (wanted === '' || line.message.toLowerCase().includes(wanted)),
  );
}

/** The log as plain text, one line each with its instant in UTC, fit for a report or an issue. */
export function logAsText(lines: readonly LogLine[]): string {
  return lines.map((line) => `${line.at} ${line.level.toUpperCase().padEnd(5)} ${line.message}`).join('\n');
}
