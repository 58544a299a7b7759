import { zonedParts } from '../time/zonedParts.ts';

const MINUTE_MS = 60_000;
const STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1_000] as const;
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

/** Whole numbers from 0 to `top` or a little over it, about five of them, at even distances. */
export function ticksUpTo(top: number): readonly number[] {
  const step = STEPS.find((one) => top / one <= 6) ?? Math.ceil(top / 6);
  return Array.from({ length: Math.ceil(top / step) + 1 }, (_, place) => place * step);
}
