import { z } from 'zod';

import { OCCURRENCE_STATUSES, OCCURRENCE_TRIGGERS } from '../../core/occurrence.ts';
import { Instant, pageOf, PageQuery, TaskId, TaskTypeName } from './common.ts';

export const Occurrence = z
  .object({
    id: z.string().meta({ description: '<taskId>-<scheduled time in epoch ms>' }),
    taskId: TaskId,
    taskName: z.string(),
    taskType: z.string(),
    scheduledTime: Instant.meta({ description: 'What the schedule said; never changes.' }),
    dueAt: Instant.nullable().meta({ description: 'When it may next be claimed; null while claimed or done.' }),
    status: z.enum(OCCURRENCE_STATUSES),
    trigger: z.enum(OCCURRENCE_TRIGGERS).meta({
      description: 'What made it run: its schedule, a person, the schedule after its time was missed, or a backfill.',
    }),
    attempt: z.int(),
    startTime: Instant.nullable(),
    endTime: Instant.nullable(),
    lockedBy: z.string().nullable().meta({ description: 'The replica that holds it.' }),
    reason: z.string().nullable().meta({ description: 'Why it ended as it did, or waits as it does.' }),
    blockedBy: z
      .string()
      .nullable()
      .meta({ description: 'The occurrence of the same task that kept it from starting.' }),
  })
  .meta({ id: 'Occurrence' });
export type Occurrence = z.infer<typeof Occurrence>;

export const OccurrencePage = pageOf(Occurrence);

export const OccurrenceListQuery = PageQuery.extend({
  status: z.enum(OCCURRENCE_STATUSES).optional(),
  taskId: TaskId.optional(),
  taskType: TaskTypeName.optional(),
  from: Instant.optional().meta({
    description: 'Scheduled at or after. Left out: since seven days ago, or since ever when one task is asked for.',
  }),
  until: Instant.optional().meta({ description: 'Scheduled before.' }),
  order: z.enum(['asc', 'desc']).default('desc').meta({ description: 'By scheduled time.' }),
});

export const RescheduleInput = z.strictObject({ dueAt: Instant });

export const RUN_OUTCOMES = ['succeeded', 'failed', 'timed-out', 'interrupted', 'lost', 'cancelled'] as const;

export const Run = z
  .object({
    id: z.string().meta({ description: '<occurrenceId>-<attempt>' }),
    occurrenceId: z.string(),
    taskId: TaskId,
    taskName: z.string(),
    taskType: z.string(),
    scheduledTime: Instant,
    attempt: z.int(),
    outcome: z.enum(RUN_OUTCOMES).nullable().meta({ description: 'Null while it runs.' }),
    startedAt: Instant,
    endedAt: Instant.nullable(),
    latenessMs: z.number().meta({ description: 'Start minus the instant at which this attempt was due.' }),
    elapsedMs: z.number().nullable().meta({ description: 'Execution time alone.' }),
    error: z.string().nullable(),
    result: z.json().nullable(),
    cpuMs: z.number().nullable(),
    peakMemoryBytes: z.number().nullable(),
    processor: z.string().nullable(),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof Run>;
export const RunPage = pageOf(Run);

export const RunListQuery = PageQuery.extend({
  outcome: z.enum(RUN_OUTCOMES).optional(),
  taskId: TaskId.optional(),
  taskType: TaskTypeName.optional(),
  from: Instant.optional().meta({ description: 'Ended at or after. Left out: since seven days ago.' }),
  until: Instant.optional().meta({ description: 'Ended before.' }),
});

export const LogLine = z
  .object({
    seq: z.int(),
    at: Instant,
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string(),
  })
  .meta({ id: 'LogLine' });
export type LogLine = z.infer<typeof LogLine>;
export const LogPage = pageOf(LogLine);

export const DeadLetter = Occurrence.extend({
  error: z.string().nullable().meta({ description: 'The cause, as its last run gave it.' }),
  failedAt: Instant.nullable(),
}).meta({ id: 'DeadLetter' });
export type DeadLetter = z.infer<typeof DeadLetter>;
export const DeadLetterPage = pageOf(DeadLetter);
export const DeadLetterQuery = PageQuery.extend({ taskId: TaskId.optional(), taskType: TaskTypeName.optional() });

export const RedriveInput = z.strictObject({
  taskId: TaskId.optional(),
  taskType: TaskTypeName.optional(),
  occurrenceIds: z.array(z.string()).min(1).max(1_000).optional(),
  dryRun: z.boolean().default(false).meta({ description: 'Only count what would be redriven.' }),
});
export const RedriveResult = z.object({ matched: z.int(), redriven: z.int() }).meta({ id: 'RedriveResult' });
