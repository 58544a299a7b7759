import assert from 'node:assert/strict';

import { DAY_MS, SECOND_MS } from '../../core/duration.ts';
import { expansionHorizonMs, MISSED_REASON } from '../../core/plan.ts';
import { instantsBetween } from '../../core/schedule.ts';
import type { TaskSchedule } from '../../core/task.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { createTaskStore } from '../../db/task-store.ts';
import { expandBatch, type ExpanderConfig } from '../../scheduler/expander.ts';
import { createReadyDatabase, definitionOf, type ReadyDatabase } from '../support/database.ts';

const CONFIG: ExpanderConfig = { batchSize: 100, maxInstantsPerTask: 5_000, maxRowsPerBatch: 50_000, graceMs: 10_000 };

describe('expansion', () => {
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

  const watermarkOf = async (taskId: string): Promise<number | null> => {
    const [row] = await ready.query<{ expanded_until: Date | null }>('select expanded_until from tasks where id = $1', [
      taskId,
    ]);
    assert.ok(row);
    return row.expanded_until?.getTime() ?? null;
  };

  it('writes an immediate task once, for now, and nothing more', async () => {
    const beforeMs = await readDatabaseClock(ready.database);
    const taskId = await ready.createTask({ schedule: { kind: 'immediate' } });
    await expandAll();
    const [row, ...others] = await ready.occurrences(taskId);
    assert.ok(row);
    assert.equal(others.length, 0);
    assert.equal(row.status, 'Scheduled');
    assert.ok(row.scheduled_time.getTime() >= Math.floor(beforeMs));
    assert.ok(row.scheduled_time.getTime() <= (await readDatabaseClock(ready.database)));
    assert.deepEqual(row.due_at, row.scheduled_time);
  });

  it('writes a one-time task at its instant, also one beyond the horizon once that has moved there', async () => {
    const nowMs = await readDatabaseClock(ready.database);
    const soonMs = Math.ceil(nowMs / SECOND_MS) * SECOND_MS + 60_000;
    const soon = await ready.createTask({ schedule: { kind: 'once', at: new Date(soonMs).toISOString() } });
    const farMs = expansionHorizonMs(nowMs) + 3_600_000;
    const far = await ready.createTask({ schedule: { kind: 'once', at: new Date(farMs).toISOString() } });
    await expandAll();
    assert.deepEqual(await timesOf(soon), [soonMs]);
    assert.deepEqual(await timesOf(far), []);
    assert.equal(await watermarkOf(far), expansionHorizonMs(nowMs));
    // The day turns: what was far ahead is near now.
    await ready.query(
      `update tasks set run_at = run_at - interval '1 day', expanded_until = expanded_until - interval '1 day' where id = $1`,
      [far],
    );
    await expandAll();
    assert.deepEqual(await timesOf(far), [farMs - 86_400_000]);
    assert.equal(await watermarkOf(far), null);
  });

  const schedules: readonly [string, TaskSchedule][] = [
    ['every second', cron('* * * * * *')],
    ['every five minutes in Kathmandu', cron('*/5 * * * *', 'Asia/Kathmandu')],
    ['two expressions that share instants', { ...cron('0 * * * *'), expressions: ['0 * * * *', '*/30 * * * *'] }],
  ];
  for (const [name, schedule] of schedules) {
    it(`writes exactly the instants that the schedule names: ${name}`, async () => {
      assert.equal(schedule.kind, 'cron');
      const taskId = await ready.createTask({
        schedule: { kind: 'cron', expressions: [...schedule.expressions], timeZone: schedule.timeZone },
      });
      const fromMs = await watermarkOf(taskId);
      await expandAll();
      const untilMs = await watermarkOf(taskId);
      assert.ok(fromMs !== null && untilMs !== null);
      assert.equal(untilMs, expansionHorizonMs(await readDatabaseClock(ready.database)));
      const times = await timesOf(taskId);
      assert.ok(times.length > 0);
      assert.deepEqual(times, instantsBetween(schedule, fromMs, untilMs, Infinity));
    });
  }

  it('writes each row once when two schedulers work at once, and loses none', async () => {
    const tasks: { id: string; fromMs: number }[] = [];
    for (let index = 0; index < 40; index += 1) {
      const id = await ready.createTask({ schedule: { kind: 'cron', expressions: [`${index} * * * *`] } });
      tasks.push({ id, fromMs: Number(await watermarkOf(id)) });
    }
    const other = await ready.open('free', 3);
    await readDatabaseClock(other); // both begin with a connection
    const expandAlone = async (database: typeof other): Promise<number> => {
      let written = 0;
      for (let more = true; more;) {
        const report = await expandBatch(database, { ...CONFIG, batchSize: 3, maxInstantsPerTask: 5 });
        written += report.written;
        ({ more } = report);
      }
      return written;
    };
    const counts = await Promise.all([expandAlone(ready.database), expandAlone(other)]);
    await expandAll(); // what the last batch of one had locked, the other passed over
    const rows = await ready.occurrences();
    assert.ok(
      counts.every((count) => count > 0),
      'both had a share',
    );
    assert.ok(counts[0] + counts[1] <= rows.length);
    for (const [index, { id, fromMs }] of tasks.entries()) {
      const times = rows.filter((row) => row.task_id === id).map((row) => row.scheduled_time.getTime());
      const untilMs = Number(await watermarkOf(id));
      assert.deepEqual(times, instantsBetween(cron(`${index} * * * *`), fromMs, untilMs, Infinity));
    }
  });

  it('marks a task that can not be expanded, and expands the others', async () => {
    const broken = await ready.createTask({ schedule: { kind: 'cron', expressions: ['0 * * * *'] } });
    const sound = await ready.createTask({ schedule: { kind: 'cron', expressions: ['0 * * * *'] } });
    await ready.query(`update tasks set cron_expressions = '{"61 * * * *"}' where id = $1`, [broken]);
    await expandAll();
    assert.ok((await timesOf(sound)).length > 0);
    assert.deepEqual(await timesOf(broken), []);
    const [row] = await ready.query<{ expand_error: string | null }>('select expand_error from tasks where id = $1', [
      broken,
    ]);
    assert.match(row?.expand_error ?? '', /61/);
    assert.equal((await expandBatch(ready.database, CONFIG)).tasks, 0, 'it is not tried again until it is edited');
  });

  it('leaves neither rows nor watermark when its transaction fails', async () => {
    const taskId = await ready.createTask({ schedule: { kind: 'cron', expressions: ['0 * * * *'] } });
    const before = await watermarkOf(taskId);
    await ready.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`,
    );
    await ready.query(
      'create trigger refuse before update of expanded_until on tasks for each row execute function refuse()',
    );
    await assert.rejects(expandBatch(ready.database, CONFIG), /no/);
    assert.deepEqual(await timesOf(taskId), []);
    assert.deepEqual(await watermarkOf(taskId), before);
  });

  const misfires: readonly ['latest' | 'all' | 'skip', number][] = [
    ['latest', 1],
    ['all', 5],
    ['skip', 0],
  ];
  for (const [misfire, expected] of misfires) {
    it(`records what was missed as the policy says: ${misfire}`, async () => {
      const taskId = await ready.createTask({
        schedule: { kind: 'interval', everyMs: 3_600_000 },
        policies: { misfire },
      });
      // Five hours went by without a scheduler, the last instant half an hour ago.
      await ready.query(
        `update tasks set starts_at = starts_at - interval '4 hours 30 minutes', expanded_until = expanded_until - interval '4 hours 30 minutes' where id = $1`,
        [taskId],
      );
      await expandAll();
      const missed = (await ready.occurrences(taskId)).slice(0, 5);
      const waiting = missed.filter((row) => row.status === 'Scheduled');
      assert.equal(waiting.length, expected);
      if (misfire === 'latest') assert.equal(waiting[0], missed[4]);
      for (const row of missed.filter((candidate) => candidate.status !== 'Scheduled')) {
        assert.equal(row.status, 'Skipped');
        assert.equal(row.reason, MISSED_REASON);
        assert.ok(row.end_time);
      }
    });
  }

  it('writes an edited task anew, and keeps nothing of the old schedule that was still to come', async () => {
    const taskId = await ready.createTask({ schedule: { kind: 'cron', expressions: ['0 * * * *'] } });
    await expandAll();
    const [old] = await ready.occurrences(taskId);
    assert.equal(old?.revision, 1);
    const edited = definitionOf({ schedule: { kind: 'cron', expressions: ['30 * * * *'] } });
    await createTaskStore(ready.database).replace(taskId, edited, 1);
    await expandAll();
    const rows = (await ready.occurrences(taskId)).filter((row) => row.status === 'Scheduled');
    assert.ok(rows.length > 0);
    for (const row of rows) {
      assert.equal(row.revision, 2);
      assert.equal(row.scheduled_time.getUTCMinutes(), 30);
    }
  });

  it('gives tasks with equal schedules the rows from their own watermarks on, from one plan', async () => {
    const expressions = ['*/10 * * * *'];
    const ids: string[] = [];
    for (let hours = 0; hours < 4; hours += 1) {
      const id = await ready.createTask({ schedule: { kind: 'cron', expressions } });
      await ready.query(`update tasks set expanded_until = expanded_until + $2 * interval '1 hour' where id = $1`, [
        id,
        hours,
      ]);
      ids.push(id);
    }
    const watermarks = () => Promise.all(ids.map(async (id) => Number(await watermarkOf(id))));
    const started = await watermarks();
    // The plan starts at the first of the watermarks and is cut off before the others: they stay where they are.
    const first = await expandBatch(ready.database, { ...CONFIG, maxInstantsPerTask: 4 });
    assert.deepEqual([first.tasks, first.written, first.more], [4, 4, true]);
    const [moved, ...unmoved] = await watermarks();
    assert.ok(Number(moved) > Number(started[0]));
    assert.deepEqual(unmoved, started.slice(1));

    await expandAll({ maxInstantsPerTask: 25 });
    for (const [index, untilMs] of (await watermarks()).entries()) {
      const fromMs = Number(started[index]);
      assert.deepEqual(
        await timesOf(String(ids[index])),
        instantsBetween({ ...cron('*/10 * * * *'), expressions }, fromMs, untilMs, Infinity),
      );
    }
  });

  it('expands a task that runs every second in turns, and a thousand others meanwhile', async () => {
    const busy = await ready.createTask({ schedule: { kind: 'cron', expressions: ['* * * * * *'] } });
    const fromMs = Number(await watermarkOf(busy));
    const others = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        ready.createTask({
          schedule: { kind: 'cron', expressions: [`${index % 60} ${index % 24} * * *`] },
        }),
      ),
    );
    const isBehind = async (): Promise<boolean> => {
      const horizon = new Date(expansionHorizonMs(await readDatabaseClock(ready.database)));
      const [row] = await ready.query<{ behind: string }>(
        'select count(*) as behind from tasks where expanded_until < $1 and id <> $2',
        [horizon, busy],
      );
      return row?.behind !== '0';
    };
    let turns = 0;
    for (; await isBehind(); turns += 1) {
      const report = await expandBatch(ready.database, { ...CONFIG, batchSize: 100, maxInstantsPerTask: 300 });
      assert.ok(report.more, 'the task that runs every second is never done here');
      assert.ok(report.written <= 300 + 2 * 100, 'a turn is bounded');
    }
    assert.ok(turns <= 11, `a thousand tasks took ${turns} turns of a hundred`);
    // Some hour of the day is still to come, at any time.
    const written = await Promise.all(others.slice(0, 24).map(async (id) => (await ready.occurrences(id)).length));
    assert.ok(Math.max(...written) > 0);

    await expandBatch(ready.database, { ...CONFIG, maxInstantsPerTask: 300 });
    const untilMs = Number(await watermarkOf(busy));
    const times = await timesOf(busy);
    assert.ok(times.length >= 600 && untilMs < fromMs + DAY_MS / 2);
    assert.deepEqual(times, instantsBetween(cron('* * * * * *'), fromMs, untilMs, Infinity));
  });
});

function cron(expression: string, timeZone = 'UTC'): Extract<TaskSchedule, { kind: 'cron' }> {
  return {
    kind: 'cron',
    expressions: [expression],
    timeZone,
    startsAtMs: null,
    endsAtMs: null,
    maxRuns: null,
    exclusions: [],
    dst: { gap: 'shift', repeat: 'first' },
  };
}
