import { z } from 'zod';

import { Instant, TaskId } from './common.ts';

const pool = z.string().max(100).default('default');

export const AdviceQuery = z.strictObject({
  hours: z.coerce.number().min(0.1).max(24).default(3),
  pool,
  maxMoves: z.coerce.number().int().min(1).max(1_000).default(100).meta({ description: 'No more moves than this.' }),
});

const offsetMs = z
  .int()
  .meta({ description: 'How long after its scheduled time each of its occurrences would be due.' });

export const AdviceMove = z
  .object({
    taskId: TaskId,
    taskName: z.string(),
    taskType: z.string(),
    revision: z.int().meta({ description: 'The revision that the advice is for.' }),
    fromOffsetMs: z.int().nullable().meta({ description: 'As it is now; null: its occurrences have several places.' }),
    offsetMs,
    windowMs: z.int().meta({ description: 'Its flexible window; in suggestions the one that it would get.' }),
    occurrences: z.int().meta({ description: 'How many occurrences of the range move.' }),
    peakAt: Instant.meta({ description: 'The peak that it is moved away from.' }),
    peakAfter: z.int().meta({ description: 'The peak when this move and all before it are made.' }),
  })
  .meta({ id: 'AdviceMove' });
export type AdviceMove = z.infer<typeof AdviceMove>;

const AdviceSide = z
  .object({
    peak: z.int().meta({ description: 'The highest requiredInstances, as in the forecast.' }),
    replicaMinutes: z.number().meta({ description: 'What would be asked for, summed up over the range.' }),
  })
  .meta({ id: 'AdviceSide' });

/** Which tasks to move, by how much, for which smaller peak. */
export const Advice = z
  .object({
    pool: z.string(),
    now: Instant,
    until: Instant.meta({
      description: 'The peaks are those up to here: the hours that were asked for, as far as rows are written.',
    }),
    peakAt: Instant,
    before: AdviceSide,
    after: AdviceSide.meta({ description: 'With all moves.' }),
    withSuggestions: AdviceSide.meta({ description: 'With all moves and all suggestions.' }),
    moves: z.array(AdviceMove).meta({
      description:
        'Tasks with a flexible window, in an order in which each beginning of the list can be applied alone.',
    }),
    suggestions: z.array(AdviceMove).meta({
      description: 'Tasks without one, that would have to be given one; on top of the moves. Applied only when named.',
    }),
    stepMs: z.int(),
    steps: z
      .array(z.object({ at: Instant, before: z.int(), after: z.int(), withSuggestions: z.int() }))
      .meta({ description: 'The instances required, the greatest of each step.' }),
  })
  .meta({ id: 'Advice' });
export type Advice = z.infer<typeof Advice>;

export const AdviceInput = z
  .strictObject({
    hours: z.number().min(0.1).max(24).default(3).meta({ description: 'How far ahead the peaks are told.' }),
    pool,
    moves: z
      .array(
        z.strictObject({
          taskId: TaskId,
          revision: z.int().min(1),
          offsetMs: z.int().min(0).max(86_400_000),
          windowMs: z.int().min(1).max(86_400_000).nullable().default(null).meta({
            description: 'Gives a task that has no flexible window one. Left out: it must have one.',
          }),
        }),
      )
      .min(1)
      .max(1_000)
      .refine((moves) => new Set(moves.map(({ taskId }) => taskId)).size === moves.length, {
        error: 'each task at most once',
      }),
    dryRun: z.boolean().default(false).meta({ description: 'Only say which peak it would make.' }),
  })
  .meta({ id: 'AdviceInput' });
export type AdviceInput = z.infer<typeof AdviceInput>;

export const APPLIED_STATES = ['proposed', 'applied', 'partly-undone', 'undone'] as const;

export const AppliedMove = z
  .object({
    taskId: TaskId,
    taskName: z.string(),
    revision: z.int().meta({ description: 'The revision that it got; in a dry run the one that it has.' }),
    fromOffsetMs: z.int().nullable().meta({ description: 'Null: its occurrences had several places.' }),
    offsetMs,
    windowBeforeMs: z.int(),
    windowMs: z.int(),
    state: z.enum(['proposed', 'applied', 'changed', 'undone']).meta({
      description: 'changed: the task was edited or deleted since, so that it can not be undone.',
    }),
  })
  .meta({ id: 'AppliedMove' });

export const AppliedAdvice = z
  .object({
    id: z.string().nullable().meta({ description: 'null in a dry run.' }),
    pool: z.string(),
    appliedAt: Instant,
    until: Instant.meta({ description: 'The peaks are those from then up to here.' }),
    peakBefore: z.int(),
    peakAfter: z.int(),
    state: z.enum(APPLIED_STATES),
    moves: z.array(AppliedMove),
  })
  .meta({ id: 'AppliedAdvice' });
export type AppliedAdvice = z.infer<typeof AppliedAdvice>;

export const UndoneAdvice = z
  .object({
    advice: AppliedAdvice,
    restored: z.int().meta({ description: 'Tasks that are as they were before.' }),
    left: z
      .array(z.object({ taskId: TaskId, reason: z.string() }))
      .meta({ description: 'Tasks that were changed since, and were left as they are.' }),
  })
  .meta({ id: 'UndoneAdvice' });
export type UndoneAdvice = z.infer<typeof UndoneAdvice>;

export const AppliedAdviceQuery = z.strictObject({
  pool: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(10),
});
