import { z } from 'zod';

import { PLAN_MODES } from '../../core/fleet-plan.ts';
import { Instant } from './common.ts';
import { AutoscalerControls, AutoscalerWriter, LeadTime } from './scaling.ts';

export const ForecastContributor = z
  .object({ taskId: z.string(), taskName: z.string(), occurrences: z.int(), computeMs: z.number() })
  .meta({ id: 'ForecastContributor' });

export const ForecastStep = z
  .object({
    at: Instant.meta({ description: 'Start of the step.' }),
    requiredInstances: z
      .int()
      .nullable()
      .meta({ description: 'The formula over the step; null for steps that nobody forecast.' }),
    plannedInstances: z
      .int()
      .nullable()
      .meta({ description: 'What will be asked for: required, shaped and kept in the limits.' }),
    low: z.int().nullable().meta({ description: 'The formula with mean durations, as they were measured of late.' }),
    high: z
      .int()
      .nullable()
      .meta({ description: 'The formula with the durations that are planned with, reserve included.' }),
    limit: z.int().meta({ description: 'The greatest number that may be asked for.' }),
    actualInstances: z
      .int()
      .nullable()
      .meta({ description: 'Ready instances, for steps in the past; null where not recorded.' }),
    busyInstances: z
      .int()
      .nullable()
      .meta({ description: 'Ready instances that ran something, for steps in the past; null where not recorded.' }),
    predictedLate: z.int().meta({ description: 'Occurrences that would start more than 10 s late.' }),
    top: z.array(ForecastContributor).meta({ description: 'The tasks behind the step, largest first, at most five.' }),
  })
  .meta({ id: 'ForecastStep' });
export type ForecastStep = z.infer<typeof ForecastStep>;

export const ForecastBreach = z
  .object({
    late: z.int().meta({ description: 'Occurrences that would start more than 10 s late.' }),
    worstDelayMs: z
      .number()
      .nullable()
      .meta({ description: 'The longest wait; null when some would not start within what is planned.' }),
    taskTypes: z.array(z.string()).meta({ description: 'The types of what is late, the most first.' }),
    maxNeeded: z.int().meta({ description: 'With a limit of so many instances nothing would wait for the limit.' }),
  })
  .meta({ id: 'ForecastBreach' });

export const Forecast = z
  .object({
    generatedAt: Instant,
    now: Instant.meta({ description: 'The server clock at the answer.' }),
    stepMs: z.int(),
    pool: z.string(),
    mode: z.enum(PLAN_MODES).meta({
      description:
        'formula: never fewer than the formula with planning durations; exact: as few as start everything in time.',
    }),
    leadTimeMs: z.int().meta({ description: 'How long before the work a replica is asked for.' }),
    slotsPerReplica: z.int(),
    unscheduledSlots: z.int().meta({
      description: 'Slots planned for retries, manual runs and what is made to run at once: as in the last hour.',
    }),
    breach: ForecastBreach.nullable().meta({ description: 'What the limit makes late; null when it does not.' }),
    steps: z.array(ForecastStep),
  })
  .meta({ id: 'Forecast' });
export type Forecast = z.infer<typeof Forecast>;

export const ForecastQuery = z.strictObject({
  hours: z.coerce.number().min(0.1).max(24).default(3),
  pastMinutes: z.coerce.number().int().min(0).max(1_440).default(30),
  pool: z.string().max(100).default('default'),
});

export const ScheduledTasksSummaryItem = z
  .object({
    scheduledTime: Instant,
    pool: z.string(),
    numberOfTasks: z.int(),
    requiredComputeMs: z.number(),
    requiredInstances: z.int().meta({ description: 'ceil(requiredComputeMs / 9000)' }),
  })
  .meta({ id: 'ScheduledTasksSummaryItem' });

export const SummaryQuery = z.strictObject({
  from: Instant.optional(),
  until: Instant.optional(),
  limit: z.coerce.number().int().min(1).max(20_000).default(2_000),
});

export const TaskSummaryItem = z
  .object({
    taskType: z.string(),
    runs: z.int().meta({ description: 'Successful runs over the past year.' }),
    averageElapsedMs: z.number(),
    p50Ms: z.number().nullable(),
    p95Ms: z.number().nullable(),
    failures: z.int(),
    estimated: z.boolean().meta({ description: 'True while there is no history and the declared estimate stands in.' }),
  })
  .meta({ id: 'TaskSummaryItem' });
