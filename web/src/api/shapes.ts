import type { z } from 'zod';

import type {
  CRON_RUN_NOTES,
  ForecastContributor as ContributorSchema,
  ScheduledTasksSummaryItem,
} from '../../../api/contract/forecast.ts';
import type {
  DeadLetterPage as DeadLetterPageSchema,
  LogPage as LogPageSchema,
  OccurrenceListQuery as OccurrenceQuerySchema,
  OccurrencePage as OccurrencePageSchema,
  RedriveInput as RedriveInputSchema,
  RedriveResult as RedriveResultSchema,
  RUN_OUTCOMES,
  RunListQuery as RunQuerySchema,
  RunPage as RunPageSchema,
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
export type { Schedule, Task, TaskDraft, TaskPage } from '../../../api/contract/task.ts';

export type DeadLetterPage = z.infer<typeof DeadLetterPageSchema>;
export type ForecastContributor = z.infer<typeof ContributorSchema>;
export type CronRunNote = (typeof CRON_RUN_NOTES)[number];
export type LogPage = z.infer<typeof LogPageSchema>;
export type OccurrencePage = z.infer<typeof OccurrencePageSchema>;
export type OccurrenceQuery = Partial<z.output<typeof OccurrenceQuerySchema>>;
export type OccurrenceStatus = OccurrencePage['items'][number]['status'];
export type RedriveInput = z.input<typeof RedriveInputSchema>;
export type RedriveResult = z.infer<typeof RedriveResultSchema>;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];
export type RunPage = z.infer<typeof RunPageSchema>;
export type RunQuery = Partial<z.output<typeof RunQuerySchema>>;
export type ScheduledSummaryItem = z.infer<typeof ScheduledTasksSummaryItem>;
export type TaskQuery = Partial<z.output<typeof TaskQuerySchema>>;
