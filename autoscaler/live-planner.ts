import type { PlanRow } from '../core/demand-table.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import { type FleetPlan, type FleetPlanSettings, planFleet, type PlanKnowledge } from '../core/fleet-plan.ts';
import type { Span } from '../core/forecast.ts';
import { leadTimeMs } from '../core/lead-time.ts';
import type { LiveFleet } from '../core/live-fleet.ts';
import { planLive } from '../core/live-plan.ts';
import { readScaleOuts, type ScaleOut } from '../db/autoscaler-store.ts';
import type { Database } from '../db/database.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { type Fleet, readFleet } from '../db/forecast-store.ts';
import {
  type LiveWork,
  readDemandAhead,
  readDurations,
  readLiveWork,
  readMeasuredLead,
  readUnscheduledSlots,
} from '../db/live-work-store.ts';
import type { PlanPoint } from './plan-view.ts';

export interface LivePlannerConfig extends FleetPlanSettings {
  readonly pool: string;
  /** No measured start-up counts for less than this. */
  readonly leadFloorMs: number;
  /** What is asked for at one turn must do until the next. */
  readonly periodMs: number;
}

/** What one look at the database says. */
export interface LivePlan {
  /** When it was made, on the database's clock (epoch ms). */
  readonly atMs: number;
  /** From the second of `atMs` on. */
  readonly near: FleetPlan;
  /** As far as the plan reaches, change by change. */
  readonly horizon: readonly PlanPoint[];
  readonly leadTimeMs: number;
  readonly fleet: Fleet;
  /** What was last asked for by any copy; `undefined`: nothing ever. */
  readonly lastWish: number | undefined;
  /** Past its time by more than a moment: claimed and not begun, and not even claimed. */
  readonly queued: number;
  readonly overdue: number;
}

const HORIZON_MS = 3 * HOUR_MS;
/** How far the plan of each turn reaches beyond the lead time. */
const NEAR_MS = 2 * MINUTE_MS;
const MAX_PAST_MS = 2 * MINUTE_MS;
const SLOW_FACTS_MS = MINUTE_MS;
const UNSCHEDULED_WINDOW_MS = HOUR_MS;
/** Work is claimed a moment before its time and starts a moment after it: only what is later than this waits for want of replicas. */
const PATIENCE_MS = 2 * SECOND_MS;

/**
 * Plans one pool from what the database says at that moment: a copy that has just started knows as much as one that has run for days. What
 * changes slowly (durations, the start-up time, the work of the coming hours) is read once a minute.
 */
export class LivePlanner {
  readonly #database: Database;
  readonly #config: LivePlannerConfig;
  #slow: SlowFacts | undefined;

  constructor(database: Database, config: LivePlannerConfig) {
    this.#database = database;
    this.#config = config;
  }