export type TaskSummaryItem = z.infer<typeof TaskSummaryItem>;

export const TaskTypeInfo = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    pool: z.string(),
    timeoutMs: z.int(),
    retry: z.object({
      maxAttempts: z.int(),
      backoff: z.enum(['fixed', 'exponential']),
      firstDelayMs: z.int(),
      maxDelayMs: z.int(),
    }),
    estimateMs: z.number(),
    payloadSchema: z.record(z.string(), z.json()).meta({ description: 'JSON Schema 2020-12 of the payload.' }),
    examplePayload: z.record(z.string(), z.json()),
    enabled: z.boolean(),
  })
  .meta({ id: 'TaskTypeInfo' });
export type TaskTypeInfo = z.infer<typeof TaskTypeInfo>;

export const ScaleDecision = z
  .object({
    id: z.string(),
    decidedAt: Instant,
    pool: z.string(),
    target: z.string(),
    fromReplicas: z.int().nullable(),
    toReplicas: z.int(),
    outcome: z.enum(['applied', 'held', 'failed', 'advised', 'ordered']).meta({
      description: 'advised: only said, in advisory mode; ordered: a person changed the controls.',
    }),
    reason: z.string().meta({ description: 'A word for programs; after a failure with the message behind a colon.' }),
    detail: z.string().nullable().meta({ description: 'The reason in words, with its numbers.' }),
    fence: z.string().nullable(),
  })
  .meta({ id: 'ScaleDecision' });
export type ScaleDecision = z.infer<typeof ScaleDecision>;

export const Replica = z
  .object({
    id: z.string(),
    service: z.string(),
    name: z.string(),
    pool: z.string().nullable(),
    status: z.enum(['starting', 'ready', 'draining', 'lost']),
    slots: z.int(),
    running: z.int(),
    startedAt: Instant,
    heartbeatAt: Instant,
  })
  .meta({ id: 'Replica' });
export type Replica = z.infer<typeof Replica>;

/** `replicas` first: KEDA's metrics-api trigger and any script read that one number. */
export const AutoscalerReplicas = z
  .object({
    replicas: z
      .int()
      .nullable()
      .meta({ description: 'How many processor replicas are wanted now; null while unknown.' }),
    pool: z.string(),
    ready: z.int(),
    limit: z.int().nullable(),
    decidedAt: Instant.nullable(),
    reason: z.string().nullable(),
    controls: AutoscalerControls,
    leadTime: LeadTime,
    writer: AutoscalerWriter.nullable().meta({ description: 'null before the first copy has started.' }),
    decisions: z.array(ScaleDecision),
    instances: z.array(Replica),
  })
  .meta({ id: 'AutoscalerReplicas' });
export type AutoscalerReplicas = z.infer<typeof AutoscalerReplicas>;

export const CronPreviewQuery = z.strictObject({
  expression: z.string().max(256),
  timeZone: z.string().max(64).default('UTC'),
  from: Instant.optional(),
  count: z.coerce.number().int().min(1).max(100).default(5),
  dstGap: z.enum(['shift', 'skip']).default('shift'),
  dstRepeat: z.enum(['first', 'last', 'both']).default('first'),
});

export const CRON_RUN_NOTES = ['gap_shifted', 'fold_first', 'fold_last', 'offset_changed'] as const;

export const CronPreview = z
  .object({
    description: z.string(),
    runs: z.array(
      z.object({
        at: Instant,
        localTime: z.string().meta({ description: 'Wall-clock time in the zone, with its offset.' }),
        note: z.enum(CRON_RUN_NOTES).nullable(),
      }),
    ),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'CronPreview' });
export type CronPreview = z.infer<typeof CronPreview>;

export const Health = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']),
    version: z.string(),
    now: Instant,
    checks: z.record(z.string(), z.object({ status: z.enum(['ok', 'down']), detail: z.string().nullable() })),
    services: z.record(z.string(), z.int()).meta({ description: 'Live copies per service.' }),
    unreadableMessages: z.int(),
  })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof Health>;
