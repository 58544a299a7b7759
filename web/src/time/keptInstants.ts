import { instantToWallTime } from './wallTime.ts';

/**
 * An instant beside the text that a field showed for it at first. A wall clock has no milliseconds and shows some times twice, so a field
 * that was not touched means this very instant, not what its text would be read as.
 */
export interface KeptInstant {
  readonly field: string;
  readonly text: string;
  readonly zone: string;
  /** As the server gave it. */
  readonly at: string;
}

export function keepInstant(field: string, at: string, zone: string): KeptInstant {
  return { field, text: instantToWallTime(Date.parse(at), zone), zone, at };
}

/** Undefined when the field says something else by now. */
export function keptInstant(
  kept: readonly KeptInstant[],
  field: string,
  text: string,
  zone: string,
): string | undefined {
  return kept.find((one) => one.field === field && one.text === text && one.zone === zone)?.at;
}
