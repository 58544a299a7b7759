let offsetMs = 0;

/**
 * Learns the server's clock from the `Date` header of an answer. The header has whole seconds and the answer took its
 * time, so that only a difference of more than five seconds counts as one.
 */
export function noteServerTime(dateHeader: string | null, sentAtMs: number, receivedAtMs: number): void {
  const serverMs = dateHeader === null ? Number.NaN : Date.parse(dateHeader);
  if (Number.isNaN(serverMs)) return;
  const differenceMs = serverMs + 500 - (sentAtMs + receivedAtMs) / 2;
  offsetMs = Math.abs(differenceMs) > 5_000 ? differenceMs : 0;
}

/** The server's now, in epoch ms, as far as this browser knows. */
export function serverNowMs(): number {
  return Date.now() + offsetMs;
}

/** Server minus browser, in ms; 0 while they agree within five seconds. */
export function clockOffsetMs(): number {
  return offsetMs;
}
