export interface ZonedParts {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Wall clock minus UTC. */
  readonly offsetMs: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a wall clock in the zone shows at the instant. A zone that this browser does not know is read as UTC. */
export function zonedParts(ms: number, zone: string): ZonedParts {
  const found = new Map(
    formatFor(zone)
      .formatToParts(ms)
      .map((part) => [part.type, part.value]),
  );
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(found.get(type));
  const [year, month, day] = [number('year'), number('month'), number('day')];
  const [hour, minute, second] = [number('hour'), number('minute'), number('second')];
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  return { year, month, day, hour, minute, second, offsetMs: wallMs - Math.floor(ms / 1_000) * 1_000 };
}

export function isSameDay(oneMs: number, otherMs: number, zone: string): boolean {
  const [one, other] = [zonedParts(oneMs, zone), zonedParts(otherMs, zone)];
  return one.day === other.day && one.month === other.month && one.year === other.year;
}

export function isKnownZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: isKnownZone(zone) ? zone : 'UTC',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}
