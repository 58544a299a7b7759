import { SECOND_MS } from '../core/duration.ts';
import { type FleetPlanSettings, planFleet } from '../core/fleet-plan.ts';
import { maxPerStep, sumPerStep } from '../core/forecast.ts';
import type { Database } from '../db/database.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { readContributors, readDemand, readFleet, readSamples } from '../db/forecast-store.ts';
import type { Forecast, ForecastStep } from './contract/forecast.ts';

const STEP_MS = 60 * SECOND_MS;
const CONTRIBUTORS_PER_STEP = 5;

/** The line graph: recorded minutes up to now, planned minutes from now on. */
export async function readForecast(
  database: Database,
  settings: FleetPlanSettings,
  query: { readonly hours: number; readonly pastMinutes: number; readonly pool: string },
): Promise<Forecast> {
  const nowMs = await readDatabaseClock(database);
  const stepOfNowMs = Math.floor(nowMs / STEP_MS) * STEP_MS;
  const fromMs = stepOfNowMs - query.pastMinutes * STEP_MS;
  const untilMs = stepOfNowMs + Math.ceil((query.hours * 3_600 * SECOND_MS) / STEP_MS) * STEP_MS;
  const range = { fromMs, untilMs, stepMs: STEP_MS };
  const [demand, fleet, samples, contributors] = await Promise.all([
    readDemand(database, query.pool, untilMs),
    readFleet(database, query.pool),
    readSamples(database, query.pool, { ...range, untilMs: nowMs }),
    readContributors(database, query.pool, { ...range, fromMs: stepOfNowMs, perStep: CONTRIBUTORS_PER_STEP }),
  ]);
  // The replicas that run say how many slots one has; the setting stands in while there is none.
  const slotsPerReplica = fleet.slots ?? settings.slotsPerReplica;
  const span = { fromMs: stepOfNowMs, seconds: (untilMs - stepOfNowMs) / SECOND_MS };
  const plan = planFleet(demand.rows, span, { ...settings, slotsPerReplica });
  const size = STEP_MS / SECOND_MS;
  const [required, planned, late] = [
    maxPerStep(plan.required, size),
    maxPerStep(plan.planned, size),
    sumPerStep(plan.lateness.perSecond, size),
  ];

  const sampleOf = (step: number) => samples.find((candidate) => candidate.step === step);
  const past = Array.from({ length: query.pastMinutes }, (_, index): ForecastStep => {
    const sample = sampleOf(index);
    return {
      at: new Date(fromMs + index * STEP_MS).toISOString(),
      requiredInstances: sample?.requiredInstances ?? null,
      plannedInstances: sample?.plannedInstances ?? null,
      low: null,
      high: null,
      limit: settings.maxReplicas,
      actualInstances: sample?.readyInstances ?? null,
      predictedLate: 0,
      top: [],
    };
  });
  const future = required.map((instances, index): ForecastStep => ({
    at: new Date(stepOfNowMs + index * STEP_MS).toISOString(),
    requiredInstances: instances,
    plannedInstances: planned[index] ?? null,
    low: null,
    high: null,
    limit: settings.maxReplicas,
    actualInstances: index === 0 ? Math.max(fleet.ready, sampleOf(query.pastMinutes)?.readyInstances ?? 0) : null,
    predictedLate: late[index] ?? 0,
    top: contributors
      .filter((contributor) => contributor.step === index)
      .map(({ taskId, taskName, occurrences, computeMs }) => ({ taskId, taskName, occurrences, computeMs })),
  }));
  return {
    generatedAt: new Date(nowMs).toISOString(),
    now: new Date(nowMs).toISOString(),
    stepMs: STEP_MS,
    pool: query.pool,
    leadTimeMs: settings.leadTimeMs,
    slotsPerReplica,
    steps: [...past, ...future],
  };
}
