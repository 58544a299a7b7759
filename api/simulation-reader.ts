import { without, workOf } from '../core/added-work.ts';
import type { PlanRow } from '../core/demand-table.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import { InvalidInputError } from '../core/errors.ts';
import { type FleetPlan, type FleetPlanSettings, planFleet } from '../core/fleet-plan.ts';
import { maxPerStep, type Span, sumPerStep } from '../core/forecast.ts';
import { breachOf } from '../core/forecast-breach.ts';
import { afterOutage, type MissableOccurrence } from '../core/outage.ts';
import type { TaskSchedule } from '../core/task.ts';
import { resolveSchedule } from '../db/calendar-sets.ts';
import type { Database, Queryable } from '../db/database.ts';
import { readDemand } from '../db/demand-store.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { readFleet } from '../db/forecast-store.ts';
import { readMissable, readTaskDemand } from '../db/future-work-store.ts';
import type { TaskDefinition } from '../db/task-definition.ts';
import { readTypeDurations, type TypeDuration } from '../db/type-durations.ts';
import { toBreach } from './breach-mapping.ts';
import type { Forecast, ForecastStep } from './contract/forecast.ts';
import type { SimulateInput, Simulation } from './contract/simulate.ts';
import { fromInstant, toInstant, toInstantOrNull } from './instants.ts';

/** A question with its tasks checked. */
export type SimulationQuestion = Omit<SimulateInput, 'tasks'> & {
  readonly add: readonly TaskDefinition[];
  readonly remove: readonly string[];
};

/**
 * The forecast of a pool as it is and as it would be, from one picture of the database. Nothing is written: the transaction can not.
 * `graceMs` is how late an occurrence may be when its task does not say.
 * @throws InvalidInputError for an outage outside of the range, or a calendar that there is not.
 */
export function simulate(
  database: Database,
  settings: FleetPlanSettings,
  graceMs: number,
  question: SimulationQuestion,
): Promise<Simulation> {
  return database.transaction(async (transaction) => {
    await transaction.query('set transaction isolation level repeatable read, read only');
    const nowMs = Math.floor(await readDatabaseClock(transaction));
    const fromMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    const untilMs = fromMs + Math.ceil((question.hours * HOUR_MS) / MINUTE_MS) * MINUTE_MS;
    const range = { nowMs, fromMs, untilMs };
    const fleet = await readFleet(transaction, question.pool);
    const rows = await readDemand(transaction, question.pool, { untilMs });
    const changed = await changedWork(transaction, rows, range, graceMs, question);

    const span = { fromMs, seconds: (untilMs - fromMs) / SECOND_MS };
    const limits = { ...settings, slotsPerReplica: fleet.slots ?? settings.slotsPerReplica };
    const before = { rows, span, limits, plan: planFleet(rows, span, limits) };
    const changedLimits = limitsOf(limits, question.limits);
    const after = {
      rows: changed.rows,
      span,
      limits: changedLimits,
      plan: planFleet(changed.rows, span, changedLimits),
    };
    return {
      before: toForecast(before, question.pool, nowMs),
      after: toForecast(after, question.pool, nowMs),
      summary: {
        before: toSide(before),
        after: toSide(after),
        skippedByOutage: changed.skipped,
        delayedByOutage: changed.delayed,
      },
    };
  });
}

