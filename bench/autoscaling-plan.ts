import { planOrder, type PlanRow, toDemandTable } from '../core/demand-table.ts';
import { type MeanOfRuns, type RunsOfLate, withDrift } from '../core/duration-drift.ts';
import type { DurationStatistics } from '../core/duration-statistics.ts';
import { type FleetPlan, type FleetPlanSettings, type PlanMode } from '../core/fleet-plan.ts';
import { leadTimeMs } from '../core/lead-time.ts';
import { punctualByUs } from '../core/live-fleet.ts';
import { planLive } from '../core/live-plan.ts';
import { planSlots } from '../core/replay.ts';
import { decideReplicas, NO_CONTROLS } from '../core/replicas.ts';
import { Slots } from '../core/slots.ts';
import type { FleetView, Policy } from './autoscaling-fleet.ts';
import type { Occurrences, Workload } from './autoscaling-workloads.ts';
import type { Random } from './simulated-random.ts';

export const TICK_S = 5;
/** What the product makes of the start-up that is simulated, once it has measured it. */
const START_UP_S = Math.ceil(
  leadTimeMs({ samples: 200, p95Ms: 29_400, p995Ms: 44_700 }, { configuredMs: 0, floorMs: 0 }) / 1_000,
);
/** With the tick until which nobody looks. */
export const LEAD_S = START_UP_S + TICK_S;

export function settingsOf(mode: PlanMode, maxReplicas = 100_000): FleetPlanSettings {
  return {
    mode,
    slotsPerReplica: 1,
    leadTimeMs: LEAD_S * 1_000,
    startUpMs: START_UP_S * 1_000,
    tailMs: 10_000,
    closingMs: 60_000,
    minReplicas: 0,
    maxReplicas,
  };
}

/** Rows of the schedule as the planner reads them, between two seconds. */
export function planRows(workload: Workload, fromS: number, untilS: number): PlanRow[] {
  const { rows, types } = workload;
  const result: PlanRow[] = [];
  for (let index = firstFrom(rows, fromS); index < rows.length; index += 1) {
    const row = rows[index];
    if (row === undefined || row.second >= untilS) break;
    result.push({
      atMs: row.second * 1_000,
      count: row.count,
      taskType: String(row.type),
      durationMs: types[row.type]?.meanMs ?? 0,
    });
  }
  return result;
}

/** Runs that the past of a type holds: what a product that runs since some days knows. */
const PAST_RUNS = 1_000;
const NEWEST_S = 600;
/** Durations are read once a minute. */
const SLOW_FACTS_S = 60;

/** What the runs of the past say of each type, and what the newest ones say, as the product reads them. */
export class MeasuredDurations {
  readonly #past: readonly DurationStatistics[];
  readonly #runs: { readonly endedS: number; readonly durationMs: number }[][];
  #known: ReadonlyMap<string, DurationStatistics>;

  /** The history is drawn from the same distribution as the work, before it is stretched. */
  constructor({ types }: Workload, random: Random) {
    this.#past = types.map(({ meanMs, variation }) =>
      statisticsOf(Array.from({ length: PAST_RUNS }, () => random.lognormal(meanMs, variation))),
    );
    this.#runs = types.map(() => []);
    this.#known = this.#measure(0);
  }

  get statistics(): ReadonlyMap<string, DurationStatistics> {
    return this.#known;
  }

  meanMs(type: number): number {
    return this.#past[type]?.meanMs ?? 0;
  }

  add(nowS: number, ended: readonly { readonly type: number; readonly durationMs: number }[]): void {
    for (const { type, durationMs } of ended) this.#runs[type]?.push({ endedS: nowS, durationMs });
    if (nowS % SLOW_FACTS_S === 0) this.#known = this.#measure(nowS);
  }

  #measure(nowS: number): Map<string, DurationStatistics> {
    const ofLate = this.#runs.map((runs, type): [string, RunsOfLate] => {
      const newest = runs.slice(firstIn(runs, ({ endedS }) => endedS > nowS - NEWEST_S));
      return [String(type), { newest: meanOf(newest), today: meanOf(runs) }];
    });
    return withDrift(new Map(this.#past.map((past, type) => [String(type), past])), new Map(ofLate));
  }
}

function meanOf(runs: readonly { readonly durationMs: number }[]): MeanOfRuns {
  const sumMs = runs.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return { count: runs.length, meanMs: sumMs / Math.max(1, runs.length) };
}

function statisticsOf(runs: readonly number[]): DurationStatistics {
  const meanMs = runs.reduce((sum, run) => sum + run, 0) / runs.length;
  const varianceMs2 = runs.reduce((sum, run) => sum + (run - meanMs) ** 2, 0) / runs.length;
  const p90Ms = [...runs].sort((a, b) => a - b)[Math.floor(runs.length * 0.9)] ?? meanMs;
  return { count: runs.length, meanMs, varianceMs2, p90Ms };
}

/** As the product: what is over still shapes the plan for so long. */
const PAST_S = 90;
/** What is late by less than this does not wait for want of replicas. */
const PATIENCE_S = 2;

