import type { z } from 'zod';

import type { ROUTES } from '../../../api/contract/routes.ts';
import { type QueryValue, send } from './client.ts';

type Routes = typeof ROUTES;
type Line<Name extends keyof Routes> = `${Uppercase<Routes[Name]['method']>} ${Routes[Name]['path']}`;

/** The routes that the pages use. The compiler holds them against the contract, whose code then stays out of the first download. */
const LINES = {
  createTask: 'POST /api/v1/tasks',
  listTasks: 'GET /api/v1/tasks',
  getTask: 'GET /api/v1/tasks/:taskId',
  updateTask: 'PUT /api/v1/tasks/:taskId',
  deleteTask: 'DELETE /api/v1/tasks/:taskId',
  deactivateTask: 'PUT /api/v1/tasks/:taskId/inactive',
  activateTask: 'PUT /api/v1/tasks/:taskId/active',
  pauseTask: 'PUT /api/v1/tasks/:taskId/pause',
  runTask: 'POST /api/v1/tasks/:taskId/run',
  backfillTask: 'POST /api/v1/tasks/:taskId/backfill',
  explainTask: 'GET /api/v1/tasks/:taskId/why',
  listTaskRevisions: 'GET /api/v1/tasks/:taskId/revisions',
  listCalendars: 'GET /api/v1/calendars',
  getCalendar: 'GET /api/v1/calendars/:name',
  putCalendar: 'PUT /api/v1/calendars/:name',
  deleteCalendar: 'DELETE /api/v1/calendars/:name',
  importCalendar: 'POST /api/v1/calendars/:name/import',
  ledger: 'GET /api/v1/ledger',
  listOccurrences: 'GET /api/v1/occurrences',
  getOccurrence: 'GET /api/v1/occurrences/:id',
  cancelOccurrence: 'POST /api/v1/occurrences/:id/cancel',
  redriveOccurrence: 'POST /api/v1/occurrences/:id/redrive',
  listOccurrenceRuns: 'GET /api/v1/occurrences/:id/runs',
  listRuns: 'GET /api/v1/runs',
  listRunLogs: 'GET /api/v1/runs/:id/logs',
  listTaskTypes: 'GET /api/v1/task-types',
  taskSummary: 'GET /api/v1/task-summary',
  forecast: 'GET /api/v1/forecast',
  forecastAccuracy: 'GET /api/v1/forecast/accuracy',
  loadCalendar: 'GET /api/v1/load-calendar',
  overlapForecast: 'GET /api/v1/overlap-forecast',
  counterfactual: 'GET /api/v1/forecast/counterfactual',
  advice: 'GET /api/v1/forecast/advice',
  applyAdvice: 'POST /api/v1/forecast/advice/apply',
  undoAdvice: 'POST /api/v1/forecast/advice/:id/undo',
  appliedAdvice: 'GET /api/v1/forecast/advice/applied',
  autoscalerReplicas: 'GET /api/v1/autoscaler/replicas',
  setAutoscalerControls: 'PUT /api/v1/autoscaler/controls',
  listDeadLetters: 'GET /api/v1/dead-letters',
  redriveDeadLetters: 'POST /api/v1/dead-letters/redrive',
  cronPreview: 'GET /api/v1/cron/preview',
  health: 'GET /health',
} as const satisfies { readonly [Name in keyof Routes]?: Line<Name> };

type RouteName = keyof typeof LINES;
type Schema<Name extends RouteName, Part extends string> =
  Routes[Name] extends Record<Part, infer Found> ? Found : never;
type Params<Name extends RouteName> =
  Schema<Name, 'params'> extends z.ZodType
    ? { readonly [Key in keyof z.input<Schema<Name, 'params'>>]: string }
    : never;

/** What an answer to the route holds; a route without a body answers with undefined. */
export type Answer<Name extends RouteName> =
  Schema<Name, 'response'> extends z.ZodType ? z.output<Schema<Name, 'response'>> : undefined;

export interface CallInput<Name extends RouteName> {
  readonly params?: Params<Name>;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: Schema<Name, 'body'> extends z.ZodType ? z.input<Schema<Name, 'body'>> : never;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Calls one route of the API. @throws ApiError for everything that is not a success. */
export async function call<Name extends RouteName>(name: Name, input: CallInput<Name> = {}): Promise<Answer<Name>> {
  return (await callWithEtag(name, input)).answer;
}

/** As `call`, with the tag of the version that was read. */
export async function callWithEtag<Name extends RouteName>(
  name: Name,
  input: CallInput<Name> = {},
): Promise<{ answer: Answer<Name>; etag: string | null }> {
  const [method = '', path = ''] = LINES[name].split(' ');
  const params: Readonly<Record<string, string>> = input.params ?? {};
  const filled = path.replaceAll(/:(\w+)/g, (_text, key: string) => encodeURIComponent(params[key] ?? ''));
  // The server checks its own answers against the contract in its tests; here they are taken at their word.
  const { body, etag } = await send({ ...input, method, path: filled });
  return { answer: body as Answer<Name>, etag };
}
