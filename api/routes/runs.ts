import { z } from 'zod';

import { DAY_MS } from '../../core/duration.ts';
import { getRun, listRunLogs, listRuns, type RunRecord } from '../../db/run-store.ts';
import { CursorBigint, CursorInstant, decodeCursor, encodeCursor } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { fromInstant, toInstant } from '../instants.ts';
import { runKeyOf, toRun } from '../occurrence-mapping.ts';
import type { Handlers } from '../router.ts';

export function runRoutes({
  database,
}: Pick<ApiDeps, 'database'>): Pick<Handlers, 'listRuns' | 'getRun' | 'listRunLogs'> {
  return {
    async listRuns({ query }) {
      const after = decodeCursor(query.cursor, 'runs', RunPosition);
      const nowMs = Date.now();
      const found = await listRuns(database, {
        outcome: query.outcome,
        taskId: query.taskId,
        taskType: query.taskType,
        fromMs: query.from === undefined ? nowMs - WINDOW_MS : fromInstant(query.from),
        untilMs: query.until === undefined ? Infinity : fromInstant(query.until),
        limit: query.limit,
        after: after === null ? null : { endMs: after[0], taskId: after[1], scheduledMs: after[2], attempt: after[3] },
        nowMs,
      });
      const items = found.slice(0, query.limit);
      return {
        body: { items: items.map(toRun), nextCursor: found.length > items.length ? cursorAt(items.at(-1)) : null },
      };
    },
    getRun: async ({ params }) => ({ body: toRun(await getRun(database, runKeyOf(params.id))) }),
    async listRunLogs({ params, query }) {
      const after = decodeCursor(query.cursor, 'logs', LogPosition);
      const found = await listRunLogs(database, runKeyOf(params.id), query.limit, after?.[0] ?? FIRST_SEQ - 1);
      const items = found.slice(0, query.limit);
      const last = items.at(-1);
      return {
        body: {
          items: items.map(({ seq, atMs, level, message }) => ({ seq, at: toInstant(atMs), level, message })),
          nextCursor: found.length > query.limit && last !== undefined ? encodeCursor('logs', [last.seq]) : null,
        },
      };
    },
  };
}

const WINDOW_MS = 7 * DAY_MS;
const FIRST_SEQ = 0;
const RunPosition = z.tuple([CursorInstant, CursorBigint, CursorInstant, z.int().min(0).max(2_147_483_647)]);
const LogPosition = z.tuple([z.int().min(0).max(2_147_483_647)]);

function cursorAt(run: RunRecord | undefined): string | null {
  if (run?.endMs == null) return null;
  return encodeCursor('runs', [run.endMs, run.taskId, run.scheduledMs, run.attempt]);
}
