import { MINUTE_MS } from './duration.ts';

/** So few starts say less than what was configured. */
const ENOUGH_STARTS = 5;
const LONGEST_MS = 10 * MINUTE_MS;

/**
 * How long before its work a replica must be asked for: as long as 19 of 20 starts took, no less than `floorMs` and
 * no more than ten minutes; what was configured while there are fewer than five starts to go by.
 */
export function leadTimeMs(
  measured: { readonly samples: number; readonly p95Ms: number | undefined },
  { configuredMs, floorMs }: { readonly configuredMs: number; readonly floorMs: number },
): number {
  if (measured.samples < ENOUGH_STARTS || measured.p95Ms === undefined) return configuredMs;
  return Math.min(LONGEST_MS, Math.max(floorMs, Math.ceil(measured.p95Ms)));
}
