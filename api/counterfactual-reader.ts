import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import type { PlayedDay, RecordedDay } from '../core/counterfactual.ts';
import { readyBySecond, type SimulatedSide } from '../core/day-figures.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import { InvalidInputError } from '../core/errors.ts';
import { leadTimeMs } from '../core/lead-time.ts';
import type { Database } from '../db/database.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { readFleet } from '../db/forecast-store.ts';
import {
  readDurationsBefore,
  readRecordedFleet,
  readRecordedStarts,
  readRecordedStartUps,
  readRecordedWork,
  type RecordedRange,
  type RecordedStarts,
} from '../db/recorded-day-store.ts';
import type { Counterfactual, CounterfactualSide } from './contract/counterfactual.ts';
import type { DayQuestion } from './counterfactual-worker.ts';
import type { ApiDeps } from './deps.ts';
import { toInstant } from './instants.ts';

const STEP_MS = 5 * MINUTE_MS;
/** More runs are thrown together by second and type alone. */
const MOST_FINE_RUNS = 200_000;
const MOST_RUNS = 2_000_000;
/** Answers of days that are over never change; of the last 24 hours they are good for as long as a step. */
const MOST_KEPT = 16;
const WORKER = new URL('./counterfactual-worker.js', import.meta.url);

export interface CounterfactualReader {
  read(query: { readonly day?: string | undefined; readonly pool: string }): Promise<Counterfactual>;
}

/**
 * Plays a recorded day again under queue-length autoscalers. The simulation has a thread of its own, because a busy day takes seconds; one
 * is played at a time, and what was asked before is answered from memory.
 */
export function createCounterfactualReader(
  database: Database,
  settings: ApiDeps['planSettings'],
): CounterfactualReader {
  const kept = new Map<string, Promise<Counterfactual>>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    async read({ day, pool }) {
      const nowMs = await readDatabaseClock(database);
      const asked = rangeOf(day, Math.floor(nowMs / STEP_MS) * STEP_MS);
      const key = JSON.stringify([pool, asked.fromMs, asked.untilMs]);
      const known = kept.get(key);
      if (known !== undefined) return known;
      const answer = last.catch(() => undefined).then(() => compare(database, settings, pool, asked, nowMs));
      last = answer;
      kept.set(key, answer);
      answer.catch(() => kept.delete(key));
      for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - MOST_KEPT))) kept.delete(oldest);
      return answer;
    },
  };
}

function rangeOf(day: string | undefined, nowMs: number): RecordedRange {
  if (day === undefined) return { fromMs: nowMs - DAY_MS, untilMs: nowMs };
  const fromMs = Date.parse(`${day}T00:00:00Z`);
  return { fromMs, untilMs: Math.max(fromMs, Math.min(fromMs + DAY_MS, nowMs)) };
}

async function compare(
  database: Database,
  configured: ApiDeps['planSettings'],
  pool: string,
  asked: RecordedRange,
  nowMs: number,
): Promise<Counterfactual> {
  const [{ total }, samples, startUps, fleet] = await Promise.all([
    readRecordedStarts(database, pool, asked, STEP_MS),
    readRecordedFleet(database, pool, asked),
    readRecordedStartUps(database, pool, asked.untilMs),
    readFleet(database, pool),
  ]);
  const { leadFloorMs = 0, ...plain } = configured;
  const enough = startUps.length >= 5;
  const sorted = [...startUps].sort((a, b) => a - b);
  // As `percentile_disc` in read_lead_time.sql, from which the product has it.
  const quantile = (share: number): number | undefined => sorted[Math.ceil(sorted.length * share) - 1];
  const measured = { samples: startUps.length, p95Ms: quantile(0.95), p995Ms: quantile(0.995) };
  const leadMs = leadTimeMs(measured, { configuredMs: plain.leadTimeMs, floorMs: leadFloorMs });
  const settings = { ...plain, leadTimeMs: leadMs, slotsPerReplica: fleet.slots ?? plain.slotsPerReplica };
  const basis = {
    generatedAt: toInstant(nowMs),
    pool,
    stepMs: STEP_MS,
    slotsPerReplica: settings.slotsPerReplica,
    minReplicas: settings.minReplicas,
    maxReplicas: settings.maxReplicas,
    leadTimeMs: leadMs,
    startUp: {
      samples: enough ? startUps.length : 0,
      p50Ms: (enough ? sorted[sorted.length >> 1] : undefined) ?? leadMs,
      p95Ms: (enough ? measured.p95Ms : undefined) ?? leadMs,
    },
  };
  if (total === undefined) {
    const [from, until] = [toInstant(asked.fromMs), toInstant(asked.untilMs)];
    return { ...basis, from, until, recordedShare: 0, foretoldShare: null, sides: [], simulatorError: null };
  }
  assertNotTooMany(total);

  const range = recordedRange(asked, total, samples);
  const seconds = (range.untilMs - range.fromMs) / SECOND_MS;
  const fromBegin = samples.map(({ atMs, ready }) => ({ atMs: atMs - range.fromMs, ready }));
  const ready = readyBySecond(fromBegin, seconds);
  const [{ latePerStep }, work, durations] = await Promise.all([
    readRecordedStarts(database, pool, range, STEP_MS),
    readRecordedWork(database, pool, range, { fine: total.occurrences <= MOST_FINE_RUNS, leadMs }),
    readDurationsBefore(database, pool, range.fromMs),
  ]);
  const day: RecordedDay = {
    seconds,
    work,
    durations,
    startUpsMs: enough ? startUps : [leadMs],
    initialReplicas: Math.min(settings.maxReplicas, ready.find((count) => count !== undefined) ?? settings.minReplicas),
    settings,
  };
  const counted = ready.map((count) => count !== undefined);
  const played = await play({ day, counted, stepSeconds: STEP_MS / SECOND_MS });
  const sides = [recordedSide(total, ready, latePerStep), ...played.map(simulatedSide)];
  const foretold = work.reduce((sum, { count, foretold: isForetold }) => sum + (isForetold ? count : 0), 0);
  return {
    ...basis,
    from: toInstant(range.fromMs),
    until: toInstant(range.untilMs),
    recordedShare: counted.filter(Boolean).length / seconds,
    foretoldShare: foretold / total.occurrences,
    sides,
    simulatorError: errorOf(sides),
  };
}

