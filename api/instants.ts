/** Instants in JSON are ISO 8601 in UTC with milliseconds. */
export function toInstant(atMs: number): string {
  return new Date(atMs).toISOString();
}

export function toInstantOrNull(atMs: number | null): string | null {
  return atMs === null ? null : toInstant(atMs);
}

/** The text has passed the contract's `Instant`; parts of a millisecond are cut off. */
export function fromInstant(text: string): number {
  return Date.parse(text);
}

export function fromInstantOrNull(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : fromInstant(text);
}
