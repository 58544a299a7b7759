import { MINUTE_MS, SECOND_MS } from './duration.ts';
import type { DurationStatistics } from './duration-statistics.ts';
import type { FleetPlanSettings } from './fleet-plan.ts';
import { type FleetPolicy, FleetSimulation } from './fleet-simulation.ts';
import { SLOT_WORK_MS } from './forecast.ts';
import { LearntDurations } from './learnt-durations.ts';
import { createPlanPolicy, type ForetoldWork } from './plan-policy.ts';
import { createQueueScaler, HPA_DEFAULTS, type QueueScalerSettings } from './queue-scaler.ts';

/** Equal runs of one task type that fell due in one second, as they were recorded; instants from the begin of the day on. */
export interface RecordedWork {
  readonly atMs: number;
  readonly taskType: string;
  readonly count: number;
  /** How long each of them took. */
  readonly durationMs: number;
  /** Whether the schedule said so beforehand: no retry, nothing that somebody ran by hand or at once. */
  readonly foretold: boolean;
}

/** A day of a pool, from its first record to its last. */
export interface RecordedDay {
  readonly seconds: number;
  readonly work: readonly RecordedWork[];
  /** What was known of each type before the day began. */
  readonly durations: ReadonlyMap<string, DurationStatistics>;
  /** How long replicas took to start, one at least: they are used in turn, by every policy alike. */
  readonly startUpsMs: readonly number[];
  /** Replicas that were ready at the begin. */
  readonly initialReplicas: number;
  /** With the measured lead time. */
  readonly settings: FleetPlanSettings;
}

/** What came of a day under a policy. */
export interface DayOutcome {
  /** By occurrence in the order of their times; Infinity for those that have not started within an hour after the day. */
  readonly delayMs: Float64Array;
  readonly occurrenceAtMs: Float64Array;
  readonly readyPerSecond: readonly number[];
  readonly paidPerSecond: readonly number[];
  readonly changes: number;
}

export interface QueuePolicy {
  readonly name: string;
  readonly settings: QueueScalerSettings;
}

/**
 * Queue-length autoscalers as people set them up, the best settings we know among them. A message counts until its run has ended. The
 * target of the tuned one knows how long the runs of this very day took.
 */
export function queuePolicies(day: RecordedDay): QueuePolicy[] {
  const { slotsPerReplica, minReplicas, maxReplicas } = day.settings;
  const limits = { minReplicas, maxReplicas };
  const workMs = day.work.reduce((sum, { count, durationMs }) => sum + count * durationMs, 0);
  const runs = day.work.reduce((sum, { count }) => sum + count, 0);
  const perSlot = Math.max(1, Math.floor((SLOT_WORK_MS * runs) / Math.max(1, workMs)));
  const tuned = { ...HPA_DEFAULTS, ...limits, messagesPerReplica: perSlot * slotsPerReplica };
  const onePerSlot = { ...HPA_DEFAULTS, ...limits, messagesPerReplica: slotsPerReplica };
  return [
    { name: 'HPA on queue length, tuned', settings: tuned },
    { name: 'KEDA RabbitMQ, value 20', settings: { ...HPA_DEFAULTS, ...limits, messagesPerReplica: 20 } },
    { name: 'KEDA RabbitMQ, one per slot', settings: onePerSlot },
    {
      name: 'KEDA RabbitMQ, one per slot, fast',
      settings: { ...onePerSlot, tolerance: 0, scaleUpPercent: 10_000, stabilisationMs: MINUTE_MS },
    },
  ];
}

/** What waits at the end of the day is played on for so long. */
const AFTER_MS = 60 * MINUTE_MS;

/** A day that can be played under one policy after the other. A busy one takes seconds. */
export class DaySimulation {
  readonly #day: RecordedDay;
  readonly #atMs: Float64Array;
  readonly #type: Int32Array;
  readonly #durationMs: Float64Array;
  readonly #taskTypes: readonly string[];

