/** The database's clock, as well as it can be known without asking at every look. */
export interface ReferenceClock {
  /** Epoch ms on the database's clock. */
  nowMs(): number;
  /** Asks again; call it at start and every so often. */
  synchronise(): Promise<void>;
}

const SAMPLES = 5;

/**
 * Follows the clock that `read` gives (epoch ms), by the quickest of a few answers: half of that round trip bounds the error.
 * Between two synchronisations time is counted on the monotonic clock, so a jump of the system's clock changes nothing.
 */
export function createReferenceClock(read: () => Promise<number>): ReferenceClock {
  let offsetMs = Date.now() - performance.now();
  return {
    nowMs: () => performance.now() + offsetMs,
    async synchronise() {
      let bestRoundTripMs = Infinity;
      for (let sample = 0; sample < SAMPLES; sample += 1) {
        const askedMs = performance.now();
        const thereMs = await read();
        const roundTripMs = performance.now() - askedMs;
        if (roundTripMs >= bestRoundTripMs) continue;
        bestRoundTripMs = roundTripMs;
        offsetMs = thereMs - (askedMs + roundTripMs / 2);
      }
    },
  };
}