interface Range {
  readonly nowMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

interface Side {
  readonly rows: readonly PlanRow[];
  readonly span: Span;
  readonly limits: FleetPlanSettings;
  readonly plan: FleetPlan;
}

async function changedWork(
  on: Queryable,
  rows: readonly PlanRow[],
  range: Range,
  graceMs: number,
  { pool, add, remove, durationFactor, outage }: SimulationQuestion,
): Promise<{ rows: PlanRow[]; skipped: number; delayed: number }> {
  const kept = without(rows, await readTaskDemand(on, pool, remove, range.untilMs));
  const added = await imagine(on, pool, add, range, kept);
  const all = [...kept, ...added.map(({ row }) => row)];
  const stretched = (some: readonly PlanRow[]): PlanRow[] =>
    some.map((row) => ({ ...row, durationMs: row.durationMs * (durationFactor[row.taskType] ?? 1) }));
  if (outage === null) return { rows: stretched(all), skipped: 0, delayed: 0 };

  const during = { fromMs: fromInstant(outage.from), untilMs: fromInstant(outage.until) };
  assertWithin(during, range);
  const isDuring = ({ atMs }: PlanRow): boolean => atMs >= during.fromMs && atMs < during.untilMs;
  const written = await readMissable(on, pool, during, { withoutTasks: remove, graceMs });
  const missable: MissableOccurrence[] = added
    .filter(({ row }) => isDuring(row))
    .map(({ row, task, definition }) => ({
      row,
      task,
      misfire: definition.misfire,
      graceMs: definition.misfireGraceMs ?? graceMs,
      catchUpLimit: definition.catchUpLimit,
      catchUpPerMinute: definition.catchUpPerMinute,
    }));
  const { rows: released, skipped } = afterOutage([...written, ...missable], during.untilMs);
  return {
    rows: stretched([...all.filter((row) => !isDuring(row)), ...released]),
    skipped,
    delayed: released.length,
  };
}

/** The work of tasks that are not there, of this pool. */
async function imagine(
  on: Queryable,
  pool: string,
  add: readonly TaskDefinition[],
  { nowMs, untilMs }: Range,
  others: readonly PlanRow[],
): Promise<{ row: PlanRow; task: string; definition: TaskDefinition }[]> {
  if (add.length === 0) return [];
  const types = await readTypeDurations(on);
  const resolved: { definition: TaskDefinition; schedule: TaskSchedule; type: TypeDuration }[] = [];
  for (const definition of add) {
    const type = types.get(definition.taskType);
    if (type?.pool !== pool) continue;
    resolved.push({ definition, schedule: await resolveSchedule(on, definition.schedule, nowMs), type });
  }
  return resolved.flatMap(({ definition, schedule, type }, index) => {
    const { taskType, priority, flexibleWindowMs, placement } = definition;
    const task = { schedule, taskType, priority, flexibleWindowMs, placement, durationMs: type.averageMs, id: null };
    const work = workOf(task, { fromMs: nowMs, untilMs, nowMs }, others);
    return work.map((row) => ({ row, task: `added ${index}`, definition }));
  });
}

function assertWithin(during: { readonly fromMs: number; readonly untilMs: number }, { fromMs, untilMs }: Range): void {
  const errors = [
    ...(during.fromMs < fromMs || during.fromMs >= untilMs
      ? [{ path: 'outage.from', message: `expected an instant from ${toInstant(fromMs)} to ${toInstant(untilMs)}` }]
      : []),
    ...(during.untilMs <= during.fromMs
      ? [{ path: 'outage.until', message: 'expected an instant after the begin of the outage' }]
      : []),
  ];
  if (errors.length > 0) throw new InvalidInputError(errors);
}

function limitsOf(limits: FleetPlanSettings, wanted: SimulateInput['limits']): FleetPlanSettings {
  const minReplicas = wanted.min ?? limits.minReplicas;
  const maxReplicas = wanted.max ?? limits.maxReplicas;
  if (minReplicas > maxReplicas) {
    throw new InvalidInputError([{ path: 'limits.min', message: `expected no more than the most, ${maxReplicas}` }]);
  }
  return { ...limits, minReplicas, maxReplicas, slotsPerReplica: wanted.slots ?? limits.slotsPerReplica };
}

function toForecast({ rows, span, limits, plan }: Side, pool: string, nowMs: number): Forecast {
  const size = MINUTE_MS / SECOND_MS;
  const { required, planned, low, high } = plan;
  const [plans, lows, highs] = [planned, low, high].map((curve) => maxPerStep(curve, size));
  const late = sumPerStep(plan.lateness.perSecond, size);
  const breach = breachOf(
    plan.lateness.count,
    [plan],
    limits.maxReplicas,
    (maxReplicas) => planFleet(rows, span, { ...limits, maxReplicas }).planned,
  );
  return {
    generatedAt: toInstant(nowMs),
    now: toInstant(nowMs),
    stepMs: MINUTE_MS,
    pool,
    mode: limits.mode ?? 'formula',
    leadTimeMs: limits.leadTimeMs,
    slotsPerReplica: limits.slotsPerReplica,
    unscheduledSlots: 0,
    breach: toBreach(breach),
    steps: maxPerStep(required, size).map((requiredInstances, step): ForecastStep => ({
      at: toInstant(span.fromMs + step * MINUTE_MS),
      requiredInstances,
      plannedInstances: plans?.[step] ?? null,
      low: lows?.[step] ?? null,
      high: highs?.[step] ?? null,
      limit: limits.maxReplicas,
      actualInstances: null,
      busyInstances: null,
      predictedLate: late[step] ?? 0,
      top: [],
    })),
  };
}

function toSide({ rows, span, plan }: Side): Simulation['summary']['before'] {
  const { required, planned, lateness } = plan;
  const peak = required.reduce((most, count) => Math.max(most, count), 0);
  const firstLate = lateness.perSecond.findIndex((count) => count > 0);
  const untilMs = span.fromMs + span.seconds * SECOND_MS;
  const within = rows.filter(({ atMs }) => atMs < untilMs);
  return {
    peak,
    peakAt: toInstant(span.fromMs + required.indexOf(peak) * SECOND_MS),
    replicaMinutes: planned.reduce((sum, count) => sum + count, 0) / 60,
    late: lateness.count,
    worstDelayMs: Number.isFinite(lateness.worstDelayMs) ? lateness.worstDelayMs : null,
    firstLateAt: toInstantOrNull(firstLate === -1 ? null : span.fromMs + firstLate * SECOND_MS),
    occurrences: within.reduce((sum, { count }) => sum + count, 0),
    computeMs: within.reduce((sum, { count, durationMs }) => sum + count * durationMs, 0),
  };
}
