import assert from 'node:assert/strict';

import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/duration.ts';
import { hashOffsetMs } from '../../core/placement.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { expandBatch, type ExpanderConfig } from '../../scheduler/expander.ts';
import { createReadyDatabase, type ReadyDatabase } from '../support/database.ts';

const CONFIG: ExpanderConfig = { batchSize: 100, maxInstantsPerTask: 5_000, maxRowsPerBatch: 50_000, graceMs: 10_000 };

describe('occurrences with a flexible window', () => {
  let ready: ReadyDatabase;

  beforeEach(async () => {
    ready = await createReadyDatabase();
  });
  afterEach(() => ready[Symbol.asyncDispose]());

  async function expandAll(config: Partial<ExpanderConfig> = {}): Promise<void> {
    while ((await expandBatch(ready.database, { ...CONFIG, ...config })).more);
  }

  it('are placed where least is planned, and those that come later around them', async () => {
    const WINDOW_MS = 10 * MINUTE_MS;
    const STEP_MS = 10 * SECOND_MS;
    const PLACES = WINDOW_MS / STEP_MS + 1;
    const createCrowd = async (): Promise<void> => {
      for (let index = 0; index < PLACES; index += 1) {
        await ready.createTask({
          taskType: 'test.long',
          schedule: { kind: 'cron', expressions: ['30 * * * *'] },
          policies: { flexibleWindowMs: WINDOW_MS },
        });
      }
    };
    // What comes due while the test sets things up is not ahead any more.
    const aheadMs = (await readDatabaseClock(ready.database)) + MINUTE_MS;
    for (const crowds of [1, 2]) {
      await createCrowd();
      await expandAll();
      const rows = (await ready.occurrences()).filter((row) => row.scheduled_time.getTime() > aheadMs);
      const perPlace = new Map<number, number>();
      for (const { scheduled_time: scheduled, due_at: due } of rows) {
        assert.equal(scheduled.getTime() % HOUR_MS, 30 * MINUTE_MS, 'the scheduled time is the nominal one');
        assert.ok(due && due >= scheduled && due.getTime() <= scheduled.getTime() + WINDOW_MS);
        assert.equal(due.getTime() % STEP_MS, 0);
        perPlace.set(due.getTime(), (perPlace.get(due.getTime()) ?? 0) + 1);
      }
      const times = new Set(rows.map((row) => row.scheduled_time.getTime()));
      // The second crowd may know one time more: the horizon moves at 21:00 UTC.
      assert.ok(perPlace.size >= (times.size - 1) * PLACES);
      assert.equal(Math.max(...perPlace.values()), crowds, 'each place is taken once before any is taken again');
    }
  });

  it('keep clear of what other tasks have planned', async () => {
    const hour = Math.ceil(((await readDatabaseClock(ready.database)) + MINUTE_MS) / HOUR_MS) * HOUR_MS;
    for (let second = 0; second < 60; second += 10) {
      await ready.createTask({
        taskType: 'test.long',
        schedule: { kind: 'once', at: new Date(hour + second * SECOND_MS).toISOString() },
      });
    }
    const taskId = await ready.createTask({
      schedule: {
        kind: 'cron',
        expressions: ['0 * * * *'],
        startsAt: new Date(hour).toISOString(), // in the last minute of an hour there is one time before
        endsAt: new Date(hour + SECOND_MS).toISOString(),
      },
      policies: { flexibleWindowMs: 2 * MINUTE_MS },
    });
    await expandAll();
    const [row] = await ready.occurrences(taskId);
    assert.deepEqual([row?.scheduled_time.getTime(), row?.due_at?.getTime()], [hour, hour + MINUTE_MS]);
  });

  it('run at the same offset every time when the place is hashed, and those of other tasks at other ones', async () => {
    const offsets = new Set<number>();
    for (let index = 0; index < 5; index += 1) {
      const taskId = await ready.createTask({
        schedule: { kind: 'cron', expressions: ['*/20 * * * *'] },
        policies: { flexibleWindowMs: 15 * MINUTE_MS, placement: 'hash' },
      });
      await expandAll({ maxInstantsPerTask: 10 });
      const rows = await ready.occurrences(taskId);
      const offsetMs = hashOffsetMs(taskId, 15 * MINUTE_MS);
      assert.ok(rows.length > 3);
      for (const row of rows) {
        assert.equal(row.scheduled_time.getTime() % (20 * MINUTE_MS), 0);
        assert.equal(Number(row.due_at) - Number(row.scheduled_time), offsetMs);
      }
      offsets.add(offsetMs);
    }
    assert.ok(offsets.size > 1);
  });
});
