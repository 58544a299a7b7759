import { SECOND_MS } from './duration.ts';
import type { Placement } from './task.ts';

/** Work that is planned, in ms of compute per step of time. Placing adds to it. */
export interface LoadCurve {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly work: Float64Array;
}

/**
 * Where in its flexible window [atMs, atMs + windowMs] an occurrence meets least other work, in epoch ms: the earliest of the best places.
 * Adds the occurrence to the load, so that the next one sees it. What lies outside of the curve counts as free.
 */
export function placeByLoad(load: LoadCurve, atMs: number, windowMs: number, durationMs: number): number {
  const first = Math.ceil((atMs - load.fromMs) / load.stepMs);
  const last = Math.floor((atMs + windowMs - load.fromMs) / load.stepMs);
  const steps = Math.max(1, Math.ceil(durationMs / load.stepMs));
  let best = first;
  let leastWork = Infinity;
  for (let step = first; step <= last && leastWork > 0; step += 1) {
    const work = peakOf(load, step, steps);
    if (work >= leastWork) continue;
    leastWork = work;
    best = step;
  }
  // A window shorter than a step may hold no boundary of one: its own start is as good.
  const placedMs = first > last ? atMs : load.fromMs + best * load.stepMs;
  addWork(load, placedMs, durationMs);
  return placedMs;
}

/** What decides about the places of a task's occurrences. */
export interface PlacedTask {
  readonly id: string;
  readonly flexibleWindowMs: number;
  readonly placement: Placement;
  /** What advice gave the task; null: its placement decides. */
  readonly placementOffsetMs: number | null;
}

/** How long after its scheduled time every occurrence of a task is due; `undefined`: each finds its own place, by the load. */
export function settledOffsetMs(task: PlacedTask): number | undefined {
  const { id, flexibleWindowMs, placement, placementOffsetMs } = task;
  if (isPlacedByLoad(task)) return undefined;
  if (placementOffsetMs !== null) return Math.min(placementOffsetMs, flexibleWindowMs);
  return placement === 'hash' ? hashOffsetMs(id, flexibleWindowMs) : 0;
}

/** Whether each occurrence of a task finds its own place, by the load. */
export function isPlacedByLoad({ flexibleWindowMs, placement, placementOffsetMs }: Omit<PlacedTask, 'id'>): boolean {
  return placementOffsetMs === null && placement === 'load' && flexibleWindowMs > 0;
}

/** How long after its time an occurrence of a task runs within a window: whole seconds, the same at every time, evenly spread over tasks. */
export function hashOffsetMs(taskId: string, windowMs: number): number {
  const seconds = Math.floor(windowMs / SECOND_MS) + 1;
  let hash = 0x811c9dc5; // FNV-1a, with the finalizer of MurmurHash3: ids that follow each other must not stay neighbours
  for (let index = 0; index < taskId.length; index += 1) {
    hash = Math.imul(hash ^ taskId.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) % seconds) * SECOND_MS;
}

function peakOf(load: LoadCurve, first: number, steps: number): number {
  let peak = 0;
  for (let step = first; step < first + steps; step += 1) peak = Math.max(peak, load.work[step] ?? 0);
  return peak;
}

function addWork(load: LoadCurve, atMs: number, durationMs: number): void {
  let leftMs = durationMs;
  for (let step = Math.floor((atMs - load.fromMs) / load.stepMs); leftMs > 0 && step < load.work.length; step += 1) {
    const part = Math.min(leftMs, load.stepMs);
    const before = load.work[step]; // none before the curve begins
    if (before !== undefined) load.work[step] = before + part;
    leftMs -= part;
  }
}
