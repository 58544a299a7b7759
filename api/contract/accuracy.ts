import { z } from 'zod';

import { Instant } from './common.ts';

const share = z.number().min(0).max(1).nullable();

export const AccuracyQuery = z.strictObject({
  hours: z.coerce.number().min(0.1).max(168).default(24),
  pool: z.string().max(100).default('default'),
});

const HorizonAccuracy = z
  .object({
    horizonMs: z.int().meta({ description: 'How long before the minute it was said.' }),
    minutes: z.int().meta({ description: 'Minutes that were forecast so early and are over.' }),
    meanAbsoluteError: z.number().nullable().meta({
      description: 'Mean of |required - happened| / happened, of the minutes in which anything ran; 0.1 is a tenth.',
    }),
    bias: z.number().nullable().meta({
      description: 'Mean of required - happened, in instances; above zero the forecast says too much.',
    }),
    underRequiredShare: share.meta({
      description: 'Share of the minutes that needed more than was said to be required.',
    }),
    underPlannedShare: share.meta({ description: 'Share of the minutes that needed more than was planned.' }),
  })
  .meta({ id: 'HorizonAccuracy' });

const startFigures = {
  starts: z.int(),
  withinShare: share.meta({ description: 'Share that started within 10 s of the instant at which they were due.' }),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
};

const StartAccuracy = z
  .object({ ...startFigures, byType: z.array(z.object({ taskType: z.string(), ...startFigures })) })
  .meta({ id: 'StartAccuracy' });

const ForecastErrorSplit = z
  .object({
    horizonMs: z.int(),
    minutes: z.int().meta({ description: 'Minutes that it is about.' }),
    foretold: z.number(),
    happened: z.number(),
    missing: z.number().meta({ description: 'Of replicas that took longer to start than was planned.' }),
    total: z.number().meta({
      description: 'happened + missing - foretold; equals duration + unscheduled + withdrawn + startUp.',
    }),
    duration: z.number().meta({ description: 'Runs that were foretold took longer; below zero: less long.' }),
    unscheduled: z.number().meta({ description: 'Runs that nobody foretold: manual, made to run at once, retries.' }),
    withdrawn: z.number().meta({ description: 'Zero or less: what was foretold and did not run.' }),
    startUp: z.number().meta({ description: 'Replicas that came later than the lead time.' }),
  })
  .meta({ id: 'ForecastErrorSplit', description: 'In replica-seconds.' });

const AccuracyStep = z
  .object({
    at: Instant.meta({ description: 'Start of the step.' }),
    requiredInstances: z
      .int()
      .nullable()
      .meta({ description: 'As forecast at the nearest horizon; null: nobody did.' }),
    plannedInstances: z.int().nullable(),
    happenedInstances: z.int().meta({ description: 'The formula over what ran, with its real durations.' }),
    actualInstances: z.int().nullable().meta({ description: 'Ready instances; null where not recorded.' }),
  })
  .meta({ id: 'AccuracyStep' });

export const ForecastAccuracy = z
  .object({
    pool: z.string(),
    from: Instant,
    until: Instant.meta({ description: 'The begin of the present minute: what is not over is not judged.' }),
    stepMs: z.int(),
    horizons: z.array(HorizonAccuracy).meta({ description: 'The nearest first.' }),
    starts: StartAccuracy,
    slack: share.meta({ description: '1 - busy slots / ready slots; null where nothing was recorded.' }),
    error: ForecastErrorSplit.nullable().meta({
      description: 'At the nearest horizon; null: nothing was forecast so early.',
    }),
    steps: z.array(AccuracyStep),
  })
  .meta({ id: 'ForecastAccuracy' });
export type ForecastAccuracy = z.infer<typeof ForecastAccuracy>;
