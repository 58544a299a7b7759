import { z } from 'zod';

import { Problem, TaskId } from './common.ts';
import {
  AutoscalerReplicas,
  CronPreview,
  CronPreviewQuery,
  Forecast,
  ForecastQuery,
  Health,
  ScheduledTasksSummaryItem,
  SummaryQuery,
  TaskSummaryItem,
  TaskTypeInfo,
} from './forecast.ts';
import {
  DeadLetterPage,
  DeadLetterQuery,
  LogPage,
  Occurrence,
  OccurrenceListQuery,
  OccurrencePage,
  RedriveInput,
  RedriveResult,
  RescheduleInput,
  Run,
  RunListQuery,
  RunPage,
} from './occurrence.ts';
import { PageQuery } from './common.ts';
import { InactiveInput, PauseInput, Task, TaskDryRun, TaskInput, TaskListQuery, TaskPage } from './task.ts';

/** One route of the API: what it takes and what it answers. The OpenAPI document and the router's validation read this. */
export interface RouteContract {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Below the server's root, with `:name` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly status: number;
  readonly response: z.ZodType | null;
}

const taskParams = z.strictObject({ taskId: TaskId });
const idParams = z.strictObject({ id: z.string().max(60) });
const itemsOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) });
const base = '/api/v1';

