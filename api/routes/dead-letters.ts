import { z } from 'zod';

import { countDeadLetters, listDeadLetters, redriveDeadLetters } from '../../db/dead-letter-store.ts';
import { CursorBigint, CursorInstant, decodeCursor, encodeCursor } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { toInstantOrNull } from '../instants.ts';
import { occurrenceKeysOf, toOccurrence } from '../occurrence-mapping.ts';
import type { Handlers } from '../router.ts';

export function deadLetterRoutes({
  database,
}: Pick<ApiDeps, 'database'>): Pick<Handlers, 'listDeadLetters' | 'redriveDeadLetters'> {
  return {
    async listDeadLetters({ query }) {
      const after = decodeCursor(query.cursor, 'dead-letters', Position);
      const position = after === null ? null : { scheduledMs: after[0], taskId: after[1] };
      const found = await listDeadLetters(database, query, query.limit, position);
      const items = found.slice(0, query.limit);
      const last = items.at(-1);
      return {
        body: {
          items: items.map((record) => ({
            ...toOccurrence(record),
            error: record.error,
            failedAt: toInstantOrNull(record.endMs),
          })),
          nextCursor:
            found.length > query.limit && last !== undefined
              ? encodeCursor('dead-letters', [last.scheduledMs, last.taskId])
              : null,
        },
      };
    },
    async redriveDeadLetters({ body }) {
      const { taskId, taskType, occurrenceIds, dryRun } = body;
      const keys = occurrenceIds === undefined ? undefined : occurrenceKeysOf(occurrenceIds);
      const filter = { taskId, taskType, keys };
      const matched = await countDeadLetters(database, filter);
      if (dryRun) return { body: { matched, redriven: 0 } };
      return { body: { matched, redriven: await redriveDeadLetters(database, filter, BATCH_SIZE) } };
    },
  };
}

/** Occurrences per transaction: short enough that nobody waits for its locks. */
const BATCH_SIZE = 1_000;
const Position = z.tuple([CursorInstant, CursorBigint]);
