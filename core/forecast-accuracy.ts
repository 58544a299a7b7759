import type { PlanRow } from './demand-table.ts';
import { MINUTE_MS, SECOND_MS } from './duration.ts';
import { formulaCurve, maxPerStep, SLOT_WORK_MS, type Span, START_WINDOW_MS } from './forecast.ts';
import type { Outlook } from './live-picture.ts';

/** How far ahead the forecast is written down to be held against what happens; the nearest first. */
export const HORIZONS_MINUTES = [5, 60, 180] as const;
const [NEAREST_MINUTES] = HORIZONS_MINUTES;

/** Work of one task type that is due in one minute, as the rows have it. */
export interface ForetoldWork {
  readonly taskType: string;
  readonly count: number;
  readonly workMs: number;
}

/** What the plan says about one minute, some minutes before it. */
export interface Prediction {
  readonly horizonMinutes: number;
  /** Start of the minute, epoch ms. */
  readonly atMs: number;
  readonly required: number;
  readonly planned: number;
  /** Of the nearest horizon only. */
  readonly foretold: readonly ForetoldWork[] | undefined;
}

/** What a plan says about the minutes that are so far ahead. `outlook` begins at `fromMs`; minutes that it does not reach are left out. */
export function predictionsOf(outlook: Outlook, fromMs: number, rows: readonly PlanRow[]): Prediction[] {
  const minuteMs = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS;
  return HORIZONS_MINUTES.flatMap((horizonMinutes) => {
    const atMs = minuteMs + horizonMinutes * MINUTE_MS;
    const first = (atMs - fromMs) / SECOND_MS;
    const peakOf = (curve: readonly number[]): number => Math.max(...curve.slice(first, first + MINUTE_MS / SECOND_MS));
    if (outlook.required.length < first + MINUTE_MS / SECOND_MS) return [];
    const foretold = horizonMinutes === NEAREST_MINUTES ? workOfMinute(rows, atMs) : undefined;
    return [{ horizonMinutes, atMs, required: peakOf(outlook.required), planned: peakOf(outlook.planned), foretold }];
  });
}

function workOfMinute(rows: readonly PlanRow[], minuteMs: number): ForetoldWork[] {
  const byType = new Map<string, ForetoldWork>();
  for (const { atMs, taskType, count, durationMs } of rows) {
    if (atMs < minuteMs || atMs >= minuteMs + MINUTE_MS) continue;
    const before = byType.get(taskType) ?? { taskType, count: 0, workMs: 0 };
    byType.set(taskType, { taskType, count: before.count + count, workMs: before.workMs + count * durationMs });
  }
  return [...byType.values()];
}

/** Attempts of one task type that were due at one second and ran; long ones only together with those that took as long. */
export interface HappenedWork {
  /** Epoch ms. */
  readonly atMs: number;
  readonly taskType: string;
  /** A schedule foretold it in time; else it is manual, made to run at once, caught up, or a further attempt. */
  readonly onSchedule: boolean;
  readonly runs: number;
  /** What they took together. */
  readonly workMs: number;
}

/** The instances that what ran needed in each minute of the span, by the formula with its real durations. */
export function happenedPerMinute(work: readonly HappenedWork[], span: Span, slotsPerReplica: number): number[] {
  const rows = work.map(({ atMs, runs, workMs }) => ({ atMs, count: runs, durationMs: workMs / runs }));
  return maxPerStep(formulaCurve(rows, span, slotsPerReplica), MINUTE_MS / SECOND_MS);
}

/** A minute that was forecast and is over, in instances. */
export interface ComparedMinute {
  readonly required: number;
  readonly planned: number;
  readonly happened: number;
}

export interface HorizonAccuracy {
  readonly minutes: number;
  /** Mean of the error over what happened, of the minutes in which anything did; 0.1 is a tenth. */
  readonly meanAbsoluteError: number | undefined;
  /** Mean of forecast minus happened, in instances; above zero the forecast says too much. */
  readonly bias: number | undefined;
  /** Share of the minutes that needed more than was said to be required, and more than was planned. */
  readonly underRequiredShare: number | undefined;
  readonly underPlannedShare: number | undefined;
}

