import { controlsWords } from '../../core/decision-words.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { readControls, writeControls } from '../../db/autoscaler-store.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { notifyWork } from '../../db/notify.ts';
import { withDatabase } from '../../db/postgres-errors.ts';
import { toControls } from '../autoscaler-reader.ts';
import type { ApiDeps } from '../deps.ts';
import type { Handlers } from '../router.ts';

export function scalingRoutes({ database }: Pick<ApiDeps, 'database'>): Pick<Handlers, 'setAutoscalerControls'> {
  return {
    async setAutoscalerControls({ body: { pool, override, ...rest } }) {
      const controls = {
        ...rest,
        override: override === null ? undefined : { replicas: override.replicas, untilMs: Date.parse(override.until) },
      };
      const stored = await withDatabase(async () => {
        await assertAhead(controls.override?.untilMs);
        await database.transaction(async (transaction) => {
          await writeControls(transaction, pool, controls, controlsWords(controls));
          await notifyWork(transaction); // the autoscaler looks at once
        });
        return readControls(database, pool);
      });
      return { body: toControls(stored) };
    },
  };

  async function assertAhead(untilMs: number | undefined): Promise<void> {
    if (untilMs === undefined || untilMs > (await readDatabaseClock(database))) return;
    throw new InvalidInputError([
      { path: 'override.until', message: 'is over already: nothing would be held. Give an instant ahead.' },
    ]);
  }
}
