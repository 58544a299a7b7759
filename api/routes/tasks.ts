import { z } from 'zod';

import { InvalidInputError, RevisionMismatchError } from '../../core/errors.ts';
import type { Database } from '../../db/database.ts';
import { createOccurrenceStore } from '../../db/occurrence-store.ts';
import { getTask, listTasks, type TaskFilter, type TaskSortKey } from '../../db/task-reader.ts';
import { createTaskStore } from '../../db/task-store.ts';
import { createCapacityReader } from '../capacity-reader.ts';
import type { ApiConfig } from '../config.ts';
import type { Task, TaskListQuery } from '../contract/task.ts';
import { CursorBigint, decodeCursor, encodeCursor } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { revisionOf } from '../if-match.ts';
import { fromInstantOrNull } from '../instants.ts';
import { toOccurrence } from '../occurrence-mapping.ts';
import type { Handlers } from '../router.ts';
import { createTaskCheck } from '../task-check.ts';
import { checkInput } from '../task-input.ts';
import { toTask } from '../task-mapping.ts';
import { NEXT_RUNS, planTask } from '../task-plan.ts';

type TaskHandlers = Pick<
  Handlers,
  | 'createTask'
  | 'listTasks'
  | 'getTask'
  | 'updateTask'
  | 'deleteTask'
  | 'deactivateTask'
  | 'activateTask'
  | 'pauseTask'
  | 'runTask'
>;

export function taskRoutes(
  { database, planSettings }: Pick<ApiDeps, 'database' | 'planSettings'>,
  { maxRunsPerDay, misfireGraceMs }: Pick<ApiConfig, 'maxRunsPerDay' | 'misfireGraceMs'>,
): TaskHandlers {
  const store = createTaskStore(database, misfireGraceMs);
  const occurrences = createOccurrenceStore(database);
  const check = createTaskCheck(maxRunsPerDay);
  const capacity = createCapacityReader(database, planSettings);

  const answer = async (taskId: string): Promise<{ body: Task; headers: Record<string, string> }> => {
    const task = toTask(await getTask(database, taskId), NEXT_RUNS);
    return { body: task, headers: { ETag: `"${task.revision}"` } };
  };

  return {
    async createTask({ query, body }) {
      const { definition, pool } = await checkInput(database, check, body);
      if (query.dryRun === 'plan') {
        const planned = { definition, pool, replaces: query.replaces ?? null };
        const priced = query.without === 'capacity' ? null : capacity;
        return { status: 200, body: await planTask(database, planned, priced) };
      }
      const created = await answer(await store.create(definition));
      capacity.forget();
      return { body: created.body, headers: { ...created.headers, Location: `/api/v1/tasks/${created.body.id}` } };
    },
    async listTasks({ query }) {
      return { body: await listPage(database, query) };
    },
    getTask: ({ params }) => answer(params.taskId),
    async updateTask({ params, body, ifMatch }) {
      const expectedRevision = revisionOf(ifMatch, 'task');
      await assertRevision(database, params.taskId, expectedRevision); // before complaints about an outdated form
      const { definition } = await checkInput(database, check, body);
      await store.replace(params.taskId, definition, expectedRevision);
      capacity.forget();
      return answer(params.taskId);
    },
    async deleteTask({ params }) {
      await store.remove(params.taskId);
      capacity.forget();
      return { body: null };
    },
    async deactivateTask({ params, body }) {
      await store.deactivate(params.taskId, body.reason ?? null);
      return answer(params.taskId);
    },
    async activateTask({ params }) {
      await store.activate(params.taskId);
      return answer(params.taskId);
    },
    async pauseTask({ params, body }) {
      await store.pause(params.taskId, body.reason ?? null, fromInstantOrNull(body.until));
      return answer(params.taskId);
    },
    async runTask({ params }) {
      const occurrence = toOccurrence(await occurrences.runNow(params.taskId));
      return { body: occurrence, headers: { Location: `/api/v1/occurrences/${occurrence.id}` } };
    },
  };
}

const Position = z.tuple([z.string().max(800), CursorBigint]);
const NumberPosition = z.tuple([CursorBigint, CursorBigint]);

async function listPage(database: Database, query: z.infer<typeof TaskListQuery>) {
  const descending = query.sort.startsWith('-');
  const sortKey = query.sort.replace('-', '') as TaskSortKey;
  const list = `tasks:${query.sort}`;
  const after = decodeCursor(query.cursor, list, sortKey === 'name' ? Position : NumberPosition);
  const { tasks, next, total } = await listTasks(database, {
    filter: toFilter(query),
    sortKey,
    descending,
    limit: query.limit,
    after: after === null ? null : { value: after[0], id: after[1] },
    offset: after === null ? (query.page ?? 0) * query.limit : 0,
  });
  return {
    items: tasks.map((task) => toTask(task, 1)),
    nextCursor: next === null ? null : encodeCursor(list, [next.value, next.id]),
    total,
  };
}

function toFilter({ q, status, taskType, scheduleKind, label, key }: z.infer<typeof TaskListQuery>): TaskFilter {
  return {
    nameContains: q,
    status,
    taskType,
    scheduleKind,
    label: label === undefined ? undefined : toLabel(label),
    key,
  };
}

function toLabel(text: string): { key: string; value: string } {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidInputError([{ path: 'label', message: 'expected key=value, such as experiment=E-12' }]);
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}

async function assertRevision(database: Database, taskId: string, expected: number | null): Promise<void> {
  const { revision } = await getTask(database, taskId);
  if (expected !== null && expected !== revision) throw new RevisionMismatchError(expected, revision);
}
