import type { PlanRow } from '../core/demand-table.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import type { FleetPlan } from '../core/fleet-plan.ts';
import type { Span } from '../core/forecast.ts';
import { type Prediction, predictionsOf } from '../core/forecast-accuracy.ts';
import { endOfSpan, joinPlans, nearSpan, planFar, planNear } from '../core/live-picture.ts';
import type { Database } from '../db/database.ts';
import type { Fleet } from '../db/forecast-store.ts';
import { LivePictureReader, type LivePictureSettings, type SeenPicture } from '../db/live-picture-store.ts';
import type { PlanPoint } from './plan-view.ts';

export interface LivePlannerConfig extends LivePictureSettings {
  readonly pool: string;
}

/** What one look at the database says. */
export interface LivePlan {
  /** When it was made, on the database's clock (epoch ms). */
  readonly atMs: number;
  /** From the second of `atMs` on. */
  readonly near: FleetPlan;
  /** As far as the plan reaches, change by change. */
  readonly horizon: readonly PlanPoint[];
  /** What it says about the minutes that will be held against it; none when an earlier plan has said so. */
  readonly predictions: readonly Prediction[];
  readonly leadTimeMs: number;
  readonly fleet: Fleet;
  /** Of the slots of `fleet.ready`. */
  readonly busySlots: number;
  /** What was last asked for by any copy; `undefined`: nothing ever. */
  readonly lastWish: number | undefined;
  /** Past its time by more than a moment: claimed and not begun, and not even claimed. */
  readonly queued: number;
  readonly overdue: number;
}

const HORIZON_MS = 3 * HOUR_MS;
/** Work is claimed a moment before its time and starts a moment after it: only what is later than this waits for want of replicas. */
const PATIENCE_MS = 2 * SECOND_MS;

/**
 * Plans one pool from what the database says at that moment: a copy that has just started knows as much as one that has run for days. What
 * changes slowly is read once a minute, and so is the work of the coming hours.
 */
export class LivePlanner {
  readonly #reader: LivePictureReader;
  #far: FarPlan | undefined;

  constructor(database: Database, { pool, ...settings }: LivePlannerConfig) {
    this.#reader = new LivePictureReader(database, pool, settings);
  }

  async plan(): Promise<LivePlan> {
    const picture = await this.#reader.read();
    const { atMs, work, fleet, settings } = picture;
    const near = planNear(picture);
    const known = this.#far?.facts === picture.facts ? this.#far : undefined;
    const far = (this.#far = known ?? (await this.#planFar(picture, near)));
    return {
      atMs,
      near,
      horizon: joined(near.planned, nearSpan(atMs, settings), far.points),
      predictions: known === undefined ? far.predictions : [],
      leadTimeMs: settings.leadTimeMs,
      fleet,
      busySlots: sumOf(work.running),
      lastWish: picture.scaleOuts[0]?.wanted,
      queued: sumOf(work.queued.filter((row) => row.atMs < atMs - PATIENCE_MS)),
      overdue: sumOf(work.due.filter((row) => row.atMs < atMs - PATIENCE_MS)),
    };
  }

  /** The plan beyond the near one. It is made a little longer than it is used: what comes then is prepared for before its end. */
  async #planFar(picture: SeenPicture, near: FleetPlan): Promise<FarPlan> {
    const { leadTimeMs, closingMs } = picture.settings;
    const { fromMs } = nearSpan(picture.atMs, picture.settings);
    const seconds = Math.ceil((HORIZON_MS + MINUTE_MS + leadTimeMs + closingMs) / SECOND_MS);
    const ahead = await this.#reader.readAhead(picture, fromMs + seconds * SECOND_MS);
    const far = planFar(picture, ahead, seconds);
    return {
      facts: picture.facts,
      points: toPoints(far.planned.slice(0, HORIZON_MS / SECOND_MS), fromMs),
      predictions: predictionsOf(joinPlans(near, far), fromMs, [...picture.work.due, ...ahead]),
    };
  }
}

interface FarPlan {
  /** What it was made from; when they are read anew it is made anew. */
  readonly facts: SeenPicture['facts'];
  readonly points: readonly PlanPoint[];
  readonly predictions: readonly Prediction[];
}

/** The near plan as points, and the far one from where it ends. */
function joined(near: readonly number[], span: Span, far: readonly PlanPoint[]): PlanPoint[] {
  const untilMs = endOfSpan(span);
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
