import type { PlanRow } from './demand-table.ts';
import { SECOND_MS } from './duration.ts';
import { reachMs, START_WINDOW_MS } from './forecast.ts';
import { isPlacedByLoad, type LoadCurve, placeByLoad, settledOffsetMs } from './placement.ts';
import { type ExpansionInput, planExpansion } from './plan.ts';
import { comparableSchedule, instantsBetween } from './schedule.ts';
import type { Placement, TaskSchedule } from './task.ts';

/** Tasks of one type with one schedule, the same policies and one watermark: what of them is not written yet is the same for all. */
export interface UnwrittenTasks extends ExpansionInput {
  readonly ids: readonly string[];
  readonly taskType: string;
  /** Mean execution time of the type. */
  readonly durationMs: number;
  readonly placement: Placement;
  /** What advice decided in its place; null: nothing. */
  readonly placementOffsetMs: number | null;
}

/** Instants in epoch ms. */
export interface UnwrittenRange {
  readonly nowMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * The work that schedules call for behind their watermarks and that reaches into [fromMs, untilMs): what the scheduler will write, computed
 * from the schedules as it does, each schedule once for all tasks that share it. Rows are counted by the second, as the forecast has
 * them. Work that is placed by load goes where `written` and the work with a fixed time leave room, in the order of the task ids.
 */
export function* unwrittenWork(
  tasks: readonly UnwrittenTasks[],
  range: UnwrittenRange,
  written: Iterable<PlanRow> = [],
): Generator<PlanRow> {
  const instantsOf = instantMemory(range);
  const movable = tasks.filter(isPlacedByLoad);
  const load = movable.length === 0 ? undefined : emptyLoad(range, movable);
  for (const row of load === undefined ? [] : written) addTo(load, row);
  for (const group of mergeAlike(tasks.filter((some) => !isPlacedByLoad(some)))) {
    const { taskType, durationMs } = group;
    const instants = instantsOf(group);
    for (const [offsetMs, count] of offsetsOf(group)) {
      for (const instantMs of instants) {
        const atMs = dueSecond(instantMs + offsetMs, range);
        if (atMs >= range.untilMs) break;
        const row = { atMs, taskType, count, durationMs };
        addTo(load, row);
        yield row;
      }
    }
  }
  if (load !== undefined) yield* placedWork(movable, instantsOf, load, range);
}

/** Steps that placing may look at before it only spreads what is left: about a second of work. */
const MAX_LOOKS = 50_000_000;

function* placedWork(
  movable: readonly UnwrittenTasks[],
  instantsOf: (group: UnwrittenTasks) => readonly number[],
  load: LoadCurve,
  range: UnwrittenRange,
): Generator<PlanRow> {
  let looks = 0;
  for (const group of movable) {
    const { ids, taskType, durationMs, flexibleWindowMs } = group;
    const looksEach = (flexibleWindowMs / load.stepMs + 1) * Math.ceil(durationMs / load.stepMs + 1);
    const instants = instantsOf(group);
    for (const index of ids.keys()) {
      for (const instantMs of instants) {
        looks += looksEach;
        const placedMs =
          looks > MAX_LOOKS
            ? instantMs + (flexibleWindowMs * index) / ids.length
            : placeByLoad(load, instantMs, flexibleWindowMs, durationMs);
        const atMs = dueSecond(placedMs, range);
        if (atMs < range.untilMs) yield { atMs, taskType, count: 1, durationMs };
      }
    }
  }
}

/** What should have been done before now is due now. */
function dueSecond(atMs: number, { nowMs }: UnwrittenRange): number {
  return Math.floor(Math.max(atMs, nowMs) / SECOND_MS) * SECOND_MS;
}

/** How much later than their times how many of the tasks are due. */
function offsetsOf({ ids, ...rest }: UnwrittenTasks): Map<number, number> {
  const offsets = new Map<number, number>();
  for (const id of ids) {
    const offsetMs = Number(settledOffsetMs({ id, ...rest })); // known, or they would be placed by the load
    offsets.set(offsetMs, (offsets.get(offsetMs) ?? 0) + 1);
  }
  return offsets;
}

/** Intervals of many tasks begin each at a moment of its own; within one second that makes no difference here. */
function mergeAlike(tasks: readonly UnwrittenTasks[]): Iterable<UnwrittenTasks> {
  const merged = new Map<string, UnwrittenTasks & { ids: string[] }>();
  for (const task of tasks) {
    const group = { ...task, schedule: roundStart(task) };
    const { taskType, durationMs, placement, placementOffsetMs } = task;
    const key = JSON.stringify([keyOf(group), taskType, durationMs, placement, placementOffsetMs]);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { ...group, ids: [...task.ids] });
    else for (const id of task.ids) known.ids.push(id);
  }
  return merged.values();
}

