import type { z } from 'zod';

import type { CRON_RUN_NOTES, ForecastContributor as ContributorSchema } from '../../../api/contract/forecast.ts';
import type {
  OccurrenceListQuery as OccurrenceQuerySchema,
  RedriveInput as RedriveInputSchema,
  RunListQuery as RunQuerySchema,
} from '../../../api/contract/occurrence.ts';
import type { TaskListQuery as TaskQuerySchema } from '../../../api/contract/task.ts';

export type {
  AutoscalerReplicas,
  CronPreview,
  Forecast,
  ForecastStep,
  Health,
  Replica,
  ScaleDecision,
  TaskSummaryItem,
  TaskTypeInfo,
} from '../../../api/contract/forecast.ts';
export type { DeadLetter, LogLine, Occurrence, Run } from '../../../api/contract/occurrence.ts';
export type { Task, TaskDraft } from '../../../api/contract/task.ts';

export type ForecastContributor = z.infer<typeof ContributorSchema>;
export type CronRunNote = (typeof CRON_RUN_NOTES)[number];
export type OccurrenceQuery = Partial<z.output<typeof OccurrenceQuerySchema>>;
export type RedriveInput = z.input<typeof RedriveInputSchema>;
export type RunQuery = Partial<z.output<typeof RunQuerySchema>>;
export type TaskQuery = Partial<z.output<typeof TaskQuerySchema>>;
