import { type LocalTimes } from './cron-calendar.ts';

type DaysOfMonth = NonNullable<LocalTimes['daysOfMonth']>;
type DaysOfWeek = NonNullable<LocalTimes['daysOfWeek']>;

/** The days of two day fields in words, as in `day 13 of the month or every Friday`. */
export function describeDays(daysOfMonth: DaysOfMonth, daysOfWeek: DaysOfWeek): string {
  const days = describeRanges(daysOfMonth.days, String);
  const byMonth = [
    ...(days === '' ? [] : [`day ${days} of the month`]),
    ...(daysOfMonth.last ? ['the last day of the month'] : []),
  ];
  const weekdays = describeRanges(daysOfWeek.every, nameOf);
  const byWeek = [
    ...(weekdays === '' ? [] : [`every ${weekdays}`]),
    ...daysOfWeek.nth.map(({ nth, weekday }) => `the ${String(ORDINALS[nth - 1])} ${nameOf(weekday)} of the month`),
    ...daysOfWeek.last.map((weekday) => `the last ${nameOf(weekday)} of the month`),
  ];
  return [...byMonth, ...byWeek].join(' or ');
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

function nameOf(weekday: number): string {
  return String(WEEKDAYS[weekday]);
}

/** Runs of three or more are written as a range. */
function describeRanges(values: readonly number[], write: (value: number) => string): string {
  const runs: [number, number][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run !== undefined && value === run[1] + 1) run[1] = value;
    else runs.push([value, value]);
  }
  return runs
    .flatMap(([from, to]) => {
      if (to - from > 1) return [`${write(from)}-${write(to)}`];
      return to === from ? [write(from)] : [write(from), write(to)];
    })
    .join(', ');
}
