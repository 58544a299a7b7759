import { z } from 'zod';

import { Instant } from './common.ts';
import { CalendarName, ExclusionRule } from './exclusion.ts';

const Rules = z.array(ExclusionRule).max(5_000);
const Title = z.string().trim().min(1).max(200);
const TimeZone = z
  .string()
  .max(64)
  .meta({ description: 'IANA name, such as Europe/Rome: in which its dates and times of day are meant.' });

/** An exclusion calendar: named, shared by tasks, such as the holidays of a country. */
export const Calendar = z
  .object({
    name: CalendarName,
    title: z.string(),
    timeZone: z.string(),
    rules: z.array(ExclusionRule),
    revision: z.int(),
    tasks: z.int().meta({ description: 'How many tasks name it.' }),
    updatedAt: Instant,
  })
  .meta({ id: 'Calendar' });
export type Calendar = z.infer<typeof Calendar>;

export const CalendarInput = z
  .strictObject({ title: Title, timeZone: TimeZone.default('UTC'), rules: Rules.default([]) })
  .meta({ id: 'CalendarInput' });
export type CalendarInput = z.infer<typeof CalendarInput>;

export const CalendarImportInput = z
  .strictObject({
    ical: z.string().min(1).max(1_000_000).meta({ description: 'The text of an iCalendar file (RFC 5545).' }),
    title: Title.optional().meta({ description: 'Left out: as the file says.' }),
    timeZone: TimeZone.optional().meta({ description: 'Left out: as the file says, else UTC.' }),
    dryRun: z.boolean().default(false).meta({ description: 'Only say what would be imported.' }),
  })
  .meta({ id: 'CalendarImportInput' });

export const CalendarImport = z
  .object({
    title: z.string(),
    timeZone: z.string(),
    rules: z.array(ExclusionRule),
    leftOut: z
      .array(z.object({ summary: z.string(), reason: z.string() }))
      .meta({ description: 'Events of the file that are no exclusion, and why.' }),
    calendar: Calendar.nullable().meta({ description: 'Null after a dry run.' }),
  })
  .meta({ id: 'CalendarImport' });
export type CalendarImport = z.infer<typeof CalendarImport>;
