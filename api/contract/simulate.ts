import { z } from 'zod';

import { Instant, TaskId, TaskTypeName } from './common.ts';
import { Forecast } from './forecast.ts';
import { TaskInput } from './task.ts';

/** What if: the forecast of a pool with other tasks, durations or limits, or with an outage. Nothing is written. */
export const SimulateInput = z
  .strictObject({
    hours: z.number().min(0.1).max(24).default(3),
    pool: z.string().max(100).default('default'),
    tasks: z
      .strictObject({
        add: z
          .array(TaskInput)
          .max(2_000)
          .default([])
          .meta({ description: 'Tasks as posted. Those of other pools do not count.' }),
        remove: z.array(TaskId).max(10_000).default([]),
      })
      .prefault({}),
    durationFactor: z
      .record(TaskTypeName, z.number().min(0).max(1_000))
      .default({})
      .meta({ description: 'By task type: its runs take so many times as long.' }),
    limits: z
      .strictObject({
        min: z.int().min(0).max(100_000).optional(),
        max: z.int().min(0).max(100_000).optional(),
        slots: z.int().min(1).max(10_000).optional().meta({ description: 'Slots of one replica.' }),
      })
      .prefault({})
      .meta({ description: 'What is left out stays as it is.' }),
    outage: z.strictObject({ from: Instant, until: Instant }).nullable().default(null).meta({
      description:
        'Nothing starts in it. At its end the misfire policies say what of its work runs: within its grace at once, else latest, all or none.',
    }),
  })
  .meta({ id: 'SimulateInput' });
export type SimulateInput = z.infer<typeof SimulateInput>;

const SimulatedSide = z
  .object({
    peak: z.int().meta({ description: 'The highest requiredInstances.' }),
    peakAt: Instant,
    replicaMinutes: z.number().meta({ description: 'What is asked for, summed up over the range.' }),
    late: z.int().meta({ description: 'Occurrences that would start more than 10 s late.' }),
    worstDelayMs: z.number().nullable().meta({ description: 'The longest wait; null when some would never start.' }),
    firstLateAt: Instant.nullable(),
    occurrences: z.int(),
    computeMs: z.number(),
  })
  .meta({ id: 'SimulatedSide' });

export const Simulation = z
  .object({
    before: Forecast,
    after: Forecast,
    summary: z.object({
      before: SimulatedSide,
      after: SimulatedSide,
      skippedByOutage: z.int().meta({ description: 'Occurrences that the misfire policies leave out.' }),
      delayedByOutage: z.int().meta({ description: 'Occurrences of the outage that run after it.' }),
    }),
  })
  .meta({ id: 'Simulation' });
export type Simulation = z.infer<typeof Simulation>;
