import { type CronExpression } from './cron.ts';
import { describeDays } from './cron-days.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './duration.ts';

/**
 * Sentences about what is legal but may surprise; empty when there is nothing to say. With `nowMs` they also say when the next date
 * is that is not in every year.
 */
export function cronWarnings(cron: CronExpression, nowMs?: number): readonly string[] {
  return [...stepWarnings(cron), ...dayWarnings(cron, nowMs), ...countWarnings(cron)];
}

/** What to say when a task comes more often than it takes. `gapMs` is the least time between two of its occurrences. */
export function frequencyWarnings(gapMs: number, averageElapsedMs: number): readonly string[] {
  if (averageElapsedMs <= gapMs) return [];
  return [
    `It takes ${describeMs(averageElapsedMs)} on average, but comes every ${describeMs(gapMs)}: occurrences will meet one that still runs.`,
  ];
}

/** The least time between two of these instants, which are in order; Infinity when there are fewer than two. */
export function smallestGapMs(instants: readonly number[]): number {
  return instants.reduce((least, atMs, index) => Math.min(least, atMs - (instants[index - 1] ?? -Infinity)), Infinity);
}

/** Where `*` begins again, and how often it does. Day of month is no cycle of one length. */
const CYCLES = [
  { name: 'second', size: 60, unit: 'second', cycle: 'minute' },
  { name: 'minute', size: 60, unit: 'minute', cycle: 'hour' },
  { name: 'hour', size: 24, unit: 'hour', cycle: 'day' },
  { name: 'day-of-month', size: null, unit: 'day', cycle: 'month' },
  { name: 'month', size: 12, unit: 'month', cycle: 'year' },
  { name: 'day-of-week', size: 7, unit: 'day', cycle: 'week' },
] as const;

const MANY_PER_DAY = 1_440;
const LATE_DAYS: readonly number[] = [29, 30, 31];
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function stepWarnings(cron: CronExpression): readonly string[] {
  const texts = cron.text.split(' ');
  return texts.flatMap((text, index) => {
    const cycle = CYCLES[index + CYCLES.length - texts.length];
    const step = Number(/^\*\/(\d+)$/.exec(text)?.[1] ?? 1);
    if (cycle === undefined || step === 1) return [];
    const starts = `"${text}" in the ${cycle.name} field starts again with each ${cycle.cycle}`;
    if (cycle.size === null) return [`${starts}, whatever the day before it was.`];
    const last = cycle.size % step;
    return last === 0 ? [] : [`${starts}: the last gap is ${last} ${cycle.unit}${last === 1 ? '' : 's'}, not ${step}.`];
  });
}

function dayWarnings(cron: CronExpression, nowMs: number | undefined): readonly string[] {
  const warnings: string[] = [];
  const { daysOfMonth, daysOfWeek, months } = cron;
  if (daysOfMonth !== null && daysOfWeek !== null) {
    warnings.push(
      `Both day fields are set, and either is enough: it runs on ${describeDays(daysOfMonth, daysOfWeek)}.`,
    );
  }
  for (const day of LATE_DAYS.filter((late) => isMeant(cron, late))) {
    const without = months.filter((month) => day > Number(DAYS_IN_MONTH[month - 1]));
    if (without.length > 0) warnings.push(`Months without day ${day} are left out; L is the last day of every month.`);
    else if (day === 29 && months.includes(2)) warnings.push(`29 February is in leap years only${nextLeapDay(nowMs)}.`);
  }
  return warnings;
}

/** Named by itself, or there is no earlier day; ranges and steps that merely run on to the end of a month are not. */
function isMeant(cron: CronExpression, day: number): boolean {
  const days = cron.daysOfMonth?.days ?? [];
  const items = cron.text.split(' ').slice(-3, -2).join().split(',');
  return items.includes(String(day)) || (days.includes(day) && days.every((other) => LATE_DAYS.includes(other)));
}

function nextLeapDay(nowMs: number | undefined): string {
  if (nowMs === undefined) return '';
  const now = new Date(nowMs);
  let year = now.getUTCFullYear() + (now.getUTCMonth() > 1 ? 1 : 0);
  while (new Date(Date.UTC(year, 1, 29)).getUTCMonth() !== 1) year += 1;
  return `; the next one is ${year}-02-29`;
}

function countWarnings(cron: CronExpression): readonly string[] {
  const perDay = cron.seconds.length * cron.minutes.length * cron.hours.length;
  return perDay > MANY_PER_DAY ? [`It runs ${perDay} times a day.`] : [];
}

function describeMs(durationMs: number): string {
  const [sizeMs, unit] =
    [[HOUR_MS, 'h'] as const, [MINUTE_MS, 'min'] as const, [SECOND_MS, 's'] as const].find(
      ([size]) => durationMs >= 2 * size,
    ) ?? ([1, 'ms'] as const);
  return `${Math.round((durationMs / sizeMs) * 10) / 10} ${unit}`;
}
