import assert from 'node:assert/strict';

import type { TaskDraft } from '../../api/contract/task.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import { instantsBetween } from '../../core/schedule.ts';
import { ensurePartitions } from '../../db/partition-store.ts';
import { getTask } from '../../db/task-reader.ts';
import { expandBatch } from '../../scheduler/expander.ts';
import { createReadyDatabase, type ReadyDatabase } from '../support/database.ts';

const CONFIG = { batchSize: 1_000, maxInstantsPerTask: 5_000, maxRowsPerBatch: 50_000, graceMs: MINUTE_MS };
const SCHEDULES: readonly TaskDraft['schedule'][] = [
  { kind: 'cron', expressions: ['* * * * *'] },
  { kind: 'cron', expressions: ['*/10 * * * * *'] },
  { kind: 'cron', expressions: ['0 0 * * *', '59 23 * * *', '30 0 * * *'] },
  { kind: 'cron', expressions: ['0 */2 * * *'], timeZone: 'Australia/Lord_Howe' },
  { kind: 'interval', everyMs: 7 * MINUTE_MS },
  { kind: 'once', at: '2026-03-11T00:15:00Z' },
];

describe('the horizon', () => {
  for (const expandedAt of ['22:30', '20:59', '21:00', '10:00', '23:59'] as const) {
    it(`reaches three hours beyond 22:30 UTC, without a gap at midnight, when the schedulers last worked at ${expandedAt}`, async () => {
      await using ready = await createReadyDatabase({ movableClock: true });
      await ready.setClock('2026-03-10T09:00:00Z');
      await ensurePartitions(ready.database, 3);
      const ids: string[] = [];
      for (const schedule of SCHEDULES) ids.push(await ready.createTask({ schedule }));
      await expandAll(ready);
      const day = expandedAt === '23:59' ? '2026-03-09' : '2026-03-10'; // the evening before: nobody worked for the whole day
      if (day === '2026-03-10') await ready.setClock(`${day}T${expandedAt}:00Z`);
      await expandAll(ready);
      await ready.setClock('2026-03-10T22:30:00Z');
      await expandAll(ready);

      const fromMs = Date.parse('2026-03-10T22:30:00Z');
      for (const id of ids) {
        const { schedule } = await getTask(ready.database, id);
        const rows = (await ready.occurrences(id)).map((row) => row.scheduled_time.getTime());
        assert.deepEqual(
          rows.filter((atMs) => atMs >= fromMs && atMs < fromMs + 3 * HOUR_MS),
          instantsBetween(schedule, fromMs, fromMs + 3 * HOUR_MS, 10_000),
        );
      }
    });
  }
});

async function expandAll(ready: ReadyDatabase): Promise<void> {
  while ((await expandBatch(ready.database, CONFIG)).more);
}
