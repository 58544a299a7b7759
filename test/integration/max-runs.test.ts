import assert from 'node:assert/strict';

import type { TaskDraft } from '../../api/contract/task.ts';
import { HOUR_MS } from '../../core/duration.ts';
import { createTaskStore } from '../../db/task-store.ts';
import { expandBatch, type ExpanderConfig } from '../../scheduler/expander.ts';
import { createReadyDatabase, definitionOf, type ReadyDatabase } from '../support/database.ts';

const CONFIG: ExpanderConfig = { batchSize: 100, maxInstantsPerTask: 5_000, maxRowsPerBatch: 50_000, graceMs: 10_000 };

describe('a limit of runs', () => {
  let ready: ReadyDatabase;

  beforeEach(async () => {
    ready = await createReadyDatabase();
  });
  afterEach(() => ready[Symbol.asyncDispose]());

  async function expandAll(config: Partial<ExpanderConfig> = {}): Promise<void> {
    while ((await expandBatch(ready.database, { ...CONFIG, ...config })).more);
  }

  const timesOf = async (taskId: string): Promise<number[]> =>
    (await ready.occurrences(taskId)).map((row) => row.scheduled_time.getTime());

  const slotsOf = async (
    taskId: string,
  ): Promise<{ decided: number; lastMs: number | null; untilMs: number | null }> => {
    const [row] = await ready.query<{ slots_decided: string; last_slot_at: Date | null; expanded_until: Date | null }>(
      'select slots_decided, last_slot_at, expanded_until from tasks where id = $1',
      [taskId],
    );
    assert.ok(row);
    const { slots_decided: decided, last_slot_at: last, expanded_until: until } = row;
    return { decided: Number(decided), lastMs: last?.getTime() ?? null, untilMs: until?.getTime() ?? null };
  };

  it('holds over several turns and edits', async () => {
    const store = createTaskStore(ready.database);
    const limited = (maxRuns: number, expression = '* * * * *', name = 'limited'): Partial<TaskDraft> => ({
      name,
      schedule: { kind: 'cron', expressions: [expression], maxRuns },
    });
    const taskId = await ready.createTask(limited(50));
    const assertWritten = async (count: number): Promise<void> => {
      await expandAll({ maxInstantsPerTask: 7 });
      const times = await timesOf(taskId);
      assert.equal(times.length, count);
      assert.deepEqual(await slotsOf(taskId), { decided: count, lastMs: times.at(-1), untilMs: null });
      assert.equal((await expandBatch(ready.database, CONFIG)).tasks, 0, 'nothing is left to expand');
    };
    await assertWritten(50);
    await store.replace(taskId, definitionOf(limited(50, '* * * * *', 'renamed')), null);
    await assertWritten(50);
    await store.replace(taskId, definitionOf(limited(50, '*/2 * * * *')), null);
    await assertWritten(50);
    await store.replace(taskId, definitionOf(limited(60, '*/3 * * * *')), null);
    await assertWritten(60);
    await store.replace(taskId, definitionOf(limited(20)), null);
    await assertWritten(20);
  });

  it('counts an occurrence once that an edit keeps, or that a person cancelled', async () => {
    const store = createTaskStore(ready.database);
    const schedule = { kind: 'interval', everyMs: HOUR_MS / 4, maxRuns: 8 } as const;
    const taskId = await ready.createTask({ schedule });
    await expandAll();
    const [, , moved, cancelled] = await timesOf(taskId);
    await ready.query(
      `update task_schedule set due_at = due_at + interval '1 minute', moved_at = now() where task_id = $1 and scheduled_time = $2`,
      [taskId, new Date(Number(moved))],
    );
    await ready.query(
      `update task_schedule set status = 'Cancelled', due_at = null, end_time = now() where task_id = $1 and scheduled_time = $2`,
      [taskId, new Date(Number(cancelled))],
    );
    const before = await timesOf(taskId);
    await store.replace(taskId, definitionOf({ name: 'renamed', schedule }), null);
    await expandAll();
    assert.deepEqual(await timesOf(taskId), before);
    await store.deactivate(taskId, null);
    await store.activate(taskId);
    await expandAll();
    assert.deepEqual(await timesOf(taskId), before);
    assert.equal((await slotsOf(taskId)).decided, 8);
  });
});
