import { z } from 'zod';

import { Calendar, CalendarImport, CalendarImportInput, CalendarInput } from './calendar.ts';
import { pageOf, PageQuery, TaskId } from './common.ts';
import { CalendarName } from './exclusion.ts';
import { Backfill, BackfillInput, TaskRevision, Why, WhyQuery } from './ledger.ts';
import { Occurrence } from './occurrence.ts';
import { itemsOf, type RouteContract } from './route-contract.ts';
import { InactiveInput, PauseInput, Task, TaskDryRun, TaskInput, TaskListQuery, TaskPage } from './task.ts';

export const taskParams = z.strictObject({ taskId: TaskId });
const calendarParams = z.strictObject({ name: CalendarName });
const base = '/api/v1';

/** What to run and when: tasks and the calendars that they name. */
export const TASK_ROUTES = {
  createTask: {
    method: 'post',
    path: `${base}/tasks`,
    summary: 'Create a task. With dryRun=plan: say when it would run and what it would cost, and write nothing.',
    tag: 'tasks',
    query: z.strictObject({
      dryRun: z.enum(['plan']).optional(),
      replaces: TaskId.optional().meta({
        description: 'With dryRun: the task that this would be an edit of; its own work is taken out first.',
      }),
      without: z
        .enum(['capacity'])
        .optional()
        .meta({ description: 'With dryRun: leaves the cost out, which takes the longest to say.' }),
    }),
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
  backfillTask: {
    method: 'post',
    path: `${base}/tasks/:taskId/backfill`,
    summary: 'Run a past range of the schedule; dryRun says what that would be.',
    tag: 'tasks',
    params: taskParams,
    body: BackfillInput,
    status: 202,
    response: Backfill,
  },
  explainTask: {
    method: 'get',
    path: `${base}/tasks/:taskId/why`,
    summary: 'Why the task runs, ran, or does not run at an instant.',
    tag: 'tasks',
    params: taskParams,
    query: WhyQuery,
    status: 200,
    response: Why,
  },
  listTaskRevisions: {
    method: 'get',
    path: `${base}/tasks/:taskId/revisions`,
    summary: 'What the task was and when, last change first.',
    tag: 'tasks',
    params: taskParams,
    query: PageQuery,
    status: 200,
    response: pageOf(TaskRevision),
  },
  listCalendars: {
    method: 'get',
    path: `${base}/calendars`,
    summary: 'Exclusion calendars.',
    tag: 'calendars',
    status: 200,
    response: itemsOf(Calendar),
  },
  getCalendar: {
    method: 'get',
    path: `${base}/calendars/:name`,
    summary: 'Read a calendar.',
    tag: 'calendars',
    params: calendarParams,
    status: 200,
    response: Calendar,
  },
  putCalendar: {
    method: 'put',
    path: `${base}/calendars/:name`,
    summary: 'Create or replace a calendar; tasks that name it are scheduled anew. If-Match refuses a lost update.',
    tag: 'calendars',
    params: calendarParams,
    body: CalendarInput,
    status: 200,
    response: Calendar,
  },
  deleteCalendar: {
    method: 'delete',
    path: `${base}/calendars/:name`,
    summary: 'Delete a calendar that no task names.',
    tag: 'calendars',
    params: calendarParams,
    status: 204,
    response: null,
  },
  importCalendar: {
    method: 'post',
    path: `${base}/calendars/:name/import`,
    summary: 'Create or replace a calendar from an iCalendar file; dryRun says what it holds.',
    tag: 'calendars',
    params: calendarParams,
    body: CalendarImportInput,
    status: 200,
    response: CalendarImport,
  },
} as const satisfies Record<string, RouteContract>;
