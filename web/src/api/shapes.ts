import type { z } from 'zod';

import type { AdviceInput as AdviceInputSchema } from '../../../api/contract/advice.ts';
import type { CRON_RUN_NOTES, ForecastContributor as ContributorSchema } from '../../../api/contract/forecast.ts';
import type { BackfillInput as BackfillInputSchema } from '../../../api/contract/ledger.ts';
import type {
  OccurrenceListQuery as OccurrenceQuerySchema,
  RedriveInput as RedriveInputSchema,
  RunListQuery as RunQuerySchema,
} from '../../../api/contract/occurrence.ts';
import type { TaskListQuery as TaskQuerySchema } from '../../../api/contract/task.ts';

export type { ForecastAccuracy } from '../../../api/contract/accuracy.ts';
export type { Advice, AdviceMove, AppliedAdvice } from '../../../api/contract/advice.ts';
export type { Calendar, CalendarImport, CalendarInput } from '../../../api/contract/calendar.ts';
export type { Counterfactual, CounterfactualSide } from '../../../api/contract/counterfactual.ts';
export type { ExclusionRule } from '../../../api/contract/exclusion.ts';
export type {
  AutoscalerReplicas,
  Forecast,
  ForecastStep,
  Health,
  Replica,
  ScaleDecision,
  TaskSummaryItem,
  TaskTypeInfo,
} from '../../../api/contract/forecast.ts';
export type { Backfill, Ledger, TaskRevision, Why } from '../../../api/contract/ledger.ts';
export type { LoadCalendar, LoadDay, LoadWindow } from '../../../api/contract/load-calendar.ts';
export type { DeadLetter, LogLine, Occurrence, Run } from '../../../api/contract/occurrence.ts';
export type { OverlapItem } from '../../../api/contract/overlap-forecast.ts';
export type { PriceTag } from '../../../api/contract/price-tag.ts';
export type { AutoscalerControls, AutoscalerControlsInput } from '../../../api/contract/scaling.ts';
export type { Task, TaskDraft } from '../../../api/contract/task.ts';

export type AdviceInput = z.input<typeof AdviceInputSchema>;
export type BackfillInput = z.input<typeof BackfillInputSchema>;
export type ForecastContributor = z.infer<typeof ContributorSchema>;
export type CronRunNote = (typeof CRON_RUN_NOTES)[number];
export type OccurrenceQuery = Partial<z.output<typeof OccurrenceQuerySchema>>;
export type RedriveInput = z.input<typeof RedriveInputSchema>;
export type RunQuery = Partial<z.output<typeof RunQuerySchema>>;
export type TaskQuery = Partial<z.output<typeof TaskQuerySchema>>;
/** From one instant up to another, both ISO. */
export interface LedgerWindow {
  readonly from: string;
  readonly until: string;
}
