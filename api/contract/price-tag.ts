import { z } from 'zod';

import { Instant } from './common.ts';

/** What a change of one task costs, in replicas of its pool. */
export const PriceTag = z
  .object({
    pool: z.string(),
    range: z.object({ from: Instant, until: Instant, writtenUntil: Instant }).meta({
      description:
        'What was looked at: a day from now. From writtenUntil on no rows are written yet; the work of the day before stands in for them.',
    }),
    ageMs: z.int().meta({ description: 'How old the picture of the other work is that this was reckoned with.' }),
    peakBefore: z.int().meta({ description: 'The highest requiredInstances of the forecast, without the change.' }),
    peakAfter: z.int(),
    peakAt: Instant,
    replicaMinutesPerDay: z
      .number()
      .meta({ description: 'What will be asked for in addition, for a day; below 0 when it becomes less.' }),
    computeMsPerDay: z.number().meta({ description: 'Work of the task itself.' }),
    runsPerDay: z.number(),
    firstLateAt: Instant.nullable().meta({
      description: 'The first time of which, within the limit, more would start late than without the change.',
    }),
    lateBefore: z.int(),
    lateAfter: z.int().meta({ description: 'Occurrences that would start more than 10 s late.' }),
    nearestCheaper: z
      .object({ shiftMs: z.int(), peakAfter: z.int() })
      .nullable()
      .meta({ description: 'The least shift of the schedule, within 30 minutes, that adds less to the peak.' }),
  })
  .meta({ id: 'PriceTag' });
export type PriceTag = z.infer<typeof PriceTag>;
