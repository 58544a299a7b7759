import { MINUTE_MS, SECOND_MS } from './duration.ts';
import { type Displacement, footprintOf, type MovableTask, offsetsWithin } from './movable-task.ts';

/** Tasks that are alike but for their names: what moving one does, moving another does as well. */
export interface TaskGroup<Task extends MovableTask> {
  readonly tasks: readonly Task[];
  /** What one run adds to the curve, in each of so many seconds. */
  readonly work: number;
  readonly seconds: number;
  /** Second of the curve at which each occurrence is due, by its scheduled time. */
  readonly dueAt: Int32Array;
  /** The same seconds in their order, to find what is under a peak. */
  readonly sorted: Int32Array;
  readonly places: readonly Place[];
}

interface Place {
  readonly offsetMs: number;
  readonly dueAt: Int32Array;
  /** How far an occurrence is moved, on average. */
  readonly movedMs: number;
}

/** A curve of work by second. Moves reach further than the peaks that count. */
export interface Ground {
  readonly work: Float64Array;
  /** How many seconds of it are looked at for peaks. */
  readonly seconds: number;
}

export interface FlattenMove<Task extends MovableTask> extends Displacement<Task> {
  /** The second of the peak that it was moved away from. */
  readonly second: number;
}

/** A move costs like a minute, however short it is: rather few tasks are moved than many. */
const MOVE_COST_MS = MINUTE_MS;

/** Groups of alike tasks that are tried for one move, those with the heaviest runs first. */
const GROUPS_PER_MOVE = 64;

/** Groups in the order in which they are tried. `fromMs`: the first second of the curve. */
export function groupTasks<Task extends MovableTask>(tasks: readonly Task[], fromMs: number): TaskGroup<Task>[] {
  const groups = new Map<string, Task[]>();
  for (const task of tasks) {
    const { durationMs, windowMs, occurrences } = task;
    const times = occurrences.map(({ scheduledMs, dueMs }) => `${scheduledMs}+${dueMs - scheduledMs}`);
    const key = `${durationMs} ${windowMs} ${times.join(' ')}`;
    const alike = groups.get(key);
    if (alike === undefined) groups.set(key, [task]);
    else alike.push(task);
  }
  return [...groups.values()].map((alike) => toGroup(alike, fromMs)).sort((a, b) => b.work - a.work);
}

/** What may be spent on a search, in seconds of the curve that are looked at: it bounds the time, and does so the same way each time. */
export class Effort {
  #left: number;

  constructor(seconds: number) {
    this.#left = seconds;
  }

  /** Answers whether there was enough left. */
  spend(seconds: number): boolean {
    this.#left -= seconds;
    return this.#left >= 0;
  }
}

/**
 * Moves tasks until no second has more work than `most`, the highest peak first, and of all moves the one that takes away most above `most`
 * for how far it moves. Nothing is moved to where it would make more than `most`, and no task twice. `undefined`: that can not be done, or
 * not with so many moves or so much effort.
 */
export function flatten<Task extends MovableTask>(
  { work: before, seconds }: Ground,
  groups: readonly TaskGroup<Task>[],
  most: number,
  maxMoves: number,
  effort: Effort,
): FlattenMove<Task>[] | undefined {
  const work = before.slice();
  const moves: FlattenMove<Task>[] = [];
  const used = new Map<TaskGroup<Task>, number>();
  const usedOf = (group: TaskGroup<Task>): number => used.get(group) ?? 0;
  const change = new Int32Array(work.length);
  for (;;) {
    const second = highest(work, seconds);
    if (Number(work[second]) <= most) return moves;
    if (moves.length === maxMoves) return undefined;
    let best: { group: TaskGroup<Task>; task: Task; place: Place; score: number } | undefined;
    let tried = 0;
    for (const group of groups) {
      if (tried === GROUPS_PER_MOVE) break;
      const task = group.tasks[usedOf(group)];
      if (task === undefined || !covers(group, second)) continue;
      tried += 1;
      for (const place of group.places) {
        if (!effort.spend(2 * group.seconds * group.dueAt.length)) return undefined;
        const gain = gainOf({ work, seconds }, group, place, second, most, change);
        const score = gain / (MOVE_COST_MS + place.movedMs);
        if (score > (best?.score ?? 0)) best = { group, task, place, score };
      }
    }
    if (best === undefined) return undefined;
    const { group, task, place } = best;
    used.set(group, usedOf(group) + 1);
    applyPlace(work, group, place);
    moves.push({ task, offsetMs: place.offsetMs, second });
  }
}

