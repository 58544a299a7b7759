import { SECOND_MS } from './duration.ts';
import { covers, Effort, flatten, type FlattenMove, groupTasks, highest, type TaskGroup } from './flatten.ts';
import { type DemandRow, instancesForWork, MS_US, SLOT_WORK_MS, type Span, workCurve } from './forecast.ts';
import { type Displacement, footprintOf, MAX_OFFSET_MS, type MovableTask, movedRows } from './movable-task.ts';

export interface SmoothingInput<Task extends MovableTask> {
  /** All that falls due, the tasks' own work included, up to `smoothingUntilMs`. */
  readonly rows: readonly DemandRow[];
  /** Peaks are looked at within it. */
  readonly span: Span;
  /** Of two that are alike the first one is moved first. */
  readonly tasks: readonly Task[];
  readonly slotsPerReplica: number;
  readonly maxMoves: number;
  /** From here on nobody knows what will fall due (epoch ms), so nothing is moved there. */
  readonly knownUntilMs?: number | undefined;
}

/** Peaks in replicas, of the formula. */
export interface Smoothing<Task extends MovableTask> {
  readonly peakBefore: number;
  /** The least peak that was found within so many moves; as before when there are no moves. */
  readonly peakAfter: number;
  /** To be made in this order; after each the peak is no higher than before it. */
  readonly moves: readonly SmoothingMove<Task>[];
}

export interface SmoothingMove<Task extends MovableTask> extends Displacement<Task> {
  /** The second of the peak that it is moved away from, in epoch ms. */
  readonly peakAtMs: number;
  /** The peak when this move and those before it are made. */
  readonly peakAfter: number;
}

/** How much a search may cost: about half a second. */
const EFFORT_SECONDS = 20_000_000;

/** Work is to be known up to here, in epoch ms: a task may be moved behind the span, where its peaks count as well. */
export function smoothingUntilMs(span: Span): number {
  return span.fromMs + span.seconds * SECOND_MS + 2 * MAX_OFFSET_MS;
}

/**
 * Fixed offsets for tasks within their windows, with which the highest peak of a span is lowest. No second is raised above the peak
 * that is sought, so no move makes a new one. Not the best there is: peaks are lowered greedily, and the lowest that this
 * can reach is found by halving. The same input has the same answer.
 */
export function smooth<Task extends MovableTask>(input: SmoothingInput<Task>): Smoothing<Task> {
  const { rows, span, tasks, slotsPerReplica, maxMoves, knownUntilMs = Infinity } = input;
  const reach = (smoothingUntilMs(span) - span.fromMs) / SECOND_MS;
  const work = workCurve(rows, { fromMs: span.fromMs, seconds: reach });
  const known = Math.min(reach, Math.floor((knownUntilMs - span.fromMs) / SECOND_MS));
  const ground = { work: work.fill(Infinity, Math.max(span.seconds, known)), seconds: span.seconds };
  const groups = groupTasks(tasks, span.fromMs);
  const peakBefore = peakOf(ground.work, span.seconds, slotsPerReplica);
  const effort = new Effort(EFFORT_SECONDS);
  let best: readonly FlattenMove<Task>[] = [];
  let [low, high] = [leastPeak(ground, groups, slotsPerReplica, maxMoves), peakBefore];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = flatten(ground, groups, middle * SLOT_WORK_MS * MS_US * slotsPerReplica, maxMoves, effort);
    if (found === undefined) {
      low = middle + 1;
    } else {
      best = found;
      high = middle;
    }
  }
  const moves = withPeaks(ground.work, best, span, slotsPerReplica);
  return { peakBefore, peakAfter: moves.at(-1)?.peakAfter ?? peakBefore, moves };
}

/** The peak of a span with some moves made, by the formula and from nothing else. */
export function peakWith(
  rows: readonly DemandRow[],
  moves: readonly Displacement[],
  span: Span,
  slotsPerReplica: number,
): number {
  return peakOf(workCurve([...rows, ...movedRows(moves)], span), span.seconds, slotsPerReplica);
}

/** The highest seconds of a curve, each further than `apartSeconds` from all higher ones, highest first, in epoch ms. */
export function highestSeconds(rows: readonly DemandRow[], span: Span, count: number, apartSeconds: number): number[] {
  const work = workCurve(rows, span);
  const found: number[] = [];
  while (found.length < count) {
    const second = highest(work, span.seconds);
    if (second === -1 || Number(work[second]) <= 0) break;
    found.push(span.fromMs + second * SECOND_MS);
    work.fill(0, Math.max(0, second - apartSeconds), second + apartSeconds + 1);
  }
  return found;
}

/** What the highest second would still have if the heaviest that may be moved were gone: there is no use in looking for less. */
function leastPeak(
  { work, seconds }: { readonly work: Float64Array; readonly seconds: number },
  groups: readonly TaskGroup<MovableTask>[],
  slotsPerReplica: number,
  maxMoves: number,
): number {
  const second = highest(work, seconds);
  if (second === -1) return 0;
  let left = maxMoves;
  let least = Number(work[second]);
  for (const group of groups) {
    if (left === 0 || !covers(group, second)) continue;
    const moved = Math.min(left, group.tasks.length);
    least -= moved * group.work * runsAt(group, second);
    left -= moved;
  }
  return Math.max(1, instancesForWork(Math.max(0, least), slotsPerReplica));
}

/** How many runs of one task of a group count in a second: several where its runs outlast its period. */
function runsAt({ dueAt, seconds }: TaskGroup<MovableTask>, second: number): number {
  return dueAt.reduce((count, due) => (due <= second && due + seconds > second ? count + 1 : count), 0);
}

function peakOf(work: Float64Array, seconds: number, slotsPerReplica: number): number {
  const second = highest(work, seconds);
  return second === -1 ? 0 : instancesForWork(Number(work[second]), slotsPerReplica);
}

function withPeaks<Task extends MovableTask>(
  before: Float64Array,
  moves: readonly FlattenMove<Task>[],
  span: Span,
  slotsPerReplica: number,
): SmoothingMove<Task>[] {
  const work = before.slice();
  return moves.map(({ task, offsetMs, second }) => {
    const { work: height, seconds } = footprintOf(task.durationMs);
    for (const { atMs, count } of movedRows([{ task, offsetMs }])) {
      const first = Math.floor((atMs - span.fromMs) / SECOND_MS);
      for (let at = Math.max(0, first); at < Math.min(work.length, first + seconds); at += 1) {
        work[at] = Number(work[at]) + count * height;
      }
    }
    return {
      task,
      offsetMs,
      peakAtMs: span.fromMs + second * SECOND_MS,
      peakAfter: peakOf(work, span.seconds, slotsPerReplica),
    };
  });
}
