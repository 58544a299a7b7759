import type { TaskTypeRow } from '../../db/entities/task-type.ts';
import { withDatabase } from '../../db/postgres-errors.ts';
import { summarizeTaskTypes } from '../../db/summary-store.ts';
import { listTaskTypes } from '../../db/task-type-store.ts';
import type { TaskTypeInfo } from '../contract/forecast.ts';
import type { ApiDeps } from '../deps.ts';
import type { Handlers } from '../router.ts';

export function taskTypeRoutes({
  database,
}: Pick<ApiDeps, 'database'>): Pick<Handlers, 'listTaskTypes' | 'taskSummary'> {
  return {
    listTaskTypes: async () => ({
      body: { items: (await withDatabase(() => listTaskTypes(database))).map(toTaskType) },
    }),
    taskSummary: async () => ({ body: { items: await summarizeTaskTypes(database) } }),
  };
}

function toTaskType(row: TaskTypeRow): TaskTypeInfo {
  return {
    name: row.name,
    title: row.title,
    description: row.description,
    pool: row.pool,
    timeoutMs: row.timeoutMs,
    retry: row.retry,
    estimateMs: row.estimateMs,
    payloadSchema: row.payloadSchema as TaskTypeInfo['payloadSchema'], // jsonb
    examplePayload: row.examplePayload as TaskTypeInfo['examplePayload'],
    enabled: row.enabled,
  };
}
