import { z } from 'zod';

import { Instant } from './common.ts';

export const CounterfactualQuery = z.strictObject({
  day: z.iso.date('expected a day such as 2026-11-27').optional().meta({
    description: 'A UTC day. Left out: the 24 hours up to now.',
  }),
  pool: z.string().max(100).default('default'),
});

/** Settings of a simulated HorizontalPodAutoscaler on the messages of the queue. */
export const QueueScalerSettings = z
  .object({
    messagesPerReplica: z.number().meta({ description: 'Waiting and running ones (AverageValue).' }),
    minReplicas: z.int(),
    maxReplicas: z.int(),
    tolerance: z.number(),
    scaleUpPercent: z.number(),
    scaleUpReplicas: z.int(),
    stabilisationMs: z.int(),
  })
  .meta({ id: 'QueueScalerSettings' });

const delay = z.number().nullable();

export const CounterfactualSide = z
  .object({
    kind: z.enum(['recorded', 'plan', 'queue']).meta({
      description: 'recorded: what happened. plan: our plan, simulated. queue: a queue-length autoscaler, simulated.',
    }),
    name: z.string(),
    settings: QueueScalerSettings.nullable(),
    occurrences: z.int(),
    late: z.int().meta({ description: 'Started more than 10 s after their due time, or never.' }),
    neverStarted: z.int().meta({ description: 'Of a simulation: not within an hour after the range.' }),
    inTimeShare: z.number().nullable().meta({ description: 'From 0 to 1; null without occurrences.' }),
    p50DelayMs: delay,
    p95DelayMs: delay,
    p99DelayMs: delay,
    worstDelayMs: delay.meta({ description: 'null without occurrences, and when some never started.' }),
    readyReplicaMinutes: z.number().nullable().meta({
      description: 'Of replicas that take work, over the recorded part of the range: alike for all. null: no record.',
    }),
    replicaMinutes: z.number().nullable().meta({
      description: 'Of replicas from when they are asked for until they are gone, over the range. null: not recorded.',
    }),
    peakReplicas: z.int().nullable(),
    changes: z.int().nullable().meta({ description: 'How often another number was asked for.' }),
    replicas: z.array(z.int().nullable()).meta({ description: 'The most that took work in each step.' }),
    latePerStep: z.array(z.int()),
  })
  .meta({ id: 'CounterfactualSide' });
export type CounterfactualSide = z.infer<typeof CounterfactualSide>;

export const Counterfactual = z
  .object({
    generatedAt: Instant,
    pool: z.string(),
    from: Instant.meta({
      description: 'A step before the first record of the day at the latest; where nothing was recorded, its begin.',
    }),
    until: Instant,
    stepMs: z.int(),
    recordedShare: z.number().meta({ description: 'Part of the range for which the replicas were recorded, 0 to 1.' }),
    foretoldShare: z.number().nullable().meta({ description: 'Part of the occurrences that the schedule foretold.' }),
    slotsPerReplica: z.int(),
    minReplicas: z.int(),
    maxReplicas: z.int(),
    leadTimeMs: z.number(),
    startUp: z.object({
      samples: z.int().meta({ description: '0: too few were measured, and the lead time stands in.' }),
      p50Ms: z.number(),
      p95Ms: z.number(),
    }),
    sides: z.array(CounterfactualSide).meta({ description: 'Empty when nothing was due.' }),
    simulatorError: z
      .object({
        inTimePoints: z.number().meta({ description: 'Percentage points.' }),
        p99DelayMs: delay,
        readyReplicaMinutesShare: z.number().nullable().meta({ description: '0.1: ten percent too many.' }),
      })
      .nullable()
      .meta({ description: 'The plan as simulated, less what happened: how far the simulation can be trusted.' }),
  })
  .meta({ id: 'Counterfactual' });
export type Counterfactual = z.infer<typeof Counterfactual>;