function assertNotTooMany({ occurrences }: RecordedStarts): void {
  if (occurrences <= MOST_RUNS) return;
  const message = `has ${occurrences} runs; at most ${MOST_RUNS} can be played again`;
  throw new InvalidInputError([{ path: 'day', message }]);
}

/** From the step before the first record to that of the last: before and after it nobody was there. */
function recordedRange(
  asked: RecordedRange,
  total: RecordedStarts,
  samples: readonly { atMs: number }[],
): RecordedRange {
  const firstMs = Math.min(total.firstDueMs - STEP_MS, samples[0]?.atMs ?? Infinity);
  const lastMs = Math.max(total.lastDueMs, samples.at(-1)?.atMs ?? -Infinity);
  return {
    fromMs: Math.max(asked.fromMs, Math.floor(firstMs / STEP_MS) * STEP_MS),
    untilMs: Math.min(asked.untilMs, Math.floor(lastMs / STEP_MS + 1) * STEP_MS),
  };
}

interface Played extends Omit<PlayedDay, 'outcome'> {
  readonly figures: SimulatedSide;
}

async function play(question: DayQuestion): Promise<Played[]> {
  const worker = new Worker(WORKER, { workerData: question });
  const [played] = (await once(worker, 'message')) as [Played[]]; // an error of the thread rejects it
  return played;
}

function recordedSide(
  total: RecordedStarts,
  ready: readonly (number | undefined)[],
  latePerStep: ReadonlyMap<number, number>,
): CounterfactualSide {
  const known = ready.filter((count) => count !== undefined);
  const stepSeconds = STEP_MS / SECOND_MS;
  const steps = Array.from({ length: ready.length / stepSeconds }, (_, step) => {
    const some = ready.slice(step * stepSeconds, (step + 1) * stepSeconds).filter((count) => count !== undefined);
    return some.length === 0 ? null : Math.max(...some);
  });
  return {
    kind: 'recorded',
    name: 'what happened',
    settings: null,
    occurrences: total.occurrences,
    late: total.late,
    neverStarted: 0,
    inTimeShare: 1 - total.late / total.occurrences,
    p50DelayMs: total.p50Ms,
    p95DelayMs: total.p95Ms,
    p99DelayMs: total.p99Ms,
    worstDelayMs: total.worstMs,
    readyReplicaMinutes: known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0) / 60,
    replicaMinutes: null,
    peakReplicas: known.length === 0 ? null : known.reduce((most, count) => Math.max(most, count), 0),
    changes: null,
    replicas: steps,
    latePerStep: steps.map((_, step) => latePerStep.get(step) ?? 0),
  };
}

function simulatedSide({ kind, name, settings, figures }: Played): CounterfactualSide {
  const { readyPerStep, readyReplicaMinutes, ...rest } = figures;
  const finite = (delayMs: number | undefined): number | null =>
    delayMs === undefined || delayMs === Infinity ? null : delayMs;
  return {
    ...rest,
    kind,
    name,
    settings: settings ?? null,
    inTimeShare: rest.occurrences === 0 ? null : 1 - rest.late / rest.occurrences,
    p50DelayMs: finite(rest.p50DelayMs),
    p95DelayMs: finite(rest.p95DelayMs),
    p99DelayMs: finite(rest.p99DelayMs),
    worstDelayMs: finite(rest.worstDelayMs),
    readyReplicaMinutes,
    replicas: [...readyPerStep],
    latePerStep: [...rest.latePerStep],
  };
}

function errorOf(sides: readonly CounterfactualSide[]): Counterfactual['simulatorError'] {
  const [recorded, plan] = [sides.find(({ kind }) => kind === 'recorded'), sides.find(({ kind }) => kind === 'plan')];
  if (recorded?.inTimeShare == null || plan?.inTimeShare == null) return null;
  const [was, would] = [recorded.readyReplicaMinutes, plan.readyReplicaMinutes];
  return {
    inTimePoints: 100 * (plan.inTimeShare - recorded.inTimeShare),
    p99DelayMs: plan.p99DelayMs === null || recorded.p99DelayMs === null ? null : plan.p99DelayMs - recorded.p99DelayMs,
    readyReplicaMinutesShare: was === null || would === null || was === 0 ? null : would / was - 1,
  };
}
