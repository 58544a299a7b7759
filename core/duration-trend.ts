import { DAY_MS, startOfUtcDayMs } from './duration.ts';
import { quantileOf } from './run-lengths.ts';

/** One run that was measured. */
export interface MeasuredRun {
  /** Its scheduled time, epoch ms. */
  readonly atMs: number;
  readonly elapsedMs: number;
}

/** Whether the runs of a task become longer or shorter, from day to day. */
export interface DurationTrend {
  /** Means of the earlier and of the later half of the days. */
  readonly earlierMeanMs: number;
  readonly recentMeanMs: number;
  /** By how much the mean changes in a day; null when the days do not lie along a line, or it changes by less than a tenth in all. */
  readonly changePerDayMs: number | null;
  /** Which part of what the line says of their time nineteen of twenty runs stay below; null without a clear change. */
  readonly tail: number | null;
  /** What the line says of an instant; without a clear change the mean of all days. */
  readonly meanAtMs: (atMs: number) => number;
}

const MIN_DAYS = 4;
const MIN_RUNS_PER_DAY = 5;
/** Of the variance between days, what a line has to explain. */
const MIN_EXPLAINED = 0.7;
const MIN_CHANGE = 0.1;

/** A line through the means of the days (UTC) that have enough runs; `undefined` when there are fewer than four of them. */
export function durationTrend(runs: readonly MeasuredRun[]): DurationTrend | undefined {
  const days = dailyMeans(runs);
  if (days.length < MIN_DAYS) return undefined;
  const middle = Math.floor(days.length / 2);
  const centreMs = mean(days.map(({ atMs }) => atMs));
  const centre = mean(days.map(({ meanMs }) => meanMs));
  const byDay = days.map(({ atMs, meanMs }) => ({ day: (atMs - centreMs) / DAY_MS, value: meanMs - centre }));
  const slope = sumOf(byDay, ({ day, value }) => day * value) / sumOf(byDay, ({ day }) => day * day);
  const variance = sumOf(byDay, ({ value }) => value * value);
  const left = sumOf(byDay, ({ day, value }) => (value - slope * day) ** 2);
  const spanDays = (Number(days.at(-1)?.atMs) - Number(days[0]?.atMs)) / DAY_MS;
  const isClear =
    variance > 0 && 1 - left / variance >= MIN_EXPLAINED && Math.abs(slope) * spanDays >= MIN_CHANGE * centre;
  const meanAtMs = (atMs: number): number => (isClear ? centre + (slope * (atMs - centreMs)) / DAY_MS : centre);
  return {
    earlierMeanMs: mean(days.slice(0, middle).map(({ meanMs }) => meanMs)),
    recentMeanMs: mean(days.slice(middle).map(({ meanMs }) => meanMs)),
    changePerDayMs: isClear ? slope : null,
    tail: isClear ? tailOf(runs, meanAtMs) : null,
    meanAtMs,
  };
}

/** What grows is taken out of the runs first, or it would count as their spread. */
function tailOf(runs: readonly MeasuredRun[], meanAtMs: (atMs: number) => number): number {
  const shares = runs
    .map(({ atMs, elapsedMs }) => ({ elapsedMs, meanMs: meanAtMs(atMs) }))
    .filter(({ meanMs }) => meanMs > 0) // at the foot of a steep line
    .map(({ elapsedMs, meanMs }) => elapsedMs / meanMs)
    .sort((a, b) => a - b);
  return quantileOf(shares, 0.95);
}

interface Day {
  /** The middle of its runs. */
  readonly atMs: number;
  readonly meanMs: number;
}

function dailyMeans(runs: readonly MeasuredRun[]): Day[] {
  const byDay = new Map<number, MeasuredRun[]>();
  for (const run of runs) {
    const dayMs = startOfUtcDayMs(run.atMs);
    const day = byDay.get(dayMs);
    if (day === undefined) byDay.set(dayMs, [run]);
    else day.push(run);
  }
  return [...byDay.values()]
    .filter((day) => day.length >= MIN_RUNS_PER_DAY)
    .map((day) => ({ atMs: mean(day.map(({ atMs }) => atMs)), meanMs: mean(day.map(({ elapsedMs }) => elapsedMs)) }))
    .sort((a, b) => a.atMs - b.atMs);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sumOf<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0);
}