/** How good the forecasts of one horizon were. Without minutes nothing is known. */
export function horizonAccuracy(minutes: readonly ComparedMinute[]): HorizonAccuracy {
  const withWork = minutes.filter(({ happened }) => happened > 0);
  return {
    minutes: minutes.length,
    meanAbsoluteError: mean(withWork.map(({ required, happened }) => Math.abs(required - happened) / happened)),
    bias: mean(minutes.map(({ required, happened }) => required - happened)),
    underRequiredShare: mean(minutes.map(({ required, happened }) => Number(happened > required))),
    underPlannedShare: mean(minutes.map(({ planned, happened }) => Number(happened > planned))),
  };
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Where the forecast was wrong, in replica-seconds; a part above zero is what was wanting. */
export interface ErrorSplit {
  readonly foretold: number;
  readonly happened: number;
  /** Of replicas that were asked for and started more slowly than planned. */
  readonly missing: number;
  /** happened + missing - foretold = duration + unscheduled + withdrawn + startUp. */
  readonly total: number;
  /** Runs that were foretold took longer (or less, below zero). */
  readonly duration: number;
  /** Runs that nobody foretold. */
  readonly unscheduled: number;
  /** Zero or less: what was foretold and did not run. */
  readonly withdrawn: number;
  /** What is missing. */
  readonly startUp: number;
}

/**
 * Divides the difference between what was foretold and what happened among its causes. Runs are matched by minute and task type: as many as
 * were foretold count as those, at the mean of the type. `missingMs` is replica time; a slot gives nine tenths of its time to work.
 */
export function splitError(
  minutes: readonly { readonly foretold: readonly ForetoldWork[]; readonly happened: readonly HappenedWork[] }[],
  missingMs: number,
  slotsPerReplica: number,
): ErrorSplit {
  const parts = { foretold: 0, happened: 0, duration: 0, unscheduled: 0, withdrawn: 0 };
  for (const minute of minutes) {
    for (const { foretold, scheduled, others } of byType(minute)) {
      const matched = Math.min(foretold.count, scheduled.count);
      const [foretoldMs, scheduledMs] = [meanOf(foretold), meanOf(scheduled)];
      parts.foretold += foretold.workMs;
      parts.happened += scheduled.workMs + others;
      parts.duration += matched * (scheduledMs - foretoldMs);
      parts.unscheduled += others + (scheduled.count - matched) * scheduledMs;
      parts.withdrawn -= (foretold.count - matched) * foretoldMs;
    }
  }
  const inReplicaSeconds = (workMs: number): number =>
    (workMs * START_WINDOW_MS) / SLOT_WORK_MS / slotsPerReplica / SECOND_MS;
  const missing = missingMs / SECOND_MS;
  const [foretold, happened] = [inReplicaSeconds(parts.foretold), inReplicaSeconds(parts.happened)];
  return {
    foretold,
    happened,
    missing,
    total: happened + missing - foretold,
    duration: inReplicaSeconds(parts.duration),
    unscheduled: inReplicaSeconds(parts.unscheduled),
    withdrawn: inReplicaSeconds(parts.withdrawn),
    startUp: missing,
  };
}

interface Amount {
  count: number;
  workMs: number;
}

interface TypeOfMinute {
  readonly foretold: Amount;
  readonly scheduled: Amount;
  others: number;
}

function byType({ foretold, happened }: Parameters<typeof splitError>[0][number]): Iterable<TypeOfMinute> {
  const types = new Map<string, TypeOfMinute>();
  const typeOf = (taskType: string): TypeOfMinute => {
    const known = types.get(taskType) ?? {
      foretold: { count: 0, workMs: 0 },
      scheduled: { count: 0, workMs: 0 },
      others: 0,
    };
    types.set(taskType, known);
    return known;
  };
  for (const { taskType, count, workMs } of foretold) add(typeOf(taskType).foretold, count, workMs);
  for (const { taskType, onSchedule, runs, workMs } of happened) {
    const type = typeOf(taskType);
    if (onSchedule) add(type.scheduled, runs, workMs);
    else type.others += workMs;
  }
  return types.values();
}

function add(amount: Amount, count: number, workMs: number): void {
  amount.count += count;
  amount.workMs += workMs;
}

function meanOf({ count, workMs }: Amount): number {
  return count === 0 ? 0 : workMs / count;
}
