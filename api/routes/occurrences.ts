import { z } from 'zod';

import { DAY_MS } from '../../core/duration.ts';
import { listOccurrences } from '../../db/occurrence-list.ts';
import { createOccurrenceStore } from '../../db/occurrence-store.ts';
import { listOccurrenceRuns } from '../../db/run-store.ts';
import { getTask } from '../../db/task-reader.ts';
import type { OccurrenceListQuery } from '../contract/occurrence.ts';
import { CursorBigint, CursorInstant, decodeCursor, encodeCursor } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { fromInstant } from '../instants.ts';
import { occurrenceKeyOf, toOccurrence, toRun } from '../occurrence-mapping.ts';
import type { Handlers } from '../router.ts';

type OccurrenceHandlers = Pick<
  Handlers,
  | 'listTaskOccurrences'
  | 'listOccurrences'
  | 'getOccurrence'
  | 'rescheduleOccurrence'
  | 'cancelOccurrence'
  | 'redriveOccurrence'
  | 'listOccurrenceRuns'
>;

export function occurrenceRoutes({ database }: Pick<ApiDeps, 'database'>): OccurrenceHandlers {
  const store = createOccurrenceStore(database);

  const list = async (query: z.infer<typeof OccurrenceListQuery>) => {
    const name = `occurrences:${query.order}`;
    const after = decodeCursor(query.cursor, name, Position);
    const nowMs = Date.now();
    const found = await listOccurrences(database, {
      status: query.status,
      taskId: query.taskId,
      taskType: query.taskType,
      fromMs: query.from !== undefined ? fromInstant(query.from) : query.taskId === undefined ? nowMs - WINDOW_MS : 0,
      untilMs: query.until === undefined ? Infinity : fromInstant(query.until),
      descending: query.order === 'desc',
      limit: query.limit,
      after: after === null ? null : { scheduledMs: after[0], taskId: after[1] },
      nowMs,
    });
    const items = found.slice(0, query.limit);
    const last = items.at(-1);
    const hasMore = found.length > query.limit && last !== undefined;
    return {
      items: items.map(toOccurrence),
      nextCursor: hasMore ? encodeCursor(name, [last.scheduledMs, last.taskId]) : null,
    };
  };

  return {
    async listTaskOccurrences({ params, query }) {
      await getTask(database, params.taskId);
      return { body: await list({ ...query, taskId: params.taskId }) };
    },
    listOccurrences: async ({ query }) => ({ body: await list(query) }),
    getOccurrence: async ({ params }) => ({ body: toOccurrence(await store.get(occurrenceKeyOf(params.id))) }),
    rescheduleOccurrence: async ({ params, body }) => ({
      body: toOccurrence(await store.reschedule(occurrenceKeyOf(params.id), fromInstant(body.dueAt))),
    }),
    cancelOccurrence: async ({ params }) => ({ body: toOccurrence(await store.cancel(occurrenceKeyOf(params.id))) }),
    redriveOccurrence: async ({ params }) => ({ body: toOccurrence(await store.redrive(occurrenceKeyOf(params.id))) }),
    listOccurrenceRuns: async ({ params }) => ({
      body: { items: (await listOccurrenceRuns(database, occurrenceKeyOf(params.id))).map(toRun) },
    }),
  };
}

const WINDOW_MS = 7 * DAY_MS;
const Position = z.tuple([CursorInstant, CursorBigint]);