  constructor(day: RecordedDay) {
    this.#day = day;
    this.#taskTypes = [...new Set(day.work.map(({ taskType }) => taskType))].sort();
    const ranks = new Map(this.#taskTypes.map((name, rank) => [name, rank]));
    const meanOf = (taskType: string): number => day.durations.get(taskType)?.meanMs ?? 0;
    const ordered = [...day.work].sort((a, b) => a.atMs - b.atMs || meanOf(a.taskType) - meanOf(b.taskType));
    const length = ordered.reduce((sum, { count }) => sum + count, 0);
    [this.#atMs, this.#type, this.#durationMs] = [
      new Float64Array(length),
      new Int32Array(length),
      new Float64Array(length),
    ];
    let index = 0;
    for (const { atMs, taskType, count, durationMs } of ordered) {
      this.#atMs.fill(atMs, index, index + count);
      this.#type.fill(Number(ranks.get(taskType)), index, index + count);
      this.#durationMs.fill(durationMs, index, index + count);
      index += count;
    }
  }

  /** What the product's plan would have done. */
  plan(): DayOutcome {
    const { work, durations, settings, initialReplicas } = this.#day;
    const ranks = new Map(this.#taskTypes.map((name, rank) => [name, rank]));
    const partOf = (isForetold: boolean): ForetoldWork[] =>
      work
        .filter(({ foretold }) => foretold === isForetold)
        .map(({ atMs, taskType, count }) => ({ atMs, type: Number(ranks.get(taskType)), count }))
        .sort((a, b) => a.atMs - b.atMs);
    const input = {
      taskTypes: this.#taskTypes,
      foretold: partOf(true),
      unforetold: partOf(false),
      durations: new LearntDurations(durations),
      atMs: this.#atMs,
      type: this.#type,
    };
    return this.#play(createPlanPolicy(input, settings, initialReplicas));
  }

  /** What an autoscaler on the length of the queue would have done. */
  queue(settings: QueueScalerSettings): DayOutcome {
    const scale = createQueueScaler(settings, this.#day.initialReplicas);
    return this.#play((nowMs, fleet) => scale(nowMs, fleet.queueTail - fleet.queueHead + fleet.runningCount));
  }

  #play(policy: FleetPolicy): DayOutcome {
    const { seconds, startUpsMs, initialReplicas, settings } = this.#day;
    const occurrences = {
      length: this.#atMs.length,
      atMs: this.#atMs,
      type: this.#type,
      durationMs: this.#durationMs,
    };
    let starts = 0;
    const simulation = new FleetSimulation(occurrences, policy, {
      slotsPerReplica: settings.slotsPerReplica,
      initialReplicas,
      startUpMs: () => {
        starts += 1;
        return Number(startUpsMs[starts % startUpsMs.length]);
      },
    });
    const endMs = seconds * SECOND_MS;
    simulation.advance(endMs);
    while (!simulation.isAllStarted && simulation.nowMs < endMs + AFTER_MS)
      simulation.advance(simulation.nowMs + MINUTE_MS);
    return {
      delayMs: simulation.delayMs,
      occurrenceAtMs: this.#atMs,
      readyPerSecond: simulation.readyPerSecond.slice(0, seconds),
      paidPerSecond: simulation.paidPerSecond.slice(0, seconds),
      changes: simulation.changes,
    };
  }
}

/** One side of the comparison that was simulated. */
export interface PlayedDay {
  readonly kind: 'plan' | 'queue';
  readonly name: string;
  readonly settings: QueueScalerSettings | undefined;
  readonly outcome: DayOutcome;
}

/** The plan, and each of the queue-length autoscalers, on the same day. */
export function playDay(day: RecordedDay): PlayedDay[] {
  const simulation = new DaySimulation(day);
  return [
    { kind: 'plan', name: 'our plan', settings: undefined, outcome: simulation.plan() },
    ...queuePolicies(day).map(({ name, settings }) => ({
      kind: 'queue' as const,
      name,
      settings,
      outcome: simulation.queue(settings),
    })),
  ];
}
