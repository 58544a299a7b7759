import { z } from 'zod';

import { OCCURRENCE_STATUSES } from '../../core/occurrence.ts';
import { Instant, TaskId } from './common.ts';
import { Occurrence } from './occurrence.ts';

const Counts = {
  expected: z
    .int()
    .meta({ description: 'Occurrences that the schedules called for, recomputed from every revision of every task.' }),
  accounted: z
    .int()
    .meta({ description: 'Those of them that have ended: Completed, Failed, Skipped, Expired or Cancelled.' }),
  pending: z.int().meta({ description: 'Those that are recorded and still to end.' }),
  unaccounted: z.int().meta({ description: 'Those that nobody recorded. Anything but 0 is a fault.' }),
  unexpected: z.int().meta({ description: 'Recorded as from the schedule, though no revision called for them.' }),
};

export const LedgerQuery = z.strictObject({
  from: Instant.optional().meta({
    description: 'Scheduled at or after, at most 31 days before until. Left out: 24 hours before until.',
  }),
  until: Instant.optional().meta({ description: 'Scheduled before. Left out: now.' }),
});

export const LEDGER_PROBLEMS = ['unaccounted', 'unexpected', 'not-recomputable'] as const;

/** Expected against recorded occurrences: the proof that nothing was lost. */
export const Ledger = z
  .object({
    from: Instant,
    until: Instant,
    ...Counts,
    statuses: z
      .partialRecord(z.enum(OCCURRENCE_STATUSES), z.int())
      .meta({ description: 'Recorded occurrences by status.' }),
    days: z.array(
      z.object({
        day: z.iso.date(),
        ...Counts,
        source: z.enum(['recomputed', 'recorded']).meta({
          description: 'Recorded: found by the nightly check, and the day itself is no longer kept.',
        }),
      }),
    ),
    problems: z
      .array(z.object({ kind: z.enum(LEDGER_PROBLEMS), taskId: TaskId, at: Instant.nullable(), message: z.string() }))
      .meta({ description: 'The first 100.' }),
  })
  .meta({ id: 'Ledger' });
export type Ledger = z.infer<typeof Ledger>;

export const WhyQuery = z.strictObject({ at: Instant });

export const WHY_VERDICTS = ['ran', 'running', 'will-run', 'did-not-run', 'not-scheduled', 'unknown'] as const;
export const WHY_RULES = [
  'task',
  'status',
  'schedule',
  'start',
  'end',
  'max-runs',
  'exclusion',
  'time-zone',
  'expansion',
  'placement',
  'moved',
  'misfire',
  'overlap',
  'start-expiry',
  'retry',
  'edit',
  'person',
  'run',
] as const;

/** Why something runs at an instant, or does not: each rule that had a say, in the order in which they are asked. */
export const Why = z
  .object({
    taskId: TaskId,
    at: Instant,
    verdict: z.enum(WHY_VERDICTS),
    summary: z.string().meta({ description: 'One sentence.' }),
    rules: z.array(
      z.object({
        rule: z.enum(WHY_RULES),
        decides: z.boolean().meta({ description: 'Whether the verdict follows from it.' }),
        text: z.string(),
      }),
    ),
    revision: z
      .int()
      .nullable()
      .meta({ description: 'The revision of the task that was, or is, in force at the instant.' }),
    occurrence: Occurrence.nullable(),
    previous: Instant.nullable().meta({ description: 'The instant of the schedule before.' }),
    next: Instant.nullable().meta({ description: 'The instant of the schedule after.' }),
  })
  .meta({ id: 'Why' });
export type Why = z.infer<typeof Why>;

export const BackfillInput = z
  .strictObject({
    from: Instant,
    until: Instant.meta({ description: 'Exclusive; not after now.' }),
    perMinute: z
      .int()
      .min(1)
      .max(6_000)
      .optional()
      .meta({ description: 'Left out: the catchUpPerMinute of the task.' }),
    dryRun: z.boolean().default(false).meta({ description: 'Only say what would be run.' }),
  })
  .refine(({ from, until }) => Date.parse(until) > Date.parse(from), {
    path: ['until'],
    error: 'expected an instant after from',
  })
  .meta({ id: 'BackfillInput' });

/** What a backfill of a past range runs: the instants of the present schedule that have no occurrence. */
export const Backfill = z
  .object({
    matched: z.int().meta({ description: 'Instants of the schedule in the range.' }),
    existing: z.int().meta({ description: 'Those that have an occurrence already; they are left alone.' }),
    created: z.int().meta({ description: 'Occurrences that were written, or would be.' }),
    first: Instant.nullable(),
    last: Instant.nullable(),
    dueUntil: Instant.nullable().meta({ description: 'When the last of them is due, at the rate that was asked for.' }),
  })
  .meta({ id: 'Backfill' });
export type Backfill = z.infer<typeof Backfill>;

export const REVISION_CHANGES = [
  'created',
  'edited',
  'activated',
  'paused',
  'deactivated',
  'deleted',
  'calendar',
  'migrated',
  'smoothed',
  'unsmoothed',
] as const;

/** What a task was, and when. */
export const TaskRevision = z
  .object({
    revision: z.int(),
    change: z.enum(REVISION_CHANGES),
    validFrom: Instant,
    validUntil: Instant.nullable(),
    name: z.string(),
    status: z.string(),
    scheduleText: z.string(),
  })
  .meta({ id: 'TaskRevision' });
export type TaskRevision = z.infer<typeof TaskRevision>;
