const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/**
 * How long to rest before trying again, in ms, after `failures` (1 for the first) failures in a row. `jitter` is a number in [0, 1):
 * waits are drawn from the upper half, so that they grow and yet many processes do not come back at the same instant.
 */
export function backoffMs(failures: number, jitter: number): number {
  const ceilingMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1));
  return ceilingMs * (0.5 + jitter / 2);
}