export const ROUTES = {
  createTask: {
    method: 'post',
    path: `${base}/tasks`,
    summary: 'Create a task. With dryRun=plan: say when it would run, and write nothing.',
    tag: 'tasks',
    query: z.strictObject({ dryRun: z.enum(['plan']).optional() }),
    body: TaskInput,
    status: 201,
    response: z.union([Task, TaskDryRun]),
  },
  listTasks: {
    method: 'get',
    path: `${base}/tasks`,
    summary: 'List tasks with their next run.',
    tag: 'tasks',
    query: TaskListQuery,
    status: 200,
    response: TaskPage,
  },
  getTask: {
    method: 'get',
    path: `${base}/tasks/:taskId`,
    summary: 'Read a task with its next five runs.',
    tag: 'tasks',
    params: taskParams,
    status: 200,
    response: Task,
  },
  updateTask: {
    method: 'put',
    path: `${base}/tasks/:taskId`,
    summary:
      'Replace a task. Its entries that have not started are removed and written anew. If-Match refuses a lost update.',
    tag: 'tasks',
    params: taskParams,
    body: TaskInput,
    status: 200,
    response: Task,
  },
  deleteTask: {
    method: 'delete',
    path: `${base}/tasks/:taskId`,
    summary: 'Delete a task; its history stays.',
    tag: 'tasks',
    params: taskParams,
    status: 204,
    response: null,
  },
  deactivateTask: {
    method: 'put',
    path: `${base}/tasks/:taskId/inactive`,
    summary: 'Stop scheduling a task.',
    tag: 'tasks',
    params: taskParams,
    body: InactiveInput.prefault({}),
    status: 200,
    response: Task,
  },
  activateTask: {
    method: 'put',
    path: `${base}/tasks/:taskId/active`,
    summary: 'Schedule a task again, from now on.',
    tag: 'tasks',
    params: taskParams,
    status: 200,
    response: Task,
  },
  pauseTask: {
    method: 'put',
    path: `${base}/tasks/:taskId/pause`,
    summary: 'Pause a task, for a reason and until an instant.',
    tag: 'tasks',
    params: taskParams,
    body: PauseInput.prefault({}),
    status: 200,
    response: Task,
  },
  runTask: {
    method: 'post',
    path: `${base}/tasks/:taskId/run`,
    summary: 'Run a task now, beside its schedule.',
    tag: 'tasks',
    params: taskParams,
    status: 202,
    response: Occurrence,
  },
  listTaskOccurrences: {
    method: 'get',
    path: `${base}/tasks/:taskId/occurrences`,
    summary: 'The occurrences of one task.',
    tag: 'occurrences',
    params: taskParams,
    query: OccurrenceListQuery.omit({ taskId: true }),
    status: 200,
    response: OccurrencePage,
  },
  listOccurrences: {
    method: 'get',
    path: `${base}/occurrences`,
    summary: 'The schedule itself, past and future.',
    tag: 'occurrences',
    query: OccurrenceListQuery,
    status: 200,
    response: OccurrencePage,
  },
  getOccurrence: {
    method: 'get',
    path: `${base}/occurrences/:id`,
    summary: 'Read one occurrence.',
    tag: 'occurrences',
    params: idParams,
    status: 200,
    response: Occurrence,
  },
  rescheduleOccurrence: {
    method: 'put',
    path: `${base}/occurrences/:id`,
    summary: 'Move one occurrence that is still Scheduled.',
    tag: 'occurrences',
    params: idParams,
    body: RescheduleInput,
    status: 200,
    response: Occurrence,
  },
  cancelOccurrence: {
    method: 'post',
    path: `${base}/occurrences/:id/cancel`,
    summary: 'Cancel one occurrence that has not started.',
    tag: 'occurrences',
    params: idParams,
    status: 200,
    response: Occurrence,
  },
  redriveOccurrence: {
    method: 'post',
    path: `${base}/occurrences/:id/redrive`,
    summary: 'Send a failed occurrence round again.',
    tag: 'dead-letters',
    params: idParams,
    status: 202,
    response: Occurrence,
  },
  listOccurrenceRuns: {
    method: 'get',
    path: `${base}/occurrences/:id/runs`,
    summary: 'Every attempt of an occurrence.',
    tag: 'runs',
    params: idParams,
    status: 200,
    response: itemsOf(Run),
  },
  listRuns: {
    method: 'get',
    path: `${base}/runs`,
    summary: 'Finished attempts, newest first.',
    tag: 'runs',
    query: RunListQuery,
    status: 200,
    response: RunPage,
  },
  getRun: {
    method: 'get',
    path: `${base}/runs/:id`,
    summary: 'Read one attempt.',
    tag: 'runs',
    params: idParams,
    status: 200,
    response: Run,
  },
  listRunLogs: {
    method: 'get',
    path: `${base}/runs/:id/logs`,
    summary: 'The log lines of one attempt.',
    tag: 'runs',
    params: idParams,
    query: PageQuery.extend({ limit: z.coerce.number().int().min(1).max(1_000).default(500) }),
    status: 200,
    response: LogPage,
  },
  listTaskTypes: {
    method: 'get',
    path: `${base}/task-types`,
    summary: 'The kinds of work there are.',
    tag: 'task types',
    status: 200,
    response: itemsOf(TaskTypeInfo),
  },
  taskSummary: {
    method: 'get',
    path: `${base}/task-summary`,
    summary: 'Average execution time per task type over the past year.',
    tag: 'task types',
    status: 200,
    response: itemsOf(TaskSummaryItem),
  },
  scheduledTasksSummary: {
    method: 'get',
    path: `${base}/scheduled-tasks-summary`,
    summary: 'Tasks, compute time and instances per scheduled time.',
    tag: 'forecast',
    query: SummaryQuery,
    status: 200,
    response: itemsOf(ScheduledTasksSummaryItem),
  },
  forecast: {
    method: 'get',
    path: `${base}/forecast`,
    summary: 'The instances needed over the coming hours, and had over the past minutes.',
    tag: 'forecast',
    query: ForecastQuery,
    status: 200,
    response: Forecast,
  },
  autoscalerReplicas: {
    method: 'get',
    path: `${base}/autoscaler/replicas`,
    summary: 'How many replicas are wanted now, and why.',
    tag: 'forecast',
    query: z.strictObject({ pool: z.string().max(100).default('default') }),
    status: 200,
    response: AutoscalerReplicas,
  },
  listDeadLetters: {
    method: 'get',
    path: `${base}/dead-letters`,
    summary: 'Occurrences that will not be tried again by themselves.',
    tag: 'dead-letters',
    query: DeadLetterQuery,
    status: 200,
    response: DeadLetterPage,
  },
  redriveDeadLetters: {
    method: 'post',
    path: `${base}/dead-letters/redrive`,
    summary: 'Redrive all that match; dryRun counts them.',
    tag: 'dead-letters',
    body: RedriveInput,
    status: 200,
    response: RedriveResult,
  },
  cronPreview: {
    method: 'get',
    path: `${base}/cron/preview`,
    summary: 'When a cron expression runs next, in words and instants.',
    tag: 'cron',
    query: CronPreviewQuery,
    status: 200,
    response: CronPreview,
  },
  health: {
    method: 'get',
    path: '/health',
    summary: 'Whether the system works, part by part.',
    tag: 'health',
    status: 200,
    response: Health,
  },
} as const satisfies Record<string, RouteContract>;

export const ERROR_RESPONSE = Problem;
