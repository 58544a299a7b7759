import { backfill } from '../../db/backfill-store.ts';
import type { ApiConfig } from '../config.ts';
import type { ApiDeps } from '../deps.ts';
import { fromInstant, toInstantOrNull } from '../instants.ts';
import type { Handlers } from '../router.ts';

export function backfillRoutes(
  { database }: Pick<ApiDeps, 'database'>,
  { retentionDays }: Pick<ApiConfig, 'retentionDays'>,
): Pick<Handlers, 'backfillTask'> {
  return {
    async backfillTask({ params, body }) {
      const report = await backfill(database, {
        taskId: params.taskId,
        fromMs: fromInstant(body.from),
        untilMs: fromInstant(body.until),
        perMinute: body.perMinute ?? null,
        dryRun: body.dryRun,
        retentionDays,
      });
      const { matched, existing, created, firstMs, lastMs, dueUntilMs } = report;
      return {
        body: {
          matched,
          existing,
          created,
          first: toInstantOrNull(firstMs),
          last: toInstantOrNull(lastMs),
          dueUntil: toInstantOrNull(dueUntilMs),
        },
      };
    },
  };
}
