import { z } from 'zod';

import { OVERLAP_SEVERITIES } from '../../core/overlap-forecast.ts';
import { OVERLAP_POLICIES } from '../../core/task.ts';
import { Instant } from './common.ts';

export const OverlapItem = z
  .object({
    taskId: z.string(),
    taskName: z.string(),
    taskType: z.string(),
    severity: z.enum(OVERLAP_SEVERITIES).meta({
      description:
        'overlapping: one run in twenty outlasts the smallest gap; near: it takes four fifths of it, or will outlast it within 14 days; ' +
        'watch: it takes half of it.',
    }),
    periodMs: z
      .object({ smallest: z.int(), typical: z.int() })
      .meta({ description: 'Gaps between the coming occurrences: the smallest, and the median.' }),
    p50Ms: z.number(),
    p95Ms: z.number(),
    basis: z.enum(['task', 'type', 'estimate']).meta({
      description:
        'Whose runs were measured: of the task over the past week where there are 20 or more, else of its type over 30 days, else none: the declared estimate.',
    }),
    runs: z.int().meta({ description: 'Runs behind the figures.' }),
    ratio: z.number().meta({ description: 'p95Ms over the smallest gap.' }),
    overlapsPerDay: z
      .number()
      .meta({ description: 'Occurrences a day that find the run before them still going, if each of them runs.' }),
    overlap: z.enum(OVERLAP_POLICIES),
    consequence: z.string().meta({ description: 'What the overlap policy then does.' }),
    trend: z
      .object({
        earlierMeanMs: z.number(),
        recentMeanMs: z.number(),
        changePerDayMs: z.number().nullable().meta({ description: 'null: no clear change.' }),
      })
      .nullable()
      .meta({ description: 'Means of the earlier and the later days of the week; null with too few days or runs.' }),
    crossesAt: Instant.nullable().meta({
      description:
        'When p95 reaches the smallest gap, if the runs go on growing as they did over the week; null: no such trend.',
    }),
  })
  .meta({ id: 'OverlapItem' });
export type OverlapItem = z.infer<typeof OverlapItem>;

export const OverlapForecast = z
  .object({
    generatedAt: Instant,
    ageMs: z.int(),
    pool: z.string(),
    recurringTasks: z.int().meta({ description: 'Tasks that were looked at.' }),
    measuredTasks: z.int().meta({
      description:
        'Of those that could overlap, how many were judged by their own runs; 1,000 at most, those with the highest ratio by their type.',
    }),
    total: z.int().meta({ description: 'Tasks with a severity; the items are the worst of them.' }),
    items: z.array(OverlapItem),
  })
  .meta({ id: 'OverlapForecast' });
export type OverlapForecast = z.infer<typeof OverlapForecast>;

export const OverlapForecastQuery = z.strictObject({
  pool: z.string().max(100).default('default'),
  limit: z.coerce.number().int().min(1).max(500).default(50).meta({ description: 'How many at most, worst first.' }),
});
export type OverlapForecastQuery = z.output<typeof OverlapForecastQuery>;
