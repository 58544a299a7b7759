import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/duration.ts';
import { type Transition } from '../../core/time-zone.ts';

/** Numbers from 0 up to and without 1. */
export type Random = () => number;

/** The same numbers for the same seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Cron expressions of every sort whose times fall in or near those that a change of the clocks leaves out or repeats: fixed, listed,
 * stepped, ranges, with seconds, and bound to the date of the change by each sort of day field.
 */
export function schedulesAround(change: Transition, random: Random): readonly string[] {
  const before = change.atMs + change.beforeOffsetMs;
  const after = change.atMs + change.afterOffsetMs;
  const [fromMs, untilMs] = [Math.min(before, after), Math.max(before, after)];
  const whole = (min: number, max: number) => min + Math.floor(random() * (max - min + 1));
  const pick = <T>(values: readonly T[]): T => values[whole(0, values.length - 1)] as T;
  /** In the times that are left out or repeated, or up to an hour next to them. */
  const near = () => {
    const marginMs = random() < 0.7 ? 0 : HOUR_MS;
    return new Date(fromMs - marginMs + Math.floor(random() * (untilMs - fromMs + 2 * marginMs)));
  };
  const minuteAndHour = (date: Date) => `${date.getUTCMinutes()} ${date.getUTCHours()}`;

  const edge = new Date(pick([fromMs - SECOND_MS, fromMs, untilMs - SECOND_MS, untilMs]));
  const [one, two, three, fine] = [near(), near(), near(), near()];
  const firstHour = Math.min(one.getUTCHours(), two.getUTCHours());
  const lastHour = Math.max(one.getUTCHours(), two.getUTCHours());
  const hours = firstHour === lastHour ? `${firstHour}` : `${firstHour}-${lastHour}`;
  const list = (...values: readonly number[]) => [...new Set(values)].join(',');
  const start = whole(0, 29);
  const minuteStep = `${start}-${whole(start + 10, 59)}/${whole(1, 10)}`;
  return [
    `${minuteAndHour(one)} * * *`,
    `${edge.getUTCSeconds()} ${minuteAndHour(edge)} * * *`,
    `${list(0, fine.getUTCSeconds(), whole(1, 59))} ${minuteAndHour(fine)} * * *`,
    `* ${minuteAndHour(fine)} * * *`,
    `${list(one.getUTCMinutes(), two.getUTCMinutes(), whole(0, 59))} ${list(one.getUTCHours(), two.getUTCHours(), whole(0, 23))} * * *`,
    `${two.getUTCMinutes()} ${hours} * * *`,
    `${minuteStep} ${hours} * * *`,
    `${whole(0, 49)}/${whole(1, 10)} ${three.getUTCHours()} * * *`,
    `*/${whole(2, 40)} * * * *`,
    `*/${whole(2, 40)} ${hours} * * *`,
    `${three.getUTCMinutes()} */${whole(2, 12)} * * *`,
    `${minuteAndHour(three)} ${boundToDate(three, pick)}`,
    `${minuteAndHour(one)} ${boundToDate(near(), pick)}`,
    `${pick(['0 0', '0 1', '30 1', '0 2', '30 2', '0 3', '59 23', '0 0,12', '0,30 0-6'])} * * *`,
  ];
}

/** Intervals that start before, at or after a change of the clocks; in ms. */
export function intervalsAround(change: Transition, random: Random) {
  const whole = (min: number, max: number) => min + Math.floor(random() * (max - min + 1));
  return [MINUTE_MS, HOUR_MS, DAY_MS].map((unitMs) => ({
    everyMs: unitMs / whole(1, 4) + whole(0, 100) * SECOND_MS,
    startsAtMs: change.atMs + whole(-100_000, 3_000) * SECOND_MS,
  }));
}

/** Day of month, month and day of week that hold on a date, in one of many ways of saying so. */
function boundToDate(date: Date, pick: <T>(values: readonly T[]) => T): string {
  const day = date.getUTCDate();
  const month = date.getUTCMonth() + 1;
  const weekday = date.getUTCDay();
  const daysLeft = new Date(Date.UTC(date.getUTCFullYear(), month, 0)).getUTCDate() - day;
  return pick([
    `${day} * *`,
    `${day} ${month} *`,
    `* ${month} *`,
    `* * ${weekday}`,
    `* ${month} ${weekday}`,
    `${day} * ${(weekday + 3) % 7}`,
    `* * ${weekday}#${Math.ceil(day / 7)}`,
    daysLeft < 7 ? `* * ${weekday}L` : `*/2 * *`,
    daysLeft === 0 ? 'L * *' : `${day},L * *`,
    `*/3 * 1-5`,
  ]);
}