/** Puts one task of a group to a place. */
function applyPlace(
  work: Float64Array,
  group: Pick<TaskGroup<MovableTask>, 'work' | 'seconds' | 'dueAt'>,
  place: { readonly dueAt: Int32Array },
): void {
  eachChange(group, place, work.length, (second, sign) => {
    work[second] = Number(work[second]) + sign * group.work;
  });
}

/** The first of the highest seconds; -1 when there is none. */
export function highest(work: Float64Array, seconds: number): number {
  let best = -1;
  let most = -Infinity;
  for (let second = 0; second < seconds; second += 1) {
    if (Number(work[second]) > most) {
      best = second;
      most = Number(work[second]);
    }
  }
  return best;
}

/** Whether a run of the group counts in a second, where its tasks are now. */
export function covers({ sorted, seconds }: TaskGroup<MovableTask>, second: number): boolean {
  let [low, high] = [0, sorted.length]; // the first that is due later
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(sorted[middle]) > second) high = middle;
    else low = middle + 1;
  }
  return low > 0 && Number(sorted[low - 1]) + seconds > second;
}

function toGroup<Task extends MovableTask>(tasks: Task[], fromMs: number): TaskGroup<Task> {
  const [{ durationMs, windowMs, occurrences }] = tasks as [Task, ...Task[]];
  const secondOf = (atMs: number): number => Math.floor((atMs - fromMs) / SECOND_MS);
  const dueAt = Int32Array.from(occurrences, ({ dueMs }) => secondOf(dueMs));
  return {
    ...footprintOf(durationMs),
    tasks,
    dueAt,
    sorted: dueAt.slice().sort(),
    places: offsetsWithin(windowMs).map((offsetMs) => ({
      offsetMs,
      dueAt: Int32Array.from(occurrences, ({ scheduledMs }) => secondOf(scheduledMs + offsetMs)),
      movedMs:
        occurrences.reduce((sum, { scheduledMs, dueMs }) => sum + Math.abs(scheduledMs + offsetMs - dueMs), 0) /
        occurrences.length,
    })),
  };
}

/**
 * By how much a move lowers what is above `most`, summed over the seconds that count; 0 when it does not lower the peak at `peak`, or puts
 * work where there is no room. `change` is all zeros before and after.
 */
function gainOf(
  { work, seconds }: Ground,
  group: TaskGroup<MovableTask>,
  place: Place,
  peak: number,
  most: number,
  change: Int32Array,
): number {
  const count = (second: number, sign: number): void => {
    change[second] = Number(change[second]) + sign;
  };
  eachChange(group, place, work.length, count);
  let gain = Number(change[peak]) < 0 ? 0 : -Infinity;
  eachChange(group, place, work.length, (second) => {
    const difference = Number(change[second]) * group.work;
    change[second] = 0; // once for each second
    const [was, is] = [Number(work[second]), Number(work[second]) + difference];
    if (difference > 0 && is > most) gain = -Infinity;
    else if (second < seconds) gain += Math.max(0, was - most) - Math.max(0, is - most);
  });
  return Math.max(0, gain);
}

/** Each second of the curve from which a run goes (-1), and to which one comes (1); where both lie on each other nothing changes. */
function eachChange(
  { seconds, dueAt }: Pick<TaskGroup<MovableTask>, 'seconds' | 'dueAt'>,
  place: { readonly dueAt: Int32Array },
  length: number,
  visit: (second: number, sign: number) => void,
): void {
  for (let index = 0; index < dueAt.length; index += 1) {
    const [from, to] = [Number(dueAt[index]), Number(place.dueAt[index])];
    const apart = Math.min(seconds, Math.abs(to - from));
    const gone = to > from ? from : from + seconds - apart;
    const come = to > from ? to + seconds - apart : to;
    for (let second = Math.max(0, gone); second < Math.min(length, gone + apart); second += 1) visit(second, -1);
    for (let second = Math.max(0, come); second < Math.min(length, come + apart); second += 1) visit(second, 1);
  }
}
