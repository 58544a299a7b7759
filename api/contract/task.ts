import { z } from 'zod';

import {
  MISFIRE_POLICIES,
  OVERLAP_POLICIES,
  PLACEMENTS,
  PRIORITIES,
  SCHEDULE_KINDS,
  TASK_STATUSES,
} from '../../core/task.ts';
import { DurationMs, Instant, LocalTime, Name, pageOf, PageQuery, TaskId, TaskTypeName } from './common.ts';
import { Blackouts, Calendars, ExclusionRule } from './exclusion.ts';
import { PriceTag } from './price-tag.ts';

export const RetryPolicy = z
  .strictObject({
    maxAttempts: z.int().min(1).max(100).default(3),
    backoff: z.enum(['fixed', 'exponential']).default('exponential'),
    firstDelayMs: z.int().min(0).max(86_400_000).default(1_000),
    maxDelayMs: z.int().min(0).max(86_400_000).default(60_000),
  })
  .meta({ id: 'RetryPolicy' });

const CronExpression = z
  .string()
  .min(1, { error: 'expected a cron expression of 5 or 6 fields, such as "0 9 * * 1-5"' })
  .max(256);

const TimeZone = z.string().max(64).default('UTC');
const MaxRuns = z
  .int()
  .min(1)
  .max(1_000_000_000)
  .nullish()
  .meta({ description: 'Occurrences in the whole life of the task, whatever becomes of them. Null: without end.' });

const ScheduleInput = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('immediate') }),
    z
      .strictObject({
        kind: z.literal('once'),
        at: z.union([Instant, LocalTime], {
          error: 'expected an ISO 8601 instant with an offset, such as 2026-11-21T09:00:00Z',
        }),
        timeZone: z
          .string()
          .max(64)
          .optional()
          .meta({ description: 'IANA name; at may then be a local time without an offset.' }),
      })
      .refine(({ at, timeZone }) => timeZone !== undefined || Instant.safeParse(at).success, {
        path: ['at'],
        error: 'expected an offset, such as 2026-11-21T09:00:00Z, or a timeZone beside it',
      }),
    z.strictObject({
      kind: z.literal('interval'),
      everyMs: z.int().min(1_000).max(31_536_000_000),
      timeZone: TimeZone.meta({
        description: 'IANA name: what its blackouts mean. The interval itself is elapsed time.',
      }),
      startsAt: Instant.nullish(),
      endsAt: Instant.nullish(),
      maxRuns: MaxRuns,
      calendars: Calendars,
      blackouts: Blackouts,
    }),
    z.strictObject({
      kind: z.literal('cron'),
      expressions: z.array(CronExpression).min(1).max(20),
      timeZone: TimeZone.meta({ description: 'IANA name, such as Europe/Rome.' }),
      startsAt: Instant.nullish(),
      endsAt: Instant.nullish(),
      maxRuns: MaxRuns,
      calendars: Calendars,
      blackouts: Blackouts,
    }),
  ])
  .meta({ id: 'ScheduleInput' });

export const Policies = z
  .strictObject({
    misfire: z.enum(MISFIRE_POLICIES).default('latest').meta({
      description: 'Occurrences whose time passed while nobody was there: run the latest, run all, or skip all.',
    }),
    misfireGraceMs: z.int().min(0).max(604_800_000).nullable().default(null).meta({
      description: 'How late an occurrence may be and still count as on time. Null: as the server is configured.',
    }),
    catchUpLimit: z
      .int()
      .min(1)
      .max(100_000)
      .default(1_000)
      .meta({ description: 'With misfire all: at most so many of the missed occurrences run, the latest ones.' }),
    catchUpPerMinute: z.int().min(1).max(6_000).default(60).meta({
      description: 'With misfire all, and for a backfill: at most so many a minute, so that fresh work keeps its time.',
    }),
    overlap: z
      .enum(OVERLAP_POLICIES)
      .default('skip')
      .meta({
        description:
          'An occurrence that is to start while one of the same task still runs: skip it; let one wait, or all; ' +
          'cancel the one that runs, or end it at once; let both run.',
      }),
    dstGap: z.enum(['shift', 'skip']).default('shift'),
    dstRepeat: z.enum(['first', 'last', 'both']).default('first'),
    startExpiryMs: DurationMs.nullable().default(null).meta({
      description: 'An occurrence that could not start within this long after its time is Expired. Null: never.',
    }),
    flexibleWindowMs: z.int().min(0).max(86_400_000).default(0).meta({
      description:
        'An occurrence may be placed anywhere from its time to so much later; the place is fixed when it is written.',
    }),
    placement: z.enum(PLACEMENTS).default('load').meta({
      description:
        'Where in its flexible window: where the forecast is lowest, or at a fixed offset that is a hash of the task.',
    }),
  })
  .meta({ id: 'Policies' });

