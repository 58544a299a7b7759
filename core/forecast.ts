import { SECOND_MS } from './duration.ts';

/** Some equal occurrences that fall due at one instant: how many, and how long one of them runs. */
export interface DemandRow {
  /** Epoch ms. */
  readonly atMs: number;
  readonly count: number;
  readonly durationMs: number;
}

/**
 * The mission's numbers: work must start within a window of 10 s, and a slot gives nine of its ten seconds, the tenth being kept against
 * overload. So one slot takes 9,000 ms of work per window.
 */
export const START_WINDOW_MS = 10_000;
export const SLOT_WORK_MS = 9_000;

/** Microseconds in a millisecond. Averages are fractions of a ms; as whole µs their sums are exact up to 285 years of compute. */
export const MS_US = 1_000;
const SLOT_WORK_US = SLOT_WORK_MS * MS_US;

/** The base formula, for occurrences of one scheduled time: ceil(total compute ms / 9000) per slot. */
export function requiredInstances(computeMs: number, slotsPerReplica: number): number {
  return ceilOfWhole(Math.round(computeMs * MS_US), SLOT_WORK_US * slotsPerReplica);
}

/** A span of time in whole seconds: element 0 is the second that starts at `fromMs`. */
export interface Span {
  /** A whole second, epoch ms. */
  readonly fromMs: number;
  readonly seconds: number;
}

/**
 * The formula as a curve: instances needed in each second of the span. A row asks for its share of a slot over the whole start window, or,
 * when one run is longer than a slot's window, for a slot per run for as long as it runs, stretched by the buffer. Where scheduled times
 * lie apart this equals `requiredInstances` of each; where they share a window or outlast it they add up.
 */
export function formulaCurve(rows: Iterable<DemandRow>, span: Span, slotsPerReplica: number): number[] {
  return Array.from(workCurve(rows, span), (work) => instancesForWork(work, slotsPerReplica));
}

/**
 * The same before it is rounded up, so that curves can be added: work of each second in millionths of a slot times nine, which are whole
 * numbers, so that no sum ends a hair above the number of slots that it stands for.
 */
export function workCurve(rows: Iterable<DemandRow>, span: Span): Float64Array {
  const sum = new WorkSum(span);
  for (const row of rows) sum.add(row);
  return sum.curve();
}

/** Adds up a `workCurve` row by row: the rows of a week need not be held all at once. */
export class WorkSum {
  readonly #span: Span;
  readonly #change: Float64Array;

  constructor(span: Span) {
    this.#span = span;
    this.#change = new Float64Array(span.seconds + 1);
  }

  add(row: DemandRow): void {
    const { fromMs, seconds } = this.#span;
    const durationUs = Math.round(row.durationMs * MS_US);
    const isShort = durationUs <= SLOT_WORK_US;
    const work = row.count * (isShort ? durationUs : SLOT_WORK_US);
    const lengthMs = isShort ? START_WINDOW_MS : stretchedMs(durationUs);
    const first = Math.floor((row.atMs - fromMs) / SECOND_MS);
    const last = first + Math.ceil(lengthMs / SECOND_MS);
    if (last <= 0 || first >= seconds) return;
    addTo(this.#change, Math.max(0, first), work);
    addTo(this.#change, Math.min(seconds, last), -work);
  }

  curve(): Float64Array {
    let work = 0;
    return this.#change.subarray(0, this.#span.seconds).map((difference) => (work += difference));
  }
}

/** Instances for one value of a `workCurve`. */
export function instancesForWork(work: number, slotsPerReplica: number): number {
  return ceilOfWhole(work, SLOT_WORK_US * slotsPerReplica);
}

/** The greatest value of each step of `size` seconds; peaks matter, so never the average. */
export function maxPerStep(values: readonly number[], size: number): number[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, step) =>
    Math.max(...values.slice(step * size, (step + 1) * size)),
  );
}

export function sumPerStep(values: readonly number[], size: number): number[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, step) =>
    values.slice(step * size, (step + 1) * size).reduce((sum, value) => sum + value, 0),
  );
}

/** How long after its time a run still counts in a `workCurve`. */
export function reachMs(durationMs: number): number {
  return Math.max(START_WINDOW_MS, stretchedMs(Math.round(durationMs * MS_US)));
}

/** How long a run keeps its slot when a tenth of the slot is not to be planned with. */
function stretchedMs(durationUs: number): number {
  return (durationUs * START_WINDOW_MS) / SLOT_WORK_US;
}

/** Division of whole numbers, rounded up; exact as long as both are below 2^53. */
function ceilOfWhole(dividend: number, divisor: number): number {
  const rest = dividend % divisor;
  return (dividend - rest) / divisor + (rest > 0 ? 1 : 0);
}

function addTo(values: Float64Array, index: number, amount: number): void {
  values[index] = Number(values[index]) + amount;
}
