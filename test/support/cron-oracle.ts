import { type DstPolicy } from '../../core/task.ts';

/** One step of a walk through time: an instant and what the clock on the wall shows, written as if it were UTC. */
export interface Tick {
  readonly atMs: number;
  readonly wallMs: number;
}

/** Walks through UTC time and asks the runtime for the wall clock at each step. Slow and obvious on purpose. */
export function walkClock(timeZone: string, fromMs: number, untilMs: number, stepMs: number): readonly Tick[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    dateStyle: 'short', // 29/03/2026, 03:00:00
    timeStyle: 'medium',
  });
  const ticks: Tick[] = [];
  for (let atMs = fromMs; atMs < untilMs; atMs += stepMs) {
    const [, day, month, year, hour, minute, second] = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/.exec(
      format.format(atMs),
    ) as unknown as string[];
    ticks.push({
      atMs,
      wallMs: Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)),
    });
  }
  return ticks;
}

/**
 * What an expression should do over a whole walk. The walk must reach a day further than the part that is looked at, so that both
 * passes of a repeated time are in it.
 */
export function oracleOccurrences(ticks: readonly Tick[], expression: string, dst: DstPolicy): readonly number[] {
  const fields = readWrittenFields(expression);
  const matches = wallClockMatcher(fields);
  const matching = ticks.filter((tick) => matches(tick.wallMs));
  if (fields.isStepped) return matching.map((tick) => tick.atMs);

  const instants = new Set<number>();
  const passes = new Map<number, number[]>();
  for (const { atMs, wallMs } of matching) passes.set(wallMs, [...(passes.get(wallMs) ?? []), atMs]);
  for (const times of passes.values()) {
    if (dst.repeat === 'first') instants.add(Math.min(...times));
    else if (dst.repeat === 'last') instants.add(Math.max(...times));
    else for (const atMs of times) instants.add(atMs);
  }

  const stepMs = Number(ticks[1]?.atMs) - Number(ticks[0]?.atMs);
  let previousWallMs: number | undefined;
  for (const { atMs, wallMs } of ticks) {
    for (let missed = (previousWallMs ?? wallMs) + stepMs; missed < wallMs; missed += stepMs) {
      if (dst.gap === 'shift' && matches(missed)) instants.add(atMs);
    }
    previousWallMs = wallMs;
  }
  return [...instants].sort((a, b) => a - b);
}

type FieldMatcher = (value: number) => boolean;

/** The written fields of an expression, each by itself, read without any of the product's code. */
export interface WrittenFields {
  readonly isSecond: FieldMatcher;
  readonly isMinute: FieldMatcher;
  readonly isHour: FieldMatcher;
  /** Month, day of month and day of week of a local date, given as an instant of that date as if it were UTC. */
  readonly isDate: FieldMatcher;
  /** The minute or the hour field starts with a star: elapsed time counts. */
  readonly isStepped: boolean;
}

export function readWrittenFields(expression: string): WrittenFields {
  const words = expression.split(' ');
  const [second, minute, hour, dayOfMonth, month, dayOfWeek] = (words.length === 5 ? ['0', ...words] : words) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const isMonth = fieldMatcher(month, 1, 12);
  return {
    isSecond: fieldMatcher(second, 0, 59),
    isMinute: fieldMatcher(minute, 0, 59),
    isHour: fieldMatcher(hour, 0, 23),
    isDate: (wallMs) => {
      const wall = new Date(wallMs);
      return isMonth(wall.getUTCMonth() + 1) && isDay(wall, dayOfMonth, dayOfWeek);
    },
    isStepped: minute.startsWith('*') || hour.startsWith('*'),
  };
}

function wallClockMatcher({ isSecond, isMinute, isHour, isDate }: WrittenFields): FieldMatcher {
  return (wallMs) => {
    const wall = new Date(wallMs);
    return (
      isSecond(wall.getUTCSeconds()) && isMinute(wall.getUTCMinutes()) && isHour(wall.getUTCHours()) && isDate(wallMs)
    );
  };
}

function isDay(wall: Date, dayOfMonth: string, dayOfWeek: string): boolean {
  const day = wall.getUTCDate();
  const isLastDay = new Date(wall.getTime() + 86_400_000).getUTCDate() === 1;
  const isLastWeek = new Date(wall.getTime() + 7 * 86_400_000).getUTCMonth() !== wall.getUTCMonth();
  const byMonth = dayOfMonth.split(',').some((item) => (item === 'L' ? isLastDay : fieldMatcher(item, 1, 31)(day)));
  const byWeek = dayOfWeek.split(',').some((item) => {
    const isNamed = (name: string | undefined) => Number(name) % 7 === wall.getUTCDay();
    if (item.endsWith('L')) return isNamed(item.slice(0, -1)) && isLastWeek;
    if (item.includes('#'))
      return isNamed(item.split('#')[0]) && `${Math.floor((day - 1) / 7) + 1}` === item.split('#')[1];
    return fieldMatcher(item, 0, 6)(wall.getUTCDay()) || (wall.getUTCDay() === 0 && fieldMatcher(item, 0, 6)(7));
  });
  if (dayOfMonth === '*') return byWeek;
  return dayOfWeek === '*' ? byMonth : byMonth || byWeek;
}

function fieldMatcher(text: string, min: number, max: number): FieldMatcher {
  const items = text.split(',').map((item): FieldMatcher => {
    const [range, step] = item.split('/') as [string, string | undefined];
    const [from, to] = range === '*' ? [min, max] : (range.split('-').map(Number) as [number, number | undefined]);
    const last = to ?? (step === undefined ? from : max);
    return (value) => value >= from && value <= last && (value - from) % Number(step ?? 1) === 0;
  });
  return (value) => items.some((item) => item(value));
}
