import { Instant } from '../api/contract/common.ts';
import { CommandError } from './command-error.ts';
import { parseDuration } from './parse-duration.ts';

/**
 * Reads an instant as people type it: `now`, `now-2h`, `-2h`, `+90m`, or ISO 8601 with an offset. Answers ISO 8601 in UTC.
 * @throws CommandError when it is none of these.
 */
export function readInstant(text: string, nowMs: number): string {
  const relative = /^(?:now)?(?:([+-])(\d+[smhd]))?$/.exec(text);
  if (relative !== null && text !== '') {
    const [, sign = '+', duration = '0s'] = relative;
    const atMs = nowMs + (sign === '-' ? -1 : 1) * parseDuration(duration);
    return new Date(atMs).toISOString();
  }
  const parsed = Instant.safeParse(text);
  if (parsed.success) return new Date(parsed.data).toISOString();
  throw new CommandError(
    `"${text}" is not an instant. Write one with an offset, such as 2026-11-21T09:00:00Z, or one from now, such as -2h or +90m.`,
  );
}

/** `-2h` looks like options to a parser of command lines; `now-2h` means the same and does not. */
export function shieldRelativeInstants(args: readonly string[]): string[] {
  return args.map((arg) => (/^-\d+[smhd]$/.test(arg) ? `now${arg}` : arg));
}
