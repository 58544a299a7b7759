import { type DurationStatistics, followDrift, RUNS_THAT_SHOW_SPREAD, spreadMs } from './duration-statistics.ts';
import { type DemandRow, SLOT_WORK_MS, START_WINDOW_MS } from './forecast.ts';

/** One-sided 99 %: the sum of what is planned together stays below its plan 99 times of 100. */
export const PLANNING_Z = 2.33;

/** What is wrong for longer than this is seen, and answered by the plans that follow. */
const LASTING_WINDOW_MS = 5 * START_WINDOW_MS;

export interface Reserve {
  /** How many standard deviations to keep in reserve; 0 plans with means. */
  readonly z: number;
  /** What handing over one occurrence costs its slot. */
  readonly overheadMs: number;
}

type TypedRow = DemandRow & { readonly taskType: string };

/**
 * The rows with planning durations instead of means, in the same order. A type without statistics keeps the duration of its rows.
 *
 * The errors of short runs that share a start window cancel, whatever their types: the reserve is for the spread of their sum, and each has
 * the part of it that its own spread makes. What few runs were measured is not trusted fully: the error of the mean itself, which all runs
 * of the type share, comes on top. A long run holds a slot alone, so that its own tail counts; but where many began at different times, some
 * end late while others end early.
 */
export function withPlanningDurations<Row extends TypedRow>(
  rows: readonly Row[],
  statistics: ReadonlyMap<string, DurationStatistics>,
  reserve: Reserve,
): Row[] {
  return withReserve(rows, statistics, reserve, START_WINDOW_MS);
}

/**
 * The same for a replay, where a reserve can be of two kinds. Longer durations ask for more slots for as long as such work goes on, although
 * the errors of a minute cancel better than those of a window. So durations have the reserve of the longer time; what a window needs
 * beyond that is time: its rows are to start that much sooner.
 */
export function withReplayDurations<Row extends TypedRow>(
  rows: readonly Row[],
  statistics: ReadonlyMap<string, DurationStatistics>,
  reserve: Reserve,
  atOnce: readonly Row[] = withPlanningDurations(rows, statistics, reserve),
): (Row & { readonly startWithinMs: number })[] {
  const lasting = withReserve(rows, statistics, reserve, LASTING_WINDOW_MS);
  const result = lasting.map((row) => ({ ...row, startWithinMs: SLOT_WORK_MS }));
  const shortWorkMs = ({ durationMs, count }: Row): number => (durationMs < SLOT_WORK_MS ? durationMs * count : 0);
  let [atOnceMs, lastingMs] = [0, 0];
  slide(rows, START_WINDOW_MS, {
    enter(index) {
      atOnceMs += shortWorkMs(at(atOnce, index));
      lastingMs += shortWorkMs(at(lasting, index));
    },
    leave(index) {
      atOnceMs -= shortWorkMs(at(atOnce, index));
      lastingMs -= shortWorkMs(at(lasting, index));
    },
    measure(index) {
      const share = atOnceMs > 0 ? Math.min(1, Math.max(LEAST_TIME, lastingMs / atOnceMs)) : 1;
      result[index] = { ...at(result, index), startWithinMs: SLOT_WORK_MS * share };
    },
  });
  return result;
}

/** No row is to start sooner than this part of the nine seconds for the sake of a reserve. */
const LEAST_TIME = 0.5;

function withReserve<Row extends TypedRow>(
  rows: readonly Row[],
  statistics: ReadonlyMap<string, DurationStatistics>,
  { z, overheadMs }: Reserve,
  windowMs: number,
): Row[] {
  const types = new Map([...statistics].map(([taskType, some]) => [taskType, new PlannedType(followDrift(some), z)]));
  const typeOf = (index: number): PlannedType | undefined => types.get(at(rows, index).taskType);
  const planned = [...rows];
  const plan = (index: number, runMs: number): void => {
    planned[index] = { ...at(rows, index), durationMs: runMs + overheadMs };
  };
  let variance = 0;
  const change = (index: number, by: 1 | -1): void => {
    const type = typeOf(index);
    if (type === undefined || type.isLong) return;
    variance -= type.variance;
    type.together += by * at(rows, index).count;
    variance += type.variance;
  };
  slide(rows, windowMs, {
    enter: (index) => change(index, 1),
    leave: (index) => change(index, -1),
    measure(index) {
      const type = typeOf(index);
      if (type === undefined) plan(index, at(rows, index).durationMs);
      else if (!type.isLong) plan(index, type.shortMs(variance));
    },
  });
  const isLong = (index: number): boolean => typeOf(index)?.isLong === true;
  for (const [index, beside] of longBeside(rows, isLong, (index) => Number(typeOf(index)?.meanMs))) {
    plan(index, Number(typeOf(index)?.longMs(beside)));
  }
  return planned;
}

/** A task type while the windows pass by. */
class PlannedType {
  readonly meanMs: number;
  readonly isLong: boolean;
  /** Runs that are in the window. */
  together = 0;
  readonly #statistics: DurationStatistics;
  readonly #z: number;

