import type { DayOutcome } from './counterfactual.ts';
import { SECOND_MS } from './duration.ts';
import { maxPerStep, START_WINDOW_MS, sumPerStep } from './forecast.ts';

/** How one side did on a day. Delays are `undefined` without occurrences, and Infinity for what never started. */
export interface DayFigures {
  readonly occurrences: number;
  /** Started more than 10 s late, or never. */
  readonly late: number;
  readonly neverStarted: number;
  readonly p50DelayMs: number | undefined;
  readonly p95DelayMs: number | undefined;
  readonly p99DelayMs: number | undefined;
  readonly worstDelayMs: number | undefined;
}

export interface SimulatedSide extends DayFigures {
  /** Of replicas that take work, over the seconds that are counted. */
  readonly readyReplicaMinutes: number;
  /** Of all that cost something, over the whole day. */
  readonly replicaMinutes: number;
  readonly peakReplicas: number;
  readonly changes: number;
  /** The most replicas that took work in each step, and how many occurrences of the step started late. */
  readonly readyPerStep: readonly number[];
  readonly latePerStep: readonly number[];
}

export function figuresOf(delayMs: Float64Array): DayFigures {
  const sorted = Float64Array.from(delayMs).sort();
  const at = (q: number): number | undefined => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  return {
    occurrences: sorted.length,
    late: countOf(delayMs, (delay) => delay > START_WINDOW_MS),
    neverStarted: countOf(delayMs, (delay) => delay === Infinity),
    p50DelayMs: at(0.5),
    p95DelayMs: at(0.95),
    p99DelayMs: at(0.99),
    worstDelayMs: at(1),
  };
}

/** `counted` says of each second whether the replicas of that second count. A step is a number of seconds. */
export function sideOf(outcome: DayOutcome, counted: readonly boolean[], stepSeconds: number): SimulatedSide {
  const { delayMs, occurrenceAtMs, readyPerSecond, paidPerSecond, changes } = outcome;
  const late = new Array<number>(readyPerSecond.length).fill(0);
  for (const [index, delay] of delayMs.entries()) {
    const second = Math.floor(Number(occurrenceAtMs[index]) / SECOND_MS);
    if (delay > START_WINDOW_MS) late[second] = Number(late[second]) + 1;
  }
  return {
    ...figuresOf(delayMs),
    readyReplicaMinutes:
      readyPerSecond.reduce((sum, ready, second) => sum + (counted[second] === true ? ready : 0), 0) / 60,
    replicaMinutes: paidPerSecond.reduce((sum, paid) => sum + paid, 0) / 60,
    peakReplicas: readyPerSecond.reduce((most, ready) => Math.max(most, ready), 0),
    changes,
    readyPerStep: maxPerStep(readyPerSecond, stepSeconds),
    latePerStep: sumPerStep(late, stepSeconds),
  };
}

function countOf(values: Float64Array, isCounted: (value: number) => boolean): number {
  let count = 0;
  for (const value of values) count += Number(isCounted(value));
  return count;
}

/** A sample says nothing of later than this. */
const SAMPLE_HOLDS_MS = 30 * SECOND_MS;

/**
 * What was there in each second of a day, by samples in order of time, each of which holds until the next, and no longer than half a
 * minute. `undefined` where nobody looked. Instants from the begin of the day on.
 */
export function readyBySecond(
  samples: readonly { readonly atMs: number; readonly ready: number }[],
  seconds: number,
): (number | undefined)[] {
  const ready = new Array<number | undefined>(seconds).fill(undefined);
  for (const [index, sample] of samples.entries()) {
    const untilMs = Math.min(samples[index + 1]?.atMs ?? Infinity, sample.atMs + SAMPLE_HOLDS_MS);
    const [from, until] = [sample.atMs, untilMs].map((atMs) => Math.ceil(atMs / SECOND_MS)) as [number, number];
    ready.fill(sample.ready, Math.max(0, from), Math.max(0, until));
  }
  return ready;
}