/** The product's plan, made again every five seconds from the schedule and from what then waits, runs and starts, and its decision. */
export function livePlan(
  workload: Workload,
  occurrences: Occurrences,
  random: Random,
  settings: FleetPlanSettings,
): Policy {
  const durations = new MeasuredDurations(workload, random);
  const planNow = (nowS: number, fleet: FleetView): FleetPlan => {
    const horizonS = LEAD_S + 60 + TICK_S;
    const asMeasured = (row: PlanRow): PlanRow => ({ ...row, durationMs: durations.meanMs(Number(row.taskType)) });
    const scheduled = planRows(workload, nowS - PAST_S, nowS + horizonS).map(asMeasured);
    const ahead = scheduled.filter(({ atMs }) => atMs >= nowS * 1_000);
    const live = {
      readySlots: fleet.idle + fleet.runningCount,
      starting: fleet
        .starting()
        .map((askedS) => ({ slots: 1, readyAtMs: Math.max(nowS, askedS + START_UP_S) * 1_000 })),
      running: fleet.running().map(({ type, startedS }) => ({
        count: 1,
        taskType: String(type),
        durationMs: durations.meanMs(type),
        ageMs: (nowS - startedS) * 1_000,
      })),
    };
    // What began longer ago and still runs is known, too.
    const older = fleet
      .running()
      .filter(({ startedS }) => startedS < nowS - PAST_S)
      .map(({ type, startedS }) => ({
        atMs: Math.floor(startedS) * 1_000,
        count: 1,
        taskType: String(type),
        durationMs: durations.meanMs(type),
      }));
    const demand = {
      scheduled: [...older, ...scheduled],
      waiting: [...waitingRows(occurrences, fleet, durations), ...ahead],
      fleet: live,
    };
    const span = { fromMs: nowS * 1_000, seconds: horizonS };
    return planLive(demand, span, PAST_S, settings, { durations: durations.statistics });
  };
  return {
    name: `this plan, ${settings.mode} mode`,
    decide(nowS, fleet) {
      if (nowS % TICK_S !== 0) return undefined;
      durations.add(nowS, fleet.takeEnded());
      const queue = { length: fleet.queueTail - fleet.queueHead, index: fleet.queueHead };
      for (; queue.length > 0; queue.length -= 1) {
        if ((occurrences.second[queue.index + queue.length - 1] ?? 0) < nowS - PATIENCE_S) break;
      }
      const decision = decideReplicas({
        plannedReplicas: planNow(nowS, fleet).planned[0],
        planAgeMs: 0,
        currentReplicas: fleet.idle + fleet.runningCount + fleet.startingCount,
        busyReplicas: fleet.runningCount,
        queuedTickets: queue.length,
        overdue: 0,
        maxReplicas: settings.maxReplicas,
        controls: NO_CONTROLS,
        nowMs: nowS * 1_000,
      });
      return decision.kind === 'scale' ? decision.toReplicas : undefined;
    },
  };
}

/** Fewest replica-seconds of a plan that knows how long each run takes, whose replicas are there at once and cost nothing to stop. */
export function clairvoyantSeconds(workload: Workload, occurrences: Occurrences): number {
  const span = { fromMs: 0, seconds: workload.seconds };
  const rows = Array.from({ length: occurrences.length }, (_, index) => ({
    atMs: (occurrences.second[index] ?? 0) * 1_000,
    count: 1,
    taskType: 'any',
    durationMs: Math.ceil((occurrences.durationS[index] ?? 0) * 20) * 50,
  })).sort(planOrder);
  const table = toDemandTable(rows, span);
  const punctualBy = table.atUs.map((atUs) => punctualByUs(atUs));
  const { slots } = planSlots(table, () => 0, Infinity, {
    seconds: span.seconds,
    slots: new Slots(),
    punctualBy,
    startBy: punctualBy,
    newSlotsAtUs: -Infinity,
  });
  return slots.reduce((sum, count) => sum + count, 0);
}

function waitingRows(occurrences: Occurrences, fleet: FleetView, durations: MeasuredDurations): PlanRow[] {
  const rows: { atMs: number; count: number; taskType: string; durationMs: number }[] = [];
  for (let index = fleet.queueHead; index < fleet.queueTail; index += 1) {
    const atMs = (occurrences.second[index] ?? 0) * 1_000;
    const type = occurrences.type[index] ?? 0;
    const last = rows.at(-1);
    if (last?.atMs === atMs && last.taskType === String(type)) last.count += 1;
    else rows.push({ atMs, count: 1, taskType: String(type), durationMs: durations.meanMs(type) });
  }
  return rows;
}

function firstFrom(rows: readonly { readonly second: number }[], second: number): number {
  return firstIn(rows, (row) => row.second >= second);
}

/** The first of values that are sorted by whether they fit. */
function firstIn<Value>(values: readonly Value[], fits: (value: Value) => boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (fits(values[middle] as Value)) high = middle;
    else low = middle + 1;
  }
  return low;
}
