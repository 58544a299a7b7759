const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  seconds: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
};

/** Reads what people write: `90 s`, `5 min`, `1 h 30 min`, `1.5h`. A bare number is seconds. Undefined when it is none of it. */
export function parseDurationText(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Math.round(Number(trimmed) * 1_000);
  if (!/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/.test(trimmed)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const unitMs = UNITS_MS[unit ?? ''];
    if (unitMs === undefined) return undefined;
    totalMs += Number(amount) * unitMs;
  }
  return Math.round(totalMs);
}

/** The exact inverse for whole milliseconds: nothing is rounded away, `90 s` becomes `1 min 30 s`. */
export function writeDurationText(ms: number): string {
  let restMs = ms;
  const parts: string[] = [];
  for (const [unit, unitMs] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
    ['ms', 1],
  ] as const) {
    const amount = Math.floor(restMs / unitMs);
    if (amount > 0) parts.push(`${amount} ${unit}`);
    restMs -= amount * unitMs;
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}