  async plan(): Promise<LivePlan> {
    const { pool } = this.#config;
    const atMs = await readDatabaseClock(this.#database);
    const slow = await this.#readSlowFacts(atMs);
    const span = nearSpan(atMs, slow.settings);
    const untilMs = endOf(span);
    const pastMs = Math.min(MAX_PAST_MS, pastOf(slow.settings));
    const [work, fleet, changes] = await Promise.all([
      readLiveWork(this.#database, pool, { untilMs, pastMs }),
      readFleet(this.#database, pool),
      readScaleOuts(this.#database, pool),
    ]);
    const settings = { ...slow.settings, slotsPerReplica: fleet.slots ?? slow.settings.slotsPerReplica };
    const demand = {
      scheduled: [...work.due, ...work.queued, ...work.running, ...work.leaving, ...work.ended],
      waiting: [...work.due, ...work.queued],
      fleet: toLiveFleet(work, fleet, changes, settings, atMs),
    };
    const near = planLive(demand, span, Math.ceil(pastMs / SECOND_MS), settings, slow.knowledge);
    const far = (slow.far ??= await this.#planFar(span, work.due, settings, slow.knowledge));
    return {
      atMs,
      near,
      horizon: joined(near.planned, span, far),
      leadTimeMs: settings.leadTimeMs,
      fleet,
      lastWish: changes[0]?.wanted,
      queued: sumOf(work.queued.filter((row) => row.atMs < atMs - PATIENCE_MS)),
      overdue: sumOf(work.due.filter((row) => row.atMs < atMs - PATIENCE_MS)),
    };
  }

  async #readSlowFacts(atMs: number): Promise<SlowFacts> {
    if (this.#slow !== undefined && atMs - this.#slow.readMs < SLOW_FACTS_MS) return this.#slow;
    const { pool, leadFloorMs, periodMs, ...settings } = this.#config;
    const [durations, unscheduled, lead] = await Promise.all([
      readDurations(this.#database, pool),
      readUnscheduledSlots(this.#database, pool, UNSCHEDULED_WINDOW_MS),
      readMeasuredLead(this.#database, pool),
    ]);
    const measured = leadTimeMs(lead, { configuredMs: settings.leadTimeMs, floorMs: leadFloorMs });
    // A small share of a slot is what the buffer of the others is for.
    const knowledge = { durations, unscheduledSlots: Math.round(unscheduled) };
    // A replica that is asked for at a turn must have its time to start even if the work became near right after the turn before.
    this.#slow = {
      readMs: atMs,
      settings: { ...settings, leadTimeMs: measured + periodMs },
      knowledge,
      far: undefined,
    };
    return this.#slow;
  }

  /** The plan beyond the near one, as the schedule alone has it. */
  async #planFar(
    near: Span,
    due: readonly PlanRow[],
    settings: FleetPlanSettings,
    knowledge: PlanKnowledge,
  ): Promise<PlanPoint[]> {
    const fromMs = endOf(near);
    const ahead = await readDemandAhead(this.#database, this.#config.pool, {
      fromMs,
      untilMs: near.fromMs + HORIZON_MS,
    });
    const span = { fromMs: near.fromMs, seconds: HORIZON_MS / SECOND_MS };
    return toPoints(planFleet([...due, ...ahead], span, settings, knowledge).planned, span.fromMs);
  }
}

interface SlowFacts {
  readonly readMs: number;
  readonly settings: FleetPlanSettings;
  readonly knowledge: PlanKnowledge;
  /** Made with the first plan after the facts were read. */
  far: readonly PlanPoint[] | undefined;
}

function nearSpan(atMs: number, { leadTimeMs: leadMs, closingMs }: FleetPlanSettings): Span {
  const fromMs = Math.floor(atMs / SECOND_MS) * SECOND_MS;
  return { fromMs, seconds: Math.ceil((leadMs + closingMs + NEAR_MS) / SECOND_MS) };
}

/** As far back as what is over still shapes the plan. */
function pastOf({ closingMs, tailMs }: FleetPlanSettings): number {
  return closingMs + tailMs + 20 * SECOND_MS;
}

function endOf(span: Span): number {
  return span.fromMs + span.seconds * SECOND_MS;
}

function toLiveFleet(
  work: LiveWork,
  fleet: Fleet,
  changes: readonly ScaleOut[],
  settings: FleetPlanSettings,
  atMs: number,
): LiveFleet {
  return {
    readySlots: fleet.readySlots,
    running: work.running.map(({ count, durationMs, ageMs, taskType }) => ({ count, durationMs, ageMs, taskType })),
    starting: startingReplicas(fleet.ready, changes, settings.leadTimeMs).map(({ count, leftMs }) => ({
      slots: count * settings.slotsPerReplica,
      readyAtMs: atMs + leftMs,
    })),
  };
}

/** What takes longer than this many lead times will not come, as far as the plan is concerned. */
const GIVEN_UP_AFTER = 2;

/** Replicas that were asked for and have not reported: the youngest increases, as many as are missing. */
export function startingReplicas(
  readyReplicas: number,
  changes: readonly ScaleOut[],
  leadMs: number,
): { readonly count: number; readonly leftMs: number }[] {
  let missing = Math.max(0, (changes[0]?.wanted ?? 0) - readyReplicas);
  const starting = [];
  for (const { added, ageMs } of changes) {
    if (missing === 0 || ageMs > GIVEN_UP_AFTER * leadMs) break;
    const count = Math.min(missing, Math.max(0, added));
    if (count > 0) starting.push({ count, leftMs: Math.max(0, leadMs - ageMs) });
    missing -= count;
  }
  return starting;
}

/** The near plan as points, and the far one from where it ends. */
function joined(near: readonly number[], span: Span, far: readonly PlanPoint[]): PlanPoint[] {
  const untilMs = endOf(span);
  const atEnd = far.findLast(({ atMs }) => atMs <= untilMs);
  const later = far.filter(({ atMs }) => atMs > untilMs);
  const bridge = atEnd === undefined ? [] : [{ atMs: untilMs, plannedInstances: atEnd.plannedInstances }];
  return [...toPoints(near, span.fromMs), ...bridge, ...later];
}

/** One point for each change. */
function toPoints(planned: readonly number[], fromMs: number): PlanPoint[] {
  return planned.flatMap((plannedInstances, second) =>
    second === 0 || plannedInstances !== planned[second - 1]
      ? [{ atMs: fromMs + second * SECOND_MS, plannedInstances }]
      : [],
  );
}

function sumOf(rows: readonly PlanRow[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}
