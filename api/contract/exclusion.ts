import { z } from 'zod';

import { Instant } from './common.ts';

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const label = z.string().max(200).nullish().meta({ description: 'What it is, such as Christmas.' });
const TimeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: 'expected a time of day from 00:00 to 24:00, such as 22:30' });

/** A time at which nothing is to run. Dates and times of day are meant in the time zone of the calendar, or of the schedule. */
export const ExclusionRule = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('date'),
      date: z.iso.date({ error: 'expected a date of the calendar, such as 2026-12-25' }),
      label,
    }),
    z
      .strictObject({ kind: z.literal('range'), from: Instant, until: Instant, label })
      .refine(({ from, until }) => Date.parse(until) > Date.parse(from), {
        path: ['until'],
        error: 'expected an instant after from',
      }),
    z.strictObject({
      kind: z.literal('weekly'),
      weekdays: z
        .array(z.enum(WEEKDAYS))
        .min(1)
        .max(7)
        .default([...WEEKDAYS])
        .meta({ description: 'Days on which the window opens; every day when left out.' }),
      from: TimeOfDay.refine((text) => text !== '24:00', { error: 'a window opens before 24:00' }),
      until: TimeOfDay.meta({ description: 'Exclusive; at or before from: on the next day.' }),
      label,
    }),
  ])
  .meta({ id: 'ExclusionRule' });
export type ExclusionRule = z.infer<typeof ExclusionRule>;

export const CalendarName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  error: 'expected lower-case letters, digits and hyphens, such as holidays-it',
});

export const Blackouts = z
  .array(ExclusionRule)
  .max(100)
  .default([])
  .meta({ description: 'Windows of its own in which it does not run, in the time zone of the schedule.' });

export const Calendars = z
  .array(CalendarName)
  .max(20)
  .refine((names) => new Set(names).size === names.length, { error: 'a calendar is named twice' })
  .default([])
  .meta({ description: 'Shared calendars at whose times it does not run.' });
