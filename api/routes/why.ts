import { z } from 'zod';

import { explainInstant } from '../../core/why.ts';
import { listRevisions } from '../../db/revision-list.ts';
import { readWhy } from '../../db/why-store.ts';
import { describeSchedule } from '../../runtime/schedule-text.ts';
import type { ApiConfig } from '../config.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { fromInstant, toInstant, toInstantOrNull } from '../instants.ts';
import { toOccurrence } from '../occurrence-mapping.ts';
import type { Handlers } from '../router.ts';

export function whyRoutes(
  { database }: Pick<ApiDeps, 'database'>,
  { retentionDays, misfireGraceMs }: Pick<ApiConfig, 'retentionDays' | 'misfireGraceMs'>,
): Pick<Handlers, 'explainTask' | 'listTaskRevisions'> {
  return {
    async explainTask({ params, query }) {
      const atMs = fromInstant(query.at);
      const config = { retentionDays, graceMs: misfireGraceMs };
      const { facts, occurrence } = await readWhy(database, params.taskId, atMs, config);
      const { verdict, summary, rules, previousMs, nextMs } = explainInstant(facts);
      return {
        body: {
          taskId: params.taskId,
          at: toInstant(atMs),
          verdict,
          summary,
          rules: [...rules],
          revision: facts.revision?.revision ?? null,
          occurrence: occurrence === null ? null : toOccurrence(occurrence),
          previous: toInstantOrNull(previousMs),
          next: toInstantOrNull(nextMs),
        },
      };
    },
    async listTaskRevisions({ params, query }) {
      const before = decodeCursor(query.cursor, 'revisions', Position);
      const found = await listRevisions(database, params.taskId, query.limit, before?.[0] ?? null);
      const items = found.slice(0, query.limit);
      const last = items.at(-1);
      return {
        body: {
          items: items.map(({ schedule, validFromMs, validUntilMs, ...rest }) => ({
            ...rest,
            validFrom: toInstant(validFromMs),
            validUntil: toInstantOrNull(validUntilMs),
            scheduleText: describeSchedule(schedule),
          })),
          nextCursor:
            found.length > items.length && last !== undefined ? encodeCursor('revisions', [last.revision]) : null,
        },
      };
    },
  };
}

const Position = z.tuple([z.int().min(1).max(2_147_483_647)]);
