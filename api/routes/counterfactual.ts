import { withDatabase } from '../../db/postgres-errors.ts';
import { createCounterfactualReader } from '../counterfactual-reader.ts';
import type { ApiDeps } from '../deps.ts';
import type { Handlers } from '../router.ts';

/** What another autoscaler would have done on a day that was recorded. */
export function counterfactualRoutes({
  database,
  planSettings,
}: Pick<ApiDeps, 'database' | 'planSettings'>): Pick<Handlers, 'counterfactual'> {
  const reader = createCounterfactualReader(database, planSettings);
  return { counterfactual: async ({ query }) => ({ body: await withDatabase(() => reader.read(query)) }) };
}
