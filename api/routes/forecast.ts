import { withDatabase } from '../../db/postgres-errors.ts';
import { summarizeScheduledTasks } from '../../db/summary-store.ts';
import type { ApiDeps } from '../deps.ts';
import type { Handlers } from '../router.ts';

export function forecastRoutes(
  deps: Pick<ApiDeps, 'database' | 'forecast' | 'accuracy' | 'autoscalerReplicas'>,
): Pick<Handlers, 'forecast' | 'forecastAccuracy' | 'autoscalerReplicas' | 'scheduledTasksSummary'> {
  return {
    forecast: async ({ query }) => ({ body: await withDatabase(() => deps.forecast(query)) }),
    forecastAccuracy: async ({ query }) => ({ body: await withDatabase(() => deps.accuracy(query)) }),
    autoscalerReplicas: async ({ query }) => ({ body: await withDatabase(() => deps.autoscalerReplicas(query.pool)) }),
    async scheduledTasksSummary({ query }) {
      const rows = await summarizeScheduledTasks(deps.database, toDate(query.from), toDate(query.until), query.limit);
      return { body: { items: rows.map((row) => ({ ...row, scheduledTime: row.scheduledTime.toISOString() })) } };
    },
  };
}

function toDate(instant: string | undefined): Date | undefined {
  return instant === undefined ? undefined : new Date(instant);
}