/** A task as posted. What a person leaves out comes from the task type or from the defaults here. */
export const TaskInput = z
  .strictObject({
    name: Name,
    taskType: TaskTypeName,
    payload: z.record(z.string(), z.json()).default({}),
    schedule: ScheduleInput,
    policies: Policies.prefault({}),
    retry: RetryPolicy.nullable().default(null).meta({ description: 'Null: as the task type says.' }),
    timeoutMs: DurationMs.nullable().default(null).meta({ description: 'Null: as the task type says.' }),
    priority: z.enum(PRIORITIES).default('normal'),
    labels: z
      .record(z.string().regex(/^[a-zA-Z][\w.-]{0,62}$/), z.string().max(200))
      .refine((labels) => Object.keys(labels).length <= 20, { error: 'at most 20 labels' })
      .default({})
      .meta({ description: 'Free key-value pairs; an experiment is one.' }),
    recipients: z.array(z.email()).max(50).default([]),
    securityGroup: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
      .default('default'),
    key: z
      .string()
      .regex(/^[\w.-]{1,200}$/)
      .nullable()
      .default(null)
      .meta({ description: 'A name of your own, unique among tasks; `almanac apply` finds its tasks by it.' }),
  })
  .meta({ id: 'TaskInput' });
export type TaskInput = z.infer<typeof TaskInput>;
/** What a client may send: everything with a default left out. */
export type TaskDraft = z.input<typeof TaskInput>;

const RecurrenceOutput = {
  endsAt: Instant.nullable(),
  maxRuns: z.int().nullable(),
  calendars: z.array(z.string()),
  blackouts: z.array(ExclusionRule),
};

const ScheduleOutput = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('immediate') }),
    z.object({ kind: z.literal('once'), at: Instant }),
    z.object({
      kind: z.literal('interval'),
      everyMs: z.int(),
      timeZone: z.string(),
      startsAt: Instant.nullable(),
      ...RecurrenceOutput,
    }),
    z.object({
      kind: z.literal('cron'),
      expressions: z.array(z.string()),
      timeZone: z.string(),
      startsAt: Instant.nullable(),
      ...RecurrenceOutput,
    }),
  ])
  .meta({ id: 'Schedule' });
export type Schedule = z.infer<typeof ScheduleOutput>;

export const LastRun = z
  .object({ occurrenceId: z.string(), status: z.string(), endTime: Instant.nullable(), error: z.string().nullable() })
  .meta({ id: 'LastRun' });

export const Task = z
  .object({
    id: TaskId,
    key: z.string().nullable(),
    name: z.string(),
    taskType: z.string(),
    pool: z.string(),
    payload: z.record(z.string(), z.json()),
    schedule: ScheduleOutput,
    scheduleText: z.string().meta({ description: 'The schedule in words.' }),
    policies: Policies,
    retry: RetryPolicy.nullable(),
    timeoutMs: z.int().nullable(),
    priority: z.enum(PRIORITIES),
    labels: z.record(z.string(), z.string()),
    recipients: z.array(z.string()),
    securityGroup: z.string(),
    status: z.enum(TASK_STATUSES),
    statusReason: z.string().nullable(),
    pausedUntil: Instant.nullable(),
    revision: z.int(),
    advisedPlace: z.object({ adviceId: z.string(), offsetMs: z.int() }).nullable().meta({
      description: 'Advice that was applied has each occurrence due so long after its time; null: as placement says.',
    }),
    expandError: z.string().nullable().meta({ description: 'Why the schedule can not be expanded, when it can not.' }),
    nextRuns: z
      .array(Instant)
      .meta({ description: 'The next instants, soonest first: one in lists, five when read alone.' }),
    lastRun: LastRun.nullable(),
    averageElapsedMs: z
      .number()
      .nullable()
      .meta({ description: 'Average execution time of its task type over the past year.' }),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Task' });
export type Task = z.infer<typeof Task>;

export const TaskPage = pageOf(Task).extend({
  total: z.int().meta({ description: 'How many tasks match the filter.' }),
});
export type TaskPage = z.infer<typeof TaskPage>;

export const TASK_SORTS = ['id', '-id', 'name', '-name', 'nextRun', '-nextRun', 'updatedAt', '-updatedAt'] as const;

export const TaskListQuery = PageQuery.extend({
  q: z.string().max(200).optional().meta({ description: 'Part of the name, case ignored.' }),
  status: z.enum(TASK_STATUSES).optional(),
  taskType: TaskTypeName.optional(),
  scheduleKind: z.enum(SCHEDULE_KINDS).optional(),
  label: z.string().max(300).optional().meta({ description: 'One label, as key=value.' }),
  key: z.string().max(200).optional().meta({ description: 'The task with this key, if there is one.' }),
  sort: z.enum(TASK_SORTS).default('-id'),
  page: z.coerce.number().int().min(0).max(100_000).optional().meta({
    description: 'Page number from 0, for grids that jump; cursor is the way to walk through everything.',
  }),
});
export type TaskListQuery = z.infer<typeof TaskListQuery>;

export const PauseInput = z.strictObject({ reason: z.string().max(500).nullish(), until: Instant.nullish() });
export const InactiveInput = z.strictObject({ reason: z.string().max(500).nullish() });

/** The answer to `POST /tasks?dryRun=plan`: nothing was written. */
export const TaskDryRun = z
  .object({
    nextRuns: z.array(Instant),
    scheduleText: z.string(),
    warnings: z.array(z.string()),
    averageElapsedMs: z.number(),
    capacity: PriceTag.nullable().meta({ description: 'What it costs; null where that was left out.' }),
  })
  .meta({ id: 'TaskDryRun' });
export type TaskDryRun = z.infer<typeof TaskDryRun>;
