import { MINUTE_MS } from './duration.ts';
import { SLOT_WORK_MS } from './forecast.ts';

/** So few starts say less than what was configured. */
const ENOUGH_STARTS = 5;
const LONGEST_MS = 10 * MINUTE_MS;

/** How long replicas took from being asked for to taking work. Without samples there are no quantiles. */
export interface MeasuredLead {
  readonly samples: number;
  readonly p95Ms: number | undefined;
  readonly p995Ms: number | undefined;
}

/**
 * How long before its work a replica must be asked for: 19 of 20 are there before the work then, and all but one of 200 within the nine
 * seconds in which the work is still punctual: a run that needs a slot of its own has no other to wait for. No less than `floorMs` and no
 * more than ten minutes; what was configured while there are fewer than five starts to go by.
 */
export function leadTimeMs(
  { samples, p95Ms, p995Ms }: MeasuredLead,
  { configuredMs, floorMs }: { readonly configuredMs: number; readonly floorMs: number },
): number {
  if (samples < ENOUGH_STARTS || p95Ms === undefined || p995Ms === undefined) return configuredMs;
  return Math.min(LONGEST_MS, Math.max(floorMs, Math.ceil(p95Ms), Math.ceil(p995Ms - SLOT_WORK_MS)));
}
