import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { TaskDraft } from '../../api/contract/task.ts';
import { HOUR_MS, SECOND_MS } from '../../core/duration.ts';
import { compactDemand, readDemand, readPlannedLoad, repairDemand } from '../../db/demand-store.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { createOccurrenceStore } from '../../db/occurrence-store.ts';
import { createTaskStore } from '../../db/task-store.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { expandBatch } from '../../scheduler/expander.ts';
import { checkLedger } from '../../scheduler/ledger-check.ts';
import { createReadyDatabase, definitionOf, type ReadyDatabase } from '../support/database.ts';
import { demandOperation, openDemandWorld } from '../support/demand-world.ts';

const CONFIG = { batchSize: 100, maxInstantsPerTask: 5_000, maxRowsPerBatch: 50_000, graceMs: 10_000 };

describe('the rollup of the demand ahead', () => {
  let ready: ReadyDatabase;
  beforeEach(async () => {
    ready = await createReadyDatabase();
  });
  afterEach(() => ready[Symbol.asyncDispose]());

  /** Seconds of a type and priority in which the rollup and the rows do not agree. */
  const differences = () => ready.query(`select * from demand_differences('-infinity', 'infinity')`);
  const expand = () => expandBatch(ready.database, CONFIG);
  const parts = async (): Promise<number> => {
    const [row] = await ready.query<{ n: number }>('select count(*)::integer as n from demand_ahead');
    return Number(row?.n);
  };
  const every = (expression: string, more: object = {}) =>
    ready.createTask({ schedule: { kind: 'cron', expressions: [expression] }, ...more });

  it('agrees with the rows after each of random operations', async function () {
    this.timeout(240_000);
    const world = await openDemandWorld(ready, 'one');
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(demandOperation, { minLength: 5, maxLength: 15 }), async (operations) => {
        await every('*/7 * * * *'); // whatever comes of the others
        await expand();
        for (const operation of operations) {
          await world.run(operation);
          assert.deepEqual(await differences(), [], JSON.stringify(operation));
        }
        compared += await compareWithRows();
      }),
      { numRuns: 15, endOnFailure: true },
    );
    assert.ok(compared > 50, `only ${compared} rows were compared`);
  });

  it('agrees with the rows at each moment while several expand, edit, claim and compact at once', async function () {
    this.timeout(240_000);
    const worlds = await Promise.all(['a', 'b', 'c', 'd'].map((name) => openDemandWorld(ready, name)));
    for (let index = 0; index < 5; index += 1) await every(`${index}/10 * * * *`);
    await expand();
    const samples = fc.sample(fc.array(demandOperation, { minLength: 40, maxLength: 40 }), worlds.length);
    let isOver = false;
    let checks = 0;
    const check = async (): Promise<void> => {
      while (!isOver) {
        assert.deepEqual(await differences(), []);
        checks += 1;
      }
    };
    const storm = Promise.all(
      worlds.map(async (world, place) => {
        for (const operation of samples[place] ?? []) await world.run(operation);
      }),
    ).finally(() => (isOver = true));
    await Promise.all([storm, check()]);
    assert.ok(checks > 0);
    await every('*/7 * * * *');
    await expand();
    assert.deepEqual(await differences(), []);
    assert.ok((await compareWithRows()) > 10);
  });

  it('follows a task that gets another type and priority while somebody has moved its occurrence', async () => {
    const taskId = await every('0 * * * *', { taskType: 'noop', priority: 'low' });
    await expand();
    const [row] = (await ready.occurrences(taskId)).slice(-1);
    assert.ok(row);
    const nowMs = await readDatabaseClock(ready.database);
    const movedMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS + 2 * HOUR_MS + 7 * SECOND_MS;
    const key = { taskId, scheduledMs: row.scheduled_time.getTime() };
    await createOccurrenceStore(ready.database).reschedule(key, movedMs);
    const schedule: TaskDraft['schedule'] = { kind: 'cron', expressions: ['0 * * * *'] }; // as it was: what is moved stays
    const draft = { taskType: 'test.long', priority: 'high', schedule } as const;
    await createTaskStore(ready.database).replace(taskId, definitionOf(draft), null);
    assert.deepEqual(await differences(), []);
    const range = { fromMs: movedMs, untilMs: movedMs + SECOND_MS };
    const found = await readDemand(ready.database, 'default', range);
    assert.deepEqual(
      found.map(({ atMs, taskType, priority, count }) => ({ atMs, taskType, priority, count })),
      [{ atMs: movedMs, taskType: 'test.long', priority: 'high', count: 1 }],
    );
  });

  it('is written by one statement with few rows, however many occurrences that has', async () => {
    for (let index = 0; index < 20; index += 1) await every(`${index} * * * * *`);
    await expand();
    const [row] = await ready.query<{ rows: number; hours: number }>(
      `select count(*)::integer as rows, count(distinct date_trunc('hour', due_at))::integer as hours from task_schedule`,
    );
    assert.ok(row !== undefined && row.rows > 3_000);
    assert.ok((await parts()) <= row.hours, `${await parts()} parts for ${row.hours} hours`);
  });

  it('is compacted without a change of what it says, by several at once', async () => {
    for (let index = 0; index < 12; index += 1) {
      await every('*/10 * * * *');
      await expand();
    }
    await ready.query(
      `insert into demand_ahead values (date_trunc('hour', now() - interval '3 hours'), 'noop', 'normal', '{0}', '{1}')`,
    );
    const before = await parts();
    await Promise.all(Array.from({ length: 4 }, () => compactDemand(ready.database)));
    while (await compactDemand(ready.database));
    const [row] = await ready.query<{ most: number; old: number }>(
      `select max(n)::integer as most, count(*) filter (where begins_at < now() - interval '2 hours')::integer as old
       from (select begins_at, count(*) as n from demand_ahead group by begins_at, task_type, priority) as hour`,
    );
    assert.ok((await parts()) < before);
    assert.ok(row !== undefined && row.most <= 4, `${row?.most} parts of one hour are left`);
    assert.equal(row.old, 0);
    assert.deepEqual(await differences(), []);
    assert.ok((await compareWithRows()) > 0);
  });

  it('is filled, and put right, from the rows', async () => {
    await every('*/5 * * * *');
    await every('*/10 * * * *', { taskType: 'test.long' });
    await expand();
    await ready.query('delete from demand_ahead');
    const missing = (await differences()).length;
    assert.ok(missing > 0);
    const all = { fromMs: 0, untilMs: null };
    const repaired = await Promise.all([repairDemand(ready.database, all), repairDemand(ready.database, all)]);
    assert.deepEqual(repaired.sort(), [0, missing].sort());
    assert.deepEqual(await differences(), []);
    await ready.query(
      `insert into demand_ahead values (date_trunc('hour', now() + interval '2 hours'), 'noop', 'low', '{7,8}', '{3,-1}')`,
    );
    assert.equal(await repairDemand(ready.database, { fromMs: 0, untilMs: null }), 2);
    assert.deepEqual(await differences(), []);
  });

  it('is checked and put right by the scheduler each hour, which says so', async () => {
    await every('*/5 * * * *');
    await expand();
    await ready.query('delete from demand_ahead');
    const missing = (await differences()).length;
    const metrics = createMetrics({ processMetrics: false });
    const deps = { database: ready.database, log: createLogger('test', 'silent'), metrics };
    await checkLedger(deps, { retentionDays: 30 });
    assert.equal((await metrics.repairedDemand.get()).values[0]?.value, missing);
    assert.deepEqual(await differences(), []);
  });

  it('is emptied with the schedule', async () => {
    await every('*/5 * * * *');
    await expand();
    await ready.query('truncate task_schedule');
    assert.equal(await parts(), 0);
  });

  it('tells the load of each pool by steps', async () => {
    await every('*/10 * * * *');
    await every('*/10 * * * *', { taskType: 'test.long' });
    await expand();
    const nowMs = await readDatabaseClock(ready.database);
    const fromMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS + HOUR_MS;
    const loads = await readPlannedLoad(ready.database, { fromMs, stepMs: 10_000, steps: 360 });
    const estimates = [...ready.taskTypes.values()].filter(({ name }) => name === 'noop' || name === 'test.long');
    const workMs = estimates.reduce((sum, { estimateMs }) => sum + estimateMs, 0);
    const expected = [0, 60, 120, 180, 240, 300].map((step) => ({ pool: 'default', step, workMs }));
    assert.deepEqual(loads, expected);
  });

  /** What the reader says of all that is ahead, near and far, is what the rows say. Answers how many rows that were. */
  async function compareWithRows(): Promise<number> {
    const fromMs = Math.ceil((await readDatabaseClock(ready.database)) / SECOND_MS) * SECOND_MS + SECOND_MS;
    const untilMs = fromMs + 40 * HOUR_MS;
    const found = await readDemand(ready.database, 'default', { fromMs, untilMs });
    const expected = await ready.query<{ at_ms: number; task_type: string; priority: string; count: number }>(
      `select (extract(epoch from date_trunc('second', s.due_at)) * 1000)::float8 as at_ms, t.task_type, t.priority, count(*)::integer as count
       from task_schedule as s
       join tasks as t on t.id = s.task_id
       where s.due_at >= to_timestamp($1::float8 / 1000) and s.due_at < to_timestamp($2::float8 / 1000)
       group by 1, 2, 3`,
      [fromMs, untilMs],
    );
    const lines = (all: readonly string[]): string[] => [...all].sort();
    assert.deepEqual(
      lines(found.map((row) => [row.atMs, row.taskType, row.priority, row.count].join())),
      lines(expected.map((row) => [row.at_ms, row.task_type, row.priority, row.count].join())),
    );
    return found.length;
  }
});
