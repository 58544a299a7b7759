import { z } from 'zod';

import { Instant } from './common.ts';

const TimeZone = z.string().max(64);

export const LoadWindow = z
  .object({
    from: Instant,
    until: Instant,
    requiredInstances: z.int().meta({ description: 'The greatest of its minutes.' }),
    meanInstances: z.number(),
  })
  .meta({ id: 'LoadWindow' });
export type LoadWindow = z.infer<typeof LoadWindow>;

export const LoadDay = z
  .object({
    date: z.string().meta({ description: 'YYYY-MM-DD, in the zone.' }),
    from: Instant,
    until: Instant,
    requiredInstances: z.array(z.int().nullable()).meta({
      description:
        'One per minute from `from` on: the greatest value of the formula in the minute, as in the forecast. Of minutes that are past, ' +
        'what was recorded then; null where nobody recorded. A day on which the clocks change has fewer or more than 1,440.',
    }),
  })
  .meta({ id: 'LoadDay' });
export type LoadDay = z.infer<typeof LoadDay>;

export const LoadCalendar = z
  .object({
    generatedAt: Instant.meta({ description: 'When the schedules were read.' }),
    now: Instant,
    ageMs: z
      .int()
      .meta({ description: 'How old the picture is; never older than the last change of a task or calendar.' }),
    pool: z.string(),
    timeZone: z.string(),
    slotsPerReplica: z.int(),
    limit: z.int().meta({ description: 'The greatest number of instances that may be asked for.' }),
    writtenUntil: Instant.meta({
      description:
        'Up to here occurrences are written; behind it they are computed from the schedules, as they will be.',
    }),
    tasks: z.int().meta({ description: 'Tasks that go on by themselves, those that are paused for a while included.' }),
    peak: LoadWindow.nullable().meta({ description: 'The first minute that needs most; null when nothing is to do.' }),
    quietest: z.array(LoadWindow).meta({ description: 'Where new work fits best: three windows at most, best first.' }),
    busiest: z.array(LoadWindow).meta({ description: 'The most crowded windows, three at most.' }),
    days: z.array(LoadDay),
  })
  .meta({ id: 'LoadCalendar' });
export type LoadCalendar = z.infer<typeof LoadCalendar>;

export const LoadCalendarQuery = z.strictObject({
  from: Instant.optional().meta({
    description:
      'The first day is the one that this falls into, today when left out; not before today, at most 92 days ahead.',
  }),
  days: z.coerce.number().int().min(1).max(7).default(7),
  pool: z.string().max(100).default('default'),
  timeZone: TimeZone.default('UTC').meta({ description: 'IANA time zone of the days.' }),
  windowMinutes: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_440)
    .default(60)
    .meta({ description: 'How long the quietest and the busiest windows are.' }),
});
export type LoadCalendarQuery = z.output<typeof LoadCalendarQuery>;
