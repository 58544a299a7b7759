import type { PlanRow } from './demand-table.ts';
import { SECOND_MS } from './duration.ts';
import { type Span, START_WINDOW_MS } from './forecast.ts';
import { hashOffsetMs, placeByLoad } from './placement.ts';
import { instantsBetween, runsLeft } from './schedule.ts';
import type { Placement, Priority, TaskSchedule } from './task.ts';

/** What the planner must know of a task that is not written yet. */
export interface ImaginedTask {
  readonly schedule: TaskSchedule;
  readonly taskType: string;
  readonly priority: Priority;
  readonly flexibleWindowMs: number;
  readonly placement: Placement;
  /** Mean execution time of its type. */
  readonly durationMs: number;
  /** Only a task that exists has a place by its hash; null: it is taken at its time. */
  readonly id: string | null;
}

/** More runs than a task may have in a day and its margins. */
const MAX_INSTANTS = 200_000;

/**
 * The rows that a task would add in [fromMs, untilMs), one per occurrence, each at its whole second as the forecast has them. `immediate`
 * adds one at `nowMs`. Occurrences with a flexible window are placed as the scheduler would place them among `others`.
 */
export function workOf(
  task: ImaginedTask,
  { fromMs, untilMs, nowMs }: { readonly fromMs: number; readonly untilMs: number; readonly nowMs: number },
  others: readonly PlanRow[],
): PlanRow[] {
  const { schedule, taskType, priority, durationMs } = task;
  const limit = Math.min(MAX_INSTANTS, runsLeft(schedule, 0));
  const instants = schedule.kind === 'immediate' ? [nowMs] : instantsBetween(schedule, fromMs, untilMs, limit);
  const place = placer(task, { fromMs, seconds: Math.ceil((untilMs - fromMs) / SECOND_MS) }, others);
  return instants.map((atMs) => ({
    atMs: Math.floor(place(atMs) / SECOND_MS) * SECOND_MS,
    taskType,
    priority,
    count: 1,
    durationMs,
  }));
}

/** Takes `removed` out of `rows`: as many as there are at the same time and of the same type, and never more than are there. */
export function without<Row extends PlanRow>(rows: readonly Row[], removed: readonly PlanRow[]): Row[] {
  const left = new Map<string, number>();
  for (const { atMs, taskType, count } of removed) {
    const key = `${atMs}|${taskType}`;
    left.set(key, (left.get(key) ?? 0) + count);
  }
  if (left.size === 0) return [...rows];
  return rows.flatMap((row) => {
    const key = `${row.atMs}|${row.taskType}`;
    const taken = Math.min(row.count, left.get(key) ?? 0);
    if (taken === 0) return [row];
    left.set(key, Number(left.get(key)) - taken);
    return taken === row.count ? [] : [{ ...row, count: row.count - taken }];
  });
}

function placer(
  { flexibleWindowMs, placement, durationMs, id }: ImaginedTask,
  span: Span,
  others: readonly PlanRow[],
): (atMs: number) => number {
  if (flexibleWindowMs === 0) return (atMs) => atMs;
  if (placement === 'hash') {
    const offsetMs = id === null ? 0 : hashOffsetMs(id, flexibleWindowMs);
    return (atMs) => atMs + offsetMs;
  }
  const fromMs = Math.floor(span.fromMs / START_WINDOW_MS) * START_WINDOW_MS;
  const steps = Math.ceil((span.seconds * SECOND_MS + flexibleWindowMs) / START_WINDOW_MS) + 1;
  const load = { fromMs, stepMs: START_WINDOW_MS, work: new Float64Array(steps) };
  for (const row of others) {
    const step = Math.floor((row.atMs - fromMs) / START_WINDOW_MS);
    const before = load.work[step]; // none outside of the curve
    if (before !== undefined) load.work[step] = before + row.count * row.durationMs;
  }
  return (atMs) => placeByLoad(load, atMs, flexibleWindowMs, durationMs);
}
