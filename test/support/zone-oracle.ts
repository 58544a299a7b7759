import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../core/duration.ts';
import { type DstPolicy } from '../../core/task.ts';
import { type Transition } from '../../core/time-zone.ts';
import { readWrittenFields, type WrittenFields } from './cron-oracle.ts';

/**
 * The reference of `cron-oracle.ts` for very many walks: one stretch of UTC, second by second, with what the clock on the wall shows at
 * each. The clock is read once, and shared by all expressions that are asked about the stretch.
 */
export interface ClockWalk {
  readonly fromMs: number;
  readonly untilMs: number;
  /** One per second. */
  readonly shown: WallTimes;
  /** The wall-clock times that no second of the walk shows, because the clock jumped over them. */
  readonly missed: WallTimes;
  /** The instant at which the clock had jumped over each of `missed`. */
  readonly landedMs: readonly number[];
}

/** Wall-clock times, taken apart once. */
interface WallTimes {
  readonly wallMs: Float64Array;
  readonly seconds: Uint8Array;
  readonly minutes: Uint8Array;
  readonly hours: Uint8Array;
  /** Positions in `dates`. */
  readonly days: Uint8Array;
  /** Midnights as if they were UTC. */
  readonly dates: readonly number[];
}

/** Reads the wall clock of a zone from the runtime; what it shows is written as if it were UTC. */
export type WallClock = (atMs: number) => number;

export function openWallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (atMs) => {
    const text = format.format(atMs); // 29/03/2026, 03:00:00
    const number = (from: number, to: number) => Number(text.slice(from, to));
    return Date.UTC(number(6, 10), number(3, 5) - 1, number(0, 2), number(12, 14), number(15, 17), number(18, 20));
  };
}

/**
 * Every change of a clock in [fromMs, untilMs), found without any of the product's code by a look at the clock each day.
 * Two changes within a day that cancel each other out would stay unseen.
 */
export function changesOfClock(clock: WallClock, fromMs: number, untilMs: number): readonly Transition[] {
  const found: Transition[] = [];
  const lastMs = untilMs - SECOND_MS;
  let beforeMs = fromMs - SECOND_MS;
  let beforeOffsetMs = clock(beforeMs) - beforeMs;
  while (beforeMs < lastMs) {
    const lookMs = Math.min(beforeMs + DAY_MS, lastMs);
    const afterOffsetMs = clock(lookMs) - lookMs;
    if (afterOffsetMs !== beforeOffsetMs) {
      let [low, high] = [beforeMs, lookMs];
      while (high - low > SECOND_MS) {
        const middle = low + Math.floor((high - low) / SECOND_MS / 2) * SECOND_MS;
        if (clock(middle) - middle === beforeOffsetMs) low = middle;
        else high = middle;
      }
      found.push({ atMs: high, beforeOffsetMs, afterOffsetMs });
    }
    beforeMs = lookMs;
    beforeOffsetMs = afterOffsetMs;
  }
  return found;
}

/** The bounds are full minutes. The clock is asked at each minute, and at each second of a minute in which it is not steady. */
export function walkSeconds(clock: WallClock, fromMs: number, untilMs: number): ClockWalk {
  const shown = new Float64Array((untilMs - fromMs) / SECOND_MS);
  const missed: number[] = [];
  const landedMs: number[] = [];
  let index = 0;
  let nextWallMs = clock(fromMs);
  for (let minuteMs = fromMs; minuteMs < untilMs; minuteMs += MINUTE_MS) {
    const wallMs = nextWallMs;
    nextWallMs = clock(minuteMs + MINUTE_MS);
    const isSteady = nextWallMs - wallMs === MINUTE_MS;
    for (let passedMs = 0; passedMs < MINUTE_MS; passedMs += SECOND_MS) {
      const atMs = minuteMs + passedMs;
      const currentMs = isSteady ? wallMs + passedMs : clock(atMs);
      for (let overMs = Number(shown[index - 1]) + SECOND_MS; overMs < currentMs; overMs += SECOND_MS) {
        missed.push(overMs);
        landedMs.push(atMs);
      }
      shown[index] = currentMs;
      index += 1;
    }
  }
  return { fromMs, untilMs, shown: takeApart(shown), missed: takeApart(Float64Array.from(missed)), landedMs };
}

/** What an expression does during a walk under any policy. Both passes of a repeated time must lie in the walk. */
export function walkedOccurrences(walk: ClockWalk, expression: string): (dst: DstPolicy) => readonly number[] {
  const fields = readWrittenFields(expression);
  const matching = matchingIndexes(walk.shown, fields);
  const instantOf = (index: number) => walk.fromMs + index * SECOND_MS;
  if (fields.isStepped) {
    const instants = matching.map(instantOf);
    return () => instants;
  }
  const passes = new Map<number, number[]>();
  for (const index of matching) {
    const wallMs = Number(walk.shown.wallMs[index]);
    passes.set(wallMs, [...(passes.get(wallMs) ?? []), instantOf(index)]);
  }
  const landings = matchingIndexes(walk.missed, fields).map((index) => Number(walk.landedMs[index]));
  return (dst) => {
    const instants = new Set<number>(dst.gap === 'shift' ? landings : []);
    for (const times of passes.values()) {
      if (dst.repeat === 'first') instants.add(Math.min(...times));
      else if (dst.repeat === 'last') instants.add(Math.max(...times));
      else for (const atMs of times) instants.add(atMs);
    }
    return [...instants].sort((a, b) => a - b);
  };
}

/** What an interval does during a walk: it asks at each second whether a whole number of turns has passed since the start. */
export function walkedInterval(walk: ClockWalk, everyMs: number, startsAtMs: number): readonly number[] {
  const instants: number[] = [];
  for (let atMs = walk.fromMs; atMs < walk.untilMs; atMs += SECOND_MS) {
    if (atMs >= startsAtMs && (atMs - startsAtMs) % everyMs === 0) instants.push(atMs);
  }
  return instants;
}

function takeApart(wallMs: Float64Array): WallTimes {
  const { length } = wallMs;
  const seconds = new Uint8Array(length);
  const minutes = new Uint8Array(length);
  const hours = new Uint8Array(length);
  const days = new Uint8Array(length);
  const dates: number[] = [];
  for (let index = 0; index < length; index += 1) {
    const atMs = Number(wallMs[index]);
    const dateMs = Math.floor(atMs / DAY_MS) * DAY_MS;
    const second = (atMs - dateMs) / SECOND_MS;
    if (!dates.includes(dateMs)) dates.push(dateMs);
    seconds[index] = second % 60;
    minutes[index] = Math.floor(second / 60) % 60;
    hours[index] = Math.floor(second / 3_600);
    days[index] = dates.indexOf(dateMs);
  }
  return { wallMs, seconds, minutes, hours, days, dates };
}

function matchingIndexes(times: WallTimes, fields: WrittenFields): number[] {
  const { seconds, minutes, hours, days, dates } = times;
  const isSecond = Array.from({ length: 60 }, (_, value) => fields.isSecond(value));
  const isMinute = Array.from({ length: 60 }, (_, value) => fields.isMinute(value));
  const isHour = Array.from({ length: 24 }, (_, value) => fields.isHour(value));
  const isDate = dates.map(fields.isDate);
  const found: number[] = [];
  for (let index = 0; index < seconds.length; index += 1) {
    if (
      isSecond[Number(seconds[index])] === true &&
      isMinute[Number(minutes[index])] === true &&
      isHour[Number(hours[index])] === true &&
      isDate[Number(days[index])] === true
    ) {
      found.push(index);
    }
  }
  return found;
}
