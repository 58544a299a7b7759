import { zonedParts } from './zonedParts.ts';

/** What a wall-clock time means in a zone. A gap's `ms` is the first valid instant after it, a fold's is the first of the two. */
export type WallInstant =
  | { readonly kind: 'unique'; readonly ms: number }
  | { readonly kind: 'gap'; readonly ms: number }
  | { readonly kind: 'fold'; readonly ms: number; readonly secondMs: number }
  | { readonly kind: 'unreadable' };

const WALL_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/;
const DAY_MS = 86_400_000;

/** Reads `2026-11-21T09:00`, as a `datetime-local` field gives it, in the zone. */
export function wallTimeToInstant(text: string, zone: string): WallInstant {
  const match = WALL_TIME.exec(text);
  if (match === null) return { kind: 'unreadable' };
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1).map((part) => Number(part));
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second || 0);
  if (Number.isNaN(wallMs) || new Date(wallMs).getUTCDate() !== day) return { kind: 'unreadable' };

  // No zone is ever a whole day from UTC, so its offsets a day before and after are all that can be meant.
  const offsets = [zonedParts(wallMs - DAY_MS, zone).offsetMs, zonedParts(wallMs + DAY_MS, zone).offsetMs];
  const candidates = [...new Set(offsets.map((offsetMs) => wallMs - offsetMs))].sort((a, b) => a - b);
  const valid = candidates.filter((ms) => ms + zonedParts(ms, zone).offsetMs === wallMs);
  const [first, later] = valid;
  if (first !== undefined && later !== undefined) return { kind: 'fold', ms: first, secondMs: later };
  if (first !== undefined) return { kind: 'unique', ms: first };
  return { kind: 'gap', ms: endOfGap(candidates[0] ?? wallMs, candidates.at(-1) ?? wallMs, zone) };
}

/** The inverse: what a `datetime-local` field shows for the instant. Seconds are kept only when there are any. */
export function instantToWallTime(ms: number, zone: string): string {
  const wall = new Date(ms + zonedParts(ms, zone).offsetMs).toISOString();
  return wall.slice(17, 19) === '00' ? wall.slice(0, 16) : wall.slice(0, 19);
}

/** The clock jumps somewhere between the two instants; halving finds where, to the second. */
function endOfGap(beforeMs: number, afterMs: number, zone: string): number {
  let [low, high] = [beforeMs, afterMs];
  const offsetBefore = zonedParts(low, zone).offsetMs;
  while (high - low > 1_000) {
    const middle = low + Math.floor((high - low) / 2_000) * 1_000;
    if (zonedParts(middle, zone).offsetMs === offsetBefore) low = middle;
    else high = middle;
  }
  return high;
}