  constructor(statistics: DurationStatistics, z: number) {
    this.meanMs = statistics.meanMs;
    this.isLong = statistics.meanMs >= SLOT_WORK_MS;
    this.#statistics = statistics;
    this.#z = z;
  }

  /** Of the sum of the runs in the window, in ms²: the error of the mean is the same for all of them, so it grows with the square. */
  get variance(): number {
    const measured = Math.max(1, this.#statistics.count);
    return spreadMs(this.#statistics) ** 2 * (this.together + this.together ** 2 / measured);
  }

  /** For one of the short runs in a window whose work has this variance. */
  shortMs(windowVariance: number): number {
    const own = this.variance;
    if (own === 0) return this.meanMs;
    return this.meanMs + (this.#z * own) / this.together / Math.sqrt(Math.max(own, windowVariance));
  }

  /** What nearly every run of it stays below: durations are skewed to the right, as the log-normal distribution is. */
  get tailMs(): number {
    const variance = Math.log(1 + (spreadMs(this.#statistics) / this.meanMs) ** 2); // of the logarithm
    return Math.max(this.#statistics.p90Ms, this.meanMs * Math.exp(this.#z * Math.sqrt(variance) - variance / 2));
  }

  /**
   * For a long run beside others. Of runs that begin evenly, `runs` in the time that one takes, as many still run as if each took the mean;
   * that number varies by √(runs × spread / (√π × mean)), and a little longer runs make up for it. Runs that begin together are not even: of
   * the last group before an instant the plan must know how long it can take. Alone a run is planned at its tail, and never at more.
   */
  longMs({ runs, groups }: Beside): number {
    const { count } = this.#statistics;
    const spread = spreadMs(this.#statistics);
    if (this.#z === 0) return this.meanMs;
    if (count < RUNS_THAT_SHOW_SPREAD) return this.meanMs + this.#z * spread * Math.sqrt(1 + 1 / Math.max(1, count));
    const varying = this.#z * Math.sqrt((this.meanMs * spread) / (Math.sqrt(Math.PI) * runs));
    return Math.min(this.tailMs, this.meanMs + varying + (this.tailMs - this.meanMs) / groups);
  }
}

/** Long runs that began within one mean duration, the one in question included. */
interface Beside {
  readonly runs: number;
  /** Independent groups that began together. Groups of different sizes count for less: (Σ n)² / Σ n². */
  readonly groups: number;
}

interface Passing {
  readonly enter: (index: number) => void;
  readonly leave: (index: number) => void;
  /** When all rows are in that fall into the window that begins with this one. */
  readonly measure: (index: number) => void;
}

/** Lets a window pass over the rows, from the last to the first. */
function slide(rows: readonly DemandRow[], windowMs: number, { enter, leave, measure }: Passing): void {
  const order = inOrderOfTime(rows);
  let last = order.length - 1;
  for (let first = last; first >= 0;) {
    const { atMs } = at(rows, at(order, first));
    let next = first;
    for (; next >= 0 && at(rows, at(order, next)).atMs === atMs; next -= 1) enter(at(order, next));
    for (; at(rows, at(order, last)).atMs >= atMs + windowMs; last -= 1) leave(at(order, last));
    for (let position = first; position > next; position -= 1) measure(at(order, position));
    first = next;
  }
}

/** For each long row what there is of long runs that began within one mean duration before it, itself included. */
function* longBeside(
  rows: readonly DemandRow[],
  isLong: (index: number) => boolean,
  meanMsOf: (index: number) => number,
): Generator<[index: number, beside: Beside]> {
  const order = inOrderOfTime(rows).filter(isLong);
  const times: number[] = [];
  const sums: number[] = [0];
  const squares: number[] = [0];
  for (let first = 0; first < order.length;) {
    const { atMs } = at(rows, at(order, first));
    let [next, together] = [first, 0];
    for (; next < order.length && at(rows, at(order, next)).atMs === atMs; next += 1)
      together += at(rows, at(order, next)).count;
    times.push(atMs);
    sums.push(at(sums, sums.length - 1) + together);
    squares.push(at(squares, squares.length - 1) + together ** 2);
    for (; first < next; first += 1) {
      const index = at(order, first);
      const from = firstAfter(times, atMs - meanMsOf(index));
      const sum = at(sums, times.length) - at(sums, from);
      const square = at(squares, times.length) - at(squares, from);
      yield [index, { runs: Math.max(1, sum), groups: square > 0 ? sum ** 2 / square : 1 }];
    }
  }
}

function firstAfter(times: readonly number[], atMs: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(times, middle) > atMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

function inOrderOfTime(rows: readonly DemandRow[]): number[] {
  const order = Array.from(rows.keys());
  const isSorted = order.every((index) => index === 0 || at(rows, index - 1).atMs <= at(rows, index).atMs);
  return isSorted ? order : order.sort((a, b) => at(rows, a).atMs - at(rows, b).atMs || a - b);
}

function at<Value>(values: readonly Value[], index: number): Value {
  return values[index] as Value;
}
