import { zonedParts } from '../time/zonedParts.ts';

const MINUTE_MS = 60_000;
const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720] as const;

/** Round times on the zone's wall clock between two instants, at most `most` of them. */
export function timeTicks(fromMs: number, untilMs: number, zone: string, most: number): readonly number[] {
  const spanMs = untilMs - fromMs;
  const stepMin = STEPS_MIN.find((minutes) => spanMs / (minutes * MINUTE_MS) <= most) ?? 1_440;
  const stepMs = stepMin * MINUTE_MS;
  const offsetMs = zonedParts(fromMs, zone).offsetMs;
  const ticks: number[] = [];
  for (let ms = Math.ceil((fromMs + offsetMs) / stepMs) * stepMs - offsetMs; ms <= untilMs; ms += stepMs)
    ticks.push(ms);
  return ticks;
}
