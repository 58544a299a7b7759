import type { z } from 'zod';

import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import { maxPerStep } from '../core/forecast.ts';
import {
  happenedPerMinute,
  type HappenedWork,
  horizonAccuracy,
  HORIZONS_MINUTES,
  type Prediction,
  splitError,
} from '../core/forecast-accuracy.ts';
import {
  type Range,
  readBusyShare,
  readHappened,
  readMissingReplicaMs,
  readPredictions,
  readStartDelays,
  type StartDelays,
} from '../db/accuracy-store.ts';
import type { Database } from '../db/database.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { readFleet, readSamples } from '../db/forecast-store.ts';
import type { AccuracyQuery, ForecastAccuracy } from './contract/accuracy.ts';
import { toInstant } from './instants.ts';

const MOST_STEPS = 360;
/** What was due so long before the range may still run in it. */
const RUN_UP_MS = HOUR_MS;
const [NEAREST_MINUTES] = HORIZONS_MINUTES;

/** Holds what was forecast for the last hours against what ran in them. `slotsPerReplica`: while there is no replica to ask. */
export async function readAccuracy(
  database: Database,
  defaults: { readonly slotsPerReplica: number },
  { hours, pool }: z.infer<typeof AccuracyQuery>,
): Promise<ForecastAccuracy> {
  const untilMs = Math.floor((await readDatabaseClock(database)) / MINUTE_MS) * MINUTE_MS;
  const minutes = Math.ceil((hours * HOUR_MS) / MINUTE_MS);
  const range = { fromMs: untilMs - minutes * MINUTE_MS, untilMs };
  const stepMs = MINUTE_MS * Math.ceil(minutes / MOST_STEPS);
  const wide = { ...range, fromMs: range.fromMs - RUN_UP_MS };
  const [fleet, predictions, work, delays, busyShare, missingMs, samples] = await Promise.all([
    readFleet(database, pool),
    readPredictions(database, pool, range),
    readHappened(database, pool, wide, NEAREST_MINUTES * MINUTE_MS),
    readStartDelays(database, pool, range),
    readBusyShare(database, pool, range),
    readMissingReplicaMs(database, pool, range, NEAREST_MINUTES),
    readSamples(database, pool, { ...range, stepMs }),
  ]);
  const slotsPerReplica = fleet.slots ?? defaults.slotsPerReplica;
  const span = { fromMs: range.fromMs, seconds: minutes * (MINUTE_MS / SECOND_MS) };
  const happened = happenedPerMinute(work, span, slotsPerReplica);
  const minuteOf = ({ atMs }: { readonly atMs: number }): number => Math.floor((atMs - range.fromMs) / MINUTE_MS);
  const ofHorizon = (horizonMinutes: number): Prediction[] =>
    predictions.filter((prediction) => prediction.horizonMinutes === horizonMinutes);

  return {
    pool,
    from: toInstant(range.fromMs),
    until: toInstant(range.untilMs),
    stepMs,
    horizons: HORIZONS_MINUTES.map((horizonMinutes) => {
      const compared = ofHorizon(horizonMinutes).map((one) => ({ ...one, happened: happened[minuteOf(one)] ?? 0 }));
      const accuracy = horizonAccuracy(compared);
      return {
        horizonMs: horizonMinutes * MINUTE_MS,
        minutes: accuracy.minutes,
        meanAbsoluteError: accuracy.meanAbsoluteError ?? null,
        bias: accuracy.bias ?? null,
        underRequiredShare: accuracy.underRequiredShare ?? null,
        underPlannedShare: accuracy.underPlannedShare ?? null,
      };
    }),
    starts: {
      ...startFigures(delays.find(({ taskType }) => taskType === undefined)),
      byType: delays.flatMap((one) =>
        one.taskType === undefined ? [] : [{ taskType: one.taskType, ...startFigures(one) }],
      ),
    },
    slack: busyShare === undefined ? null : 1 - busyShare,
    error: errorOf(ofHorizon(NEAREST_MINUTES), work, missingMs, slotsPerReplica),
    steps: stepsOf(ofHorizon(NEAREST_MINUTES), happened, range, stepMs).map((step, index) => ({
      ...step,
      actualInstances: samples.find((sample) => sample.step === index)?.readyInstances ?? null,
    })),
  };
}

function startFigures(delays: StartDelays | undefined): Omit<ForecastAccuracy['starts'], 'byType'> {
  if (delays === undefined) return { starts: 0, withinShare: null, p50Ms: null, p95Ms: null, p99Ms: null };
  const { starts, inTime, p50Ms, p95Ms, p99Ms } = delays;
  return { starts, withinShare: inTime / starts, p50Ms, p95Ms, p99Ms };
}

function errorOf(
  predictions: readonly Prediction[],
  work: readonly HappenedWork[],
  missingMs: number,
  slotsPerReplica: number,
): ForecastAccuracy['error'] {
  const byMinute = new Map<number, HappenedWork[]>();
  for (const one of work) {
    const minuteMs = Math.floor(one.atMs / MINUTE_MS) * MINUTE_MS;
    const known = byMinute.get(minuteMs);
    if (known === undefined) byMinute.set(minuteMs, [one]);
    else known.push(one);
  }
  const minutes = predictions.flatMap(({ atMs, foretold }) =>
    foretold === undefined ? [] : [{ foretold, happened: byMinute.get(atMs) ?? [] }],
  );
  if (minutes.length === 0) return null;
  const split = splitError(minutes, missingMs, slotsPerReplica);
  return { horizonMs: NEAREST_MINUTES * MINUTE_MS, minutes: minutes.length, ...split };
}

/** Several minutes are put together by maximum, never by average: the peaks matter. */
function stepsOf(
  predictions: readonly Prediction[],
  happened: readonly number[],
  { fromMs }: Range,
  stepMs: number,
): Omit<ForecastAccuracy['steps'][number], 'actualInstances'>[] {
  const said = new Map<number, Prediction[]>();
  for (const prediction of predictions) {
    const step = Math.floor((prediction.atMs - fromMs) / stepMs);
    said.set(step, [...(said.get(step) ?? []), prediction]);
  }
  return maxPerStep(happened, stepMs / MINUTE_MS).map((happenedInstances, step) => {
    const some = said.get(step);
    return {
      at: toInstant(fromMs + step * stepMs),
      requiredInstances: some === undefined ? null : Math.max(...some.map(({ required }) => required)),
      plannedInstances: some === undefined ? null : Math.max(...some.map(({ planned }) => planned)),
      happenedInstances,
    };
  });
}
