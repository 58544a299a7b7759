import { DAY_MS } from '../core/duration.ts';
import { START_WINDOW_MS } from '../core/forecast.ts';
import { type LoadCurve, placeByLoad } from '../core/placement.ts';
import { expansionHorizonMs } from '../core/plan.ts';
import type { Queryable } from '../db/database.ts';
import { readPlannedLoad } from '../db/demand-store.ts';
import { readTypeDurations, type TypeDuration } from '../db/type-durations.ts';

/** What placing must know of a task; how long it takes is known by its type. */
export interface PlaceableTask {
  readonly taskType: string;
  readonly flexibleWindowMs: number;
}

/** The load is read again after this long; what is placed meanwhile is added to it here. */
const MAX_AGE_MS = 30_000;

/** Finds places for occurrences in their flexible windows: where the forecast of their pool is lowest, in steps of its start window. */
export class LoadPlacer {
  #curves = new Map<string, LoadCurve>();
  #types: ReadonlyMap<string, TypeDuration> = new Map();
  #readMs = -Infinity;

  /** Call it before placing, with the database's time. */
  async refresh(on: Queryable, nowMs: number): Promise<void> {
    if (nowMs - this.#readMs < MAX_AGE_MS) return;
    const fromMs = Math.floor(nowMs / START_WINDOW_MS) * START_WINDOW_MS;
    // A window of a day may reach so far beyond the last row.
    const steps = Math.ceil((expansionHorizonMs(nowMs) + DAY_MS - fromMs) / START_WINDOW_MS);
    const curves = new Map<string, LoadCurve>();
    for (const { pool, step, workMs } of await readPlannedLoad(on, { fromMs, stepMs: START_WINDOW_MS, steps })) {
      const curve = curves.get(pool) ?? { fromMs, stepMs: START_WINDOW_MS, work: new Float64Array(steps) };
      curve.work[step] = workMs;
      curves.set(pool, curve);
    }
    for (const { pool } of (this.#types = await readTypeDurations(on)).values()) {
      if (!curves.has(pool)) curves.set(pool, { fromMs, stepMs: START_WINDOW_MS, work: new Float64Array(steps) });
    }
    this.#curves = curves;
    this.#readMs = nowMs;
  }

  /** When the occurrence at `atMs` is due, in epoch ms. */
  place(task: PlaceableTask, atMs: number): number {
    const type = this.#types.get(task.taskType);
    const curve = type === undefined ? undefined : this.#curves.get(type.pool);
    if (type === undefined || curve === undefined) return atMs;
    return placeByLoad(curve, atMs, task.flexibleWindowMs, type.averageMs);
  }
}