function roundStart({ schedule, expandedUntilMs }: UnwrittenTasks): TaskSchedule {
  if (schedule.kind !== 'interval' || schedule.everyMs % SECOND_MS !== 0 || schedule.startsAtMs > expandedUntilMs) {
    return schedule;
  }
  const isBounded = schedule.maxRuns !== null || schedule.exclusions.length > 0 || schedule.endsAtMs !== null;
  if (isBounded || expandedUntilMs % SECOND_MS !== 0) return schedule;
  // The first one behind the watermark, less its fraction of a second: no instant comes in or goes out, each keeps its second.
  const turns = Math.ceil((expandedUntilMs - schedule.startsAtMs) / schedule.everyMs);
  const firstMs = schedule.startsAtMs + turns * schedule.everyMs;
  return { ...schedule, startsAtMs: Math.floor(firstMs / SECOND_MS) * SECOND_MS };
}

function keyOf({ schedule, misfire, graceMs, flexibleWindowMs, expandedUntilMs, slotsDecided }: UnwrittenTasks) {
  const counted = 'maxRuns' in schedule && schedule.maxRuns !== null ? slotsDecided : null;
  return [comparableSchedule(schedule), misfire, graceMs, flexibleWindowMs, expandedUntilMs, counted];
}

function instantMemory({ nowMs, fromMs, untilMs }: UnwrittenRange): (group: UnwrittenTasks) => readonly number[] {
  const known = new Map<string, readonly number[]>();
  return (group) => {
    const { schedule, expandedUntilMs, flexibleWindowMs, durationMs } = group;
    const isCounted = 'maxRuns' in schedule && schedule.maxRuns !== null;
    const neededFromMs = fromMs - flexibleWindowMs - reachMs(durationMs);
    // What is missed, or counted, can not be known without what comes before it.
    const isFree = expandedUntilMs >= nowMs && !isCounted;
    const startMs = isFree ? Math.max(expandedUntilMs, neededFromMs) : expandedUntilMs;
    const key = JSON.stringify([keyOf(group), startMs]);
    const before = known.get(key);
    if (before !== undefined) return before;
    const instants = isFree
      ? instantsBetween(schedule, startMs, untilMs, Infinity)
      : planExpansion(group, { nowMs, horizonMs: untilMs, maxInstants: MAX_INSTANTS })
          .instants.filter(({ skipReason }) => skipReason === null)
          .map(({ atMs }) => atMs);
    known.set(key, instants);
    return instants;
  };
}

/** More than a task has in a quarter of a year, at one a second. */
const MAX_INSTANTS = 10_000_000;

function emptyLoad({ nowMs, fromMs, untilMs }: UnwrittenRange, movable: readonly UnwrittenTasks[]): LoadCurve {
  const widest = movable.reduce((most, { flexibleWindowMs }) => Math.max(most, flexibleWindowMs), 0);
  const startMs = Math.floor(Math.min(nowMs, fromMs) / START_WINDOW_MS) * START_WINDOW_MS;
  const steps = Math.ceil((untilMs + widest - startMs) / START_WINDOW_MS) + 1;
  return { fromMs: startMs, stepMs: START_WINDOW_MS, work: new Float64Array(steps) };
}

function addTo(load: LoadCurve | undefined, { atMs, count, durationMs }: PlanRow): void {
  if (load === undefined) return;
  const step = Math.floor((atMs - load.fromMs) / load.stepMs);
  const before = load.work[step]; // none outside of the curve
  if (before !== undefined) load.work[step] = before + count * durationMs;
}
