import { listAdvice } from '../../db/advice-list.ts';
import { undoMoves } from '../../db/advice-store.ts';
import { withDatabase } from '../../db/postgres-errors.ts';
import { applyAdvice } from '../advice-apply.ts';
import { toAppliedAdvice } from '../advice-mapping.ts';
import { readAdvice } from '../advice-reader.ts';
import type { ApiConfig } from '../config.ts';
import type { ApiDeps } from '../deps.ts';
import type { Handlers } from '../router.ts';

/** Smoothing. */
export function adviceRoutes(
  { database, planSettings }: Pick<ApiDeps, 'database' | 'planSettings'>,
  { misfireGraceMs }: Pick<ApiConfig, 'misfireGraceMs'>,
): Pick<Handlers, 'advice' | 'applyAdvice' | 'undoAdvice' | 'appliedAdvice'> {
  return {
    advice: async ({ query }) => ({ body: await withDatabase(() => readAdvice(database, planSettings, query)) }),
    applyAdvice: async ({ body }) => ({
      body: await withDatabase(() => applyAdvice(database, planSettings, misfireGraceMs, body)),
    }),
    async undoAdvice({ params: { id } }) {
      const { undone, records } = await withDatabase(() =>
        database.transaction(async (transaction) => ({
          undone: await undoMoves(transaction, id, misfireGraceMs),
          records: await listAdvice(transaction, { pool: null, id, limit: 1 }),
        })),
      );
      const [advice] = records.map(toAppliedAdvice);
      if (advice === undefined) throw new Error(`The advice ${id} was just undone, and is not there.`);
      return { body: { advice, restored: undone.restored, left: [...undone.left] } };
    },
    async appliedAdvice({ query: { pool, limit } }) {
      const records = await withDatabase(() => listAdvice(database, { pool: pool ?? null, id: null, limit }));
      return { body: { items: records.map(toAppliedAdvice) } };
    },
  };
}
