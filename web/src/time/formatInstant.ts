import { isSameDay, zonedParts } from './zonedParts.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `09:00`, or `09:00:05` with seconds. */
export function formatClock(ms: number, zone: string, seconds = false): string {
  const parts = zonedParts(ms, zone);
  const clock = `${two(parts.hour)}:${two(parts.minute)}`;
  return seconds ? `${clock}:${two(parts.second)}` : clock;
}

/** `Sat 21 Nov 2026, 09:00:00` in the zone; the zone itself is not said. */
export function formatDateTime(ms: number, zone: string): string {
  return `${formatDay(ms, zone)}, ${formatClock(ms, zone, true)}`;
}

/** `Sat 21 Nov 2026`: the day that the instant is in, in the zone. */
export function formatDay(ms: number, zone: string): string {
  const parts = zonedParts(ms, zone);
  const weekday = WEEKDAYS[new Date(Date.UTC(parts.year, parts.month - 1, parts.day)).getUTCDay()] ?? '';
  return `${weekday} ${parts.day} ${MONTHS[parts.month - 1] ?? ''} ${parts.year}`;
}

/** As short as can be read without doubt: the clock for today, else with day and month, else with the year. */
export function formatShort(ms: number, zone: string, nowMs: number, seconds = false): string {
  const clock = formatClock(ms, zone, seconds);
  if (isSameDay(ms, nowMs, zone)) return clock;
  const parts = zonedParts(ms, zone);
  const day = `${parts.day} ${MONTHS[parts.month - 1] ?? ''}`;
  return zonedParts(nowMs, zone).year === parts.year ? `${day}, ${clock}` : `${day} ${parts.year}, ${clock}`;
}

/** `UTC`, `UTC+1`, `UTC+5:30`: what a wall clock in the zone is ahead of UTC at the instant. */
export function formatOffset(ms: number, zone: string): string {
  const minutes = Math.round(zonedParts(ms, zone).offsetMs / MINUTE_MS);
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const rest = size % 60 === 0 ? '' : `:${two(size % 60)}`;
  return `UTC${minutes < 0 ? '\u2212' : '+'}${Math.floor(size / 60)}${rest}`;
}

/** `in 12 min`, `3 h ago`; null when the instant is more than a day away and a date says it better. */
export function formatRelative(ms: number, nowMs: number): string | null {
  const distanceMs = Math.abs(ms - nowMs);
  if (distanceMs >= DAY_MS) return null;
  if (distanceMs < 1_500) return 'now';
  const text = roughDuration(distanceMs);
  return ms > nowMs ? `in ${text}` : `${text} ago`;
}

/** How long something took: `402 ms`, `1.25 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function formatDuration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND_MS) return `${trimZeros((ms / SECOND_MS).toFixed(2))} s`;
  if (ms < MINUTE_MS) return `${trimZeros((ms / SECOND_MS).toFixed(1))} s`;
  if (ms < HOUR_MS) return pair(Math.round(ms / SECOND_MS), 60, 'min', 's');
  if (ms < DAY_MS) return pair(Math.round(ms / MINUTE_MS), 60, 'h', 'min');
  return pair(Math.round(ms / HOUR_MS), 24, 'd', 'h');
}

/** `1.4 MB`, in powers of 1,024. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'] as const;
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1_024 ** power;
  return `${amount >= 100 ? Math.round(amount) : trimZeros(amount.toFixed(1))} ${units[power - 1] ?? 'kB'}`;
}

function roughDuration(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.round(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  const minutes = Math.floor(ms / MINUTE_MS);
  return minutes < 180 && minutes % 60 !== 0
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : `${Math.floor(minutes / 60)} h`;
}

function pair(total: number, per: number, large: string, small: string): string {
  const rest = total % per;
  return rest === 0 ? `${Math.floor(total / per)} ${large}` : `${Math.floor(total / per)} ${large} ${rest} ${small}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
