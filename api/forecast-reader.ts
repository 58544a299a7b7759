import type { z } from 'zod';

import { SECOND_MS } from '../core/duration.ts';
import { maxPerStep, sumPerStep } from '../core/forecast.ts';
import { breachOf } from '../core/forecast-breach.ts';
import { joinPlans, nearSpan, type Outlook, planFar, planNear } from '../core/live-picture.ts';
import type { Database } from '../db/database.ts';
import { readContributors, readSamples } from '../db/forecast-store.ts';
import { LivePictureReader, type LivePictureSettings, type SeenPicture } from '../db/live-picture-store.ts';
import { toBreach } from './breach-mapping.ts';
import type { Forecast, ForecastQuery, ForecastStep } from './contract/forecast.ts';
import { toInstant } from './instants.ts';

const STEP_MS = 60 * SECOND_MS;
const STEP_SECONDS = STEP_MS / SECOND_MS;
const CONTRIBUTORS_PER_STEP = 5;
const MOST_POOLS = 100;

export type ForecastReader = (query: z.infer<typeof ForecastQuery>) => Promise<Forecast>;

/** Answers the line graph: recorded minutes up to now, and from now on what the autoscaler plans, made from the same picture. */
export function createForecastReader(database: Database, settings: LivePictureSettings): ForecastReader {
  const readers = new Map<string, LivePictureReader>();
  return async (query) => {
    const { pool } = query;
    const reader = readers.get(pool) ?? new LivePictureReader(database, pool, settings);
    if (readers.size >= MOST_POOLS) readers.clear(); // anybody may ask for any name
    readers.set(pool, reader);

    const picture = await reader.read();
    const stepOfNowMs = Math.floor(picture.atMs / STEP_MS) * STEP_MS;
    const fromMs = stepOfNowMs - query.pastMinutes * STEP_MS;
    const untilMs = stepOfNowMs + Math.ceil((query.hours * 3_600 * SECOND_MS) / STEP_MS) * STEP_MS;
    const range = { fromMs, untilMs, stepMs: STEP_MS };
    const [coming, samples, contributors] = await Promise.all([
      planUntil(reader, picture, untilMs),
      readSamples(database, pool, { ...range, untilMs: picture.atMs }),
      readContributors(database, pool, { ...range, fromMs: stepOfNowMs, perStep: CONTRIBUTORS_PER_STEP }),
    ]);
    const { outlook, breach } = coming;
    const { maxReplicas, leadTimeMs, slotsPerReplica, mode = 'formula' } = picture.settings;
    const future = futureSteps(outlook, nearSpan(picture.atMs, picture.settings).fromMs - stepOfNowMs);

    const steps = Array.from({ length: query.pastMinutes + future.length }, (_, index): ForecastStep => {
      const sample = samples.find(({ step }) => step === index);
      const next = index - query.pastMinutes; // 0 is the step of now, which both know of
      const plan = future[next];
      return {
        at: toInstant(fromMs + index * STEP_MS),
        requiredInstances: greater(plan?.required, sample?.requiredInstances),
        plannedInstances: greater(plan?.planned, sample?.plannedInstances),
        low: plan?.low ?? null,
        high: plan?.high ?? null,
        limit: maxReplicas,
        actualInstances: greater(next === 0 ? picture.fleet.ready : null, sample?.readyInstances),
        busyInstances: greater(next === 0 ? picture.fleet.busy : null, sample?.busyInstances),
        predictedLate: plan?.late ?? 0,
        top: contributors
          .filter(({ step }) => step === next)
          .map(({ taskId, taskName, occurrences, computeMs }) => ({ taskId, taskName, occurrences, computeMs })),
      };
    });
    return {
      generatedAt: toInstant(picture.atMs),
      now: toInstant(picture.atMs),
      stepMs: STEP_MS,
      pool,
      mode,
      leadTimeMs: Math.round(leadTimeMs),
      slotsPerReplica,
      unscheduledSlots: picture.knowledge.unscheduledSlots ?? 0,
      breach,
      steps,
    };
  };
}

interface Coming {
  readonly outlook: Outlook;
  readonly breach: Forecast['breach'];
}

/** The plan from the second of now until an instant. It is made a little longer: what comes then is prepared for before its end. */
async function planUntil(reader: LivePictureReader, picture: SeenPicture, untilMs: number): Promise<Coming> {
  const { settings } = picture;
  const { fromMs } = nearSpan(picture.atMs, settings);
  const seconds = (untilMs - fromMs) / SECOND_MS;
  const longer = seconds + Math.ceil((settings.leadTimeMs + settings.closingMs) / SECOND_MS);
  const ahead = await reader.readAhead(picture, fromMs + longer * SECOND_MS);
  const plan = (of: SeenPicture) => {
    const [near, far] = [planNear(of), planFar(of, ahead, longer)];
    return { plans: [near, far], outlook: shortened(joinPlans(near, far), seconds) };
  };
  const { plans, outlook } = plan(picture);
  const breach = breachOf(
    outlook.late.reduce((sum, count) => sum + count, 0),
    plans,
    settings.maxReplicas,
    (maxReplicas) => plan({ ...picture, settings: { ...settings, maxReplicas } }).outlook.planned,
  );
  return {
    outlook,
    breach: toBreach(breach),
  };
}

function shortened({ required, planned, low, high, late }: Outlook, seconds: number): Outlook {
  const [a, b, c, d, e] = [required, planned, low, high, late].map((curve) => curve.slice(0, seconds));
  return { required: a ?? [], planned: b ?? [], low: c ?? [], high: d ?? [], late: e ?? [] };
}

interface FutureStep {
  readonly required: number;
  readonly planned: number;
  readonly low: number;
  readonly high: number;
  readonly late: number;
}

/** Steps of a minute, the first of which has begun `elapsedMs` ago: only what is left of it is planned. */
function futureSteps({ required, planned, low, high, late }: Outlook, elapsedMs: number): FutureStep[] {
  const gone = new Array<number>(elapsedMs / SECOND_MS).fill(0);
  const peaks = (curve: readonly number[]): number[] => maxPerStep([...gone, ...curve], STEP_SECONDS);
  const [requireds, planneds, lows, highs] = [peaks(required), peaks(planned), peaks(low), peaks(high)];
  return sumPerStep([...gone, ...late], STEP_SECONDS).map((lateInStep, step) => ({
    required: requireds[step] ?? 0,
    planned: planneds[step] ?? 0,
    low: lows[step] ?? 0,
    high: highs[step] ?? 0,
    late: lateInStep,
  }));
}

/** Unknown is null: it counts only where both are unknown. */
function greater(one: number | null | undefined, other: number | null | undefined): number | null {
  const known = [one, other].filter((value) => value !== null && value !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}
