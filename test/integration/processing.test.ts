import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TaskDraft } from '../../api/contract/task.ts';
import { deadLetterQueueName, ticketQueueName } from '../../broker/topology.ts';
import { createOccurrenceStore } from '../../db/occurrence-store.ts';
import { createTaskStore } from '../../db/task-store.ts';
import { definitionOf, type OccurrenceRow } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { cleanRabbitMq, type Stack, startStack } from '../support/stack.ts';

describe('processing', () => {
  let stack: Stack;
  afterEach(() => stack[Symbol.asyncDispose]());

  const only = async (taskId: string): Promise<OccurrenceRow> => {
    const [row, ...others] = await stack.occurrences(taskId);
    assert.ok(row !== undefined && others.length === 0);
    return row;
  };
  const ended = (taskId: string, count = 1): Promise<OccurrenceRow[]> =>
    eventually(async () => {
      const rows = await stack.occurrences(taskId);
      return rows.length === count && rows.every((row) => row.end_time !== null) && rows;
    });
  const quickRetry = (maxAttempts: number, firstDelayMs = 100): TaskDraft['retry'] => ({
    maxAttempts,
    backoff: 'exponential',
    firstDelayMs,
    maxDelayMs: 10_000,
  });

  it('runs an immediate task, and records when and where', async () => {
    stack = await startStack({ broker: 'embedded' });
    const taskId = await stack.createTask({ payload: { sleepMs: 30 } });
    await ended(taskId);
    const row = await only(taskId);
    const [run, ...others] = await stack.runs(taskId);
    assert.ok(run !== undefined && others.length === 0);
    assert.equal(row.status, 'Completed');
    assert.equal(run.outcome, 'succeeded');
    assert.deepEqual(run.started_at, row.start_time);
    assert.deepEqual(run.due_at, row.scheduled_time);
    assert.ok(run.started_at >= row.scheduled_time && run.ended_at > run.started_at);
    assert.ok(run.elapsed_ms !== null && run.elapsed_ms >= 29);
    assert.match(run.processor, /^processor-/);
  });

  it('runs an every-second cron at every second', async () => {
    stack = await startStack({ broker: 'embedded', scheduler: true });
    const taskId = await stack.createTask({ schedule: { kind: 'cron', expressions: ['* * * * * *'] } });
    const rows = await eventually(async () => {
      const completed = (await stack.occurrences(taskId)).filter(
        (row) => row.status !== 'Scheduled' && row.end_time !== null,
      );
      return completed.length >= 6 && completed;
    });
    const firstMs = Number(rows[0]?.scheduled_time.getTime());
    for (const [index, row] of rows.entries()) {
      assert.equal(row.scheduled_time.getTime(), firstMs + index * 1_000, 'no second is left out');
      assert.equal(row.status, 'Completed');
      assert.ok(row.start_time !== null && row.start_time >= row.scheduled_time, 'never early');
    }
    const runs = (await stack.runs(taskId)).filter((run) => run.scheduled_time.getTime() <= firstMs + 5_000);
    assert.deepEqual(
      runs.map((run) => run.scheduled_time.getTime()),
      [0, 1, 2, 3, 4, 5].map((second) => firstMs + second * 1_000),
    );
  });

  it('retries what fails with growing waits, then sends it to the dead-letter queue with its cause; a redrive runs it again', async () => {
    const node = await cleanRabbitMq();
    stack = await startStack({ broker: 'rabbitmq' });
    const taskId = await stack.createTask({ payload: { fail: true }, retry: quickRetry(4) });
    await ended(taskId);
    const row = await only(taskId);
    assert.equal(row.status, 'Failed');
    assert.equal(row.attempt, 4);
    const runs = await stack.runs(taskId);
    assert.deepEqual(
      runs.map(({ attempt, outcome, error }) => ({ attempt, outcome, error })),
      [1, 2, 3, 4].map((attempt) => ({ attempt, outcome: 'failed', error: 'The payload asks for a failure.' })),
    );
    const waits = runs.slice(1).map((run, index) => run.due_at.getTime() - Number(runs[index]?.ended_at));
    for (const [index, wait] of waits.entries()) {
      // Jitter takes a quarter at most; the two instants are read one after the other in one statement, which takes its time.
      assert.ok(wait >= 0.5 * 100 * 2 ** index, `wait ${index + 1} was ${wait} ms`);
      if (index > 0) assert.ok(wait > Number(waits[index - 1]), `${waits.join(', ')} do not grow`);
    }
    for (const run of runs) assert.ok(run.started_at >= run.due_at, 'no retry before its time');

    const letter = await eventually(() =>
      node.withChannel((channel) => channel.get(deadLetterQueueName('default'), { noAck: true })),
    );
    const content: unknown = JSON.parse(letter.content.toString());
    const occurrenceId = `${taskId}-${row.scheduled_time.getTime()}`;
    assert.deepEqual(content, { occurrenceId, attempt: 4, cause: 'The payload asks for a failure.' });
    assert.equal(letter.properties.messageId, `${occurrenceId}-4`);
    assert.equal(letter.properties.headers?.['almanac-cause'], 'The payload asks for a failure.');

    await stack.query(`update tasks set payload = '{}' where id = $1`, [taskId]);
    await createOccurrenceStore(stack.database).redrive({ taskId, scheduledMs: row.scheduled_time.getTime() });
    await ended(taskId);
    const after = await only(taskId);
    assert.equal(after.status, 'Completed');
    assert.equal(after.attempt, 5);
    assert.equal((await stack.runs(taskId)).at(-1)?.outcome, 'succeeded');
  });

  it('has all attempts of its policy again after a redrive', async () => {
    stack = await startStack({ broker: 'embedded' });
    const taskId = await stack.createTask({ payload: { failTimes: 3 }, retry: quickRetry(2, 10) });
    await ended(taskId);
    assert.equal((await only(taskId)).status, 'Failed');
    const scheduledMs = (await only(taskId)).scheduled_time.getTime();
    await createOccurrenceStore(stack.database).redrive({ taskId, scheduledMs });
    await ended(taskId);
    assert.deepEqual(
      (await stack.runs(taskId)).map((run) => run.outcome),
      ['failed', 'failed', 'failed', 'succeeded'],
    );
  });

  for (const what of ['undefined', 'null', 'symbol', 'trap', 'rejection', 'cycle']) {
    it(`takes a handler that throws anything for a failed attempt, and goes on: ${what}`, async () => {
      stack = await startStack({ broker: 'embedded' });
      const taskId = await stack.createTask({ taskType: 'test.throw', payload: { what } });
      await ended(taskId);
      assert.equal((await only(taskId)).status, 'Failed');
      const [run] = await stack.runs(taskId);
      assert.equal(run?.outcome, 'failed');
      assert.ok(run.error !== null && run.error !== '');
      const next = await stack.createTask({});
      await ended(next);
      assert.equal((await only(next)).status, 'Completed');
    });
  }

  it('ends an attempt at its time-out although its handler does not, and frees the slot', async () => {
    stack = await startStack({ broker: 'embedded' });
    const taskId = await stack.createTask({ taskType: 'test.hang', retry: quickRetry(1) });
    await ended(taskId);
    const [run] = await stack.runs(taskId);
    assert.equal(run?.outcome, 'timed-out');
    assert.match(run.error ?? '', /time-out of 300 ms/);
    const next = await stack.createTask({});
    await ended(next);
    assert.equal((await only(next)).status, 'Completed');
  });

  it('sends messages that it can not read to the dead-letter queue, counts them, and goes on', async () => {
    const node = await cleanRabbitMq();
    stack = await startStack({ broker: 'rabbitmq', processors: 0 });
    await stack.startProcessor({ leaseMs: 5_000 });
    const queue = ticketQueueName({ pool: 'default', priority: 'normal' });
    const garbage = ['', '{', '[]', '{"v":99}', '{"v":1,"claim":"1","work":1,"entries":[]}', '\u0000\u0001'];
    await eventually(() => node.withChannel((channel) => channel.checkQueue(queue)));
    await node.withChannel(async (channel) => {
      const confirming = channel;
      for (const text of garbage) confirming.sendToQueue(queue, Buffer.from(text));
      await confirming.checkQueue(queue); // the channel has done what came before
    });
    const taskId = await stack.createTask({});
    await ended(taskId);
    assert.equal((await only(taskId)).status, 'Completed');
    await eventually(async () => (await stack.broker.deadLetterDepth('default')) === garbage.length);
    await eventually(async () => {
      const [row] = await stack.query<{ count: string }>(`select sum(unreadable_messages) as count from replicas`);
      return Number(row?.count) === garbage.length;
    });
    assert.equal(await stack.broker.depth({ pool: 'default', priority: 'normal' }), 0);
  });

  it('gives back an occurrence of a type that it does not know, at no cost', async () => {
    stack = await startStack({ broker: 'embedded', processors: 0 });
    const { noop: _unknown, ...known } = Object.fromEntries(stack.taskTypes);
    const old = await stack.startProcessor({}, new Map(Object.entries(known)));
    const taskId = await stack.createTask({ retry: quickRetry(1) });
    await eventually(async () => (await stack.runs(taskId)).length === 1);
    const [run] = await stack.runs(taskId);
    assert.equal(run?.outcome, 'interrupted');
    assert.match(run.error ?? '', /does not know the task type/);
    assert.equal((await only(taskId)).status, 'Scheduled');
    await old.stop();
    await stack.startProcessor();
    await stack.query('update task_schedule set due_at = clock_timestamp() where due_at is not null');
    await ended(taskId);
    assert.equal((await only(taskId)).status, 'Completed', 'its one attempt was still to be had');
  });

  for (const [where, processors, slots] of [
    ['in one processor', 1, 2],
    ['across two processors', 2, 1],
  ] as const) {
    it(`skips an occurrence while another one of its task runs: ${where}`, async () => {
      stack = await startStack({ broker: 'embedded', processors: 0 });
      for (let index = 0; index < processors; index += 1) await stack.startProcessor({ slots });
      const taskId = await stack.createTask({ taskType: 'test.long', payload: { ms: 1_500 } });
      await eventually(async () => (await only(taskId)).status === 'Running');
      const { scheduled_time: runningSince } = await only(taskId);
      await stack.addOccurrence(taskId);
      const rows = await ended(taskId, 2);
      const reason = `occurrence ${taskId}-${runningSince.getTime()} of the task was running`;
      assert.deepEqual(
        rows.map((row) => [row.status, row.reason, row.attempt, row.blocked_by]),
        [
          ['Completed', null, 1, null],
          ['Skipped', reason, 0, runningSince],
        ],
      );
      assert.ok(Number(rows[1]?.end_time) < Number(rows[0]?.end_time));
      const after = await createOccurrenceStore(stack.database).runNow(taskId);
      await ended(taskId, 3);
      assert.equal(
        (await createOccurrenceStore(stack.database).get(after)).status,
        'Completed',
        'the bar is gone with the run',
      );
    });
  }

  it('lets occurrences of one task run side by side when the task allows it', async () => {
    stack = await startStack({ broker: 'embedded', processors: 2 });
    const taskId = await stack.createTask({
      taskType: 'test.long',
      payload: { ms: 1_000 },
      policies: { overlap: 'allow' },
    });
    await eventually(async () => (await only(taskId)).status === 'Running');
    await createOccurrenceStore(stack.database).runNow(taskId);
    const rows = await ended(taskId, 2);
    assert.ok(rows.every((row) => row.status === 'Completed'));
    assert.ok(Number(rows[1]?.start_time) < Number(rows[0]?.end_time));
  });

  it('never skips a retry: it waits until the other occurrence of its task has ended', async () => {
    stack = await startStack({ broker: 'embedded', processors: 2 });
    const taskId = await stack.createTask({ payload: { failTimes: 1, sleepMs: 700 }, retry: quickRetry(2, 300) });
    await eventually(async () => (await only(taskId)).status === 'Running');
    await eventually(async () => (await only(taskId)).status === 'Scheduled');
    await createOccurrenceStore(stack.database).runNow(taskId);
    const waited = await eventually(async () => {
      const [first] = await stack.occurrences(taskId);
      return first !== undefined && /^waits until occurrence .* has ended$/.test(first.reason ?? '') && first;
    });
    assert.equal(waited.attempt, 1);
    const rows = await ended(taskId, 2);
    assert.ok(rows.every((row) => row.status === 'Completed' && row.attempt === 2));
    assertNeverTwoAtATime(await stack.runs(taskId));
  });

  it('expires what could not start in time', async () => {
    stack = await startStack({ broker: 'embedded', processors: 0 });
    const late = await stack.createTask({ policies: { startExpiryMs: 1 } });
    const inTime = await stack.createTask({ policies: { startExpiryMs: 3_600_000 } });
    await eventually(async () => (await only(late)).status === 'Queued');
    await stack.startProcessor();
    await ended(late);
    await ended(inTime);
    const row = await only(late);
    assert.equal(row.status, 'Expired');
    assert.equal(row.reason, 'it could not start before its start expiry');
    assert.deepEqual(await stack.runs(late), []);
    assert.equal((await only(inTime)).status, 'Completed');
  });

  describe('a task that is changed while it runs', () => {
    const changes: readonly [string, (taskId: string) => Promise<void>, OccurrenceRow['status']][] = [
      ['edited: the retry goes on under the new definition', edit, 'Completed'],
      [
        'deactivated: there is no retry',
        (taskId) => createTaskStore(stack.database).deactivate(taskId, null),
        'Cancelled',
      ],
      ['deleted: there is no retry', (taskId) => createTaskStore(stack.database).remove(taskId), 'Cancelled'],
    ];
    for (const [name, change, status] of changes) {
      it(name, async () => {
        stack = await startStack({ broker: 'embedded' });
        const taskId = await stack.createTask({ payload: { fail: true, sleepMs: 600 }, retry: quickRetry(2) });
        await eventually(async () => (await only(taskId)).status === 'Running');
        await change(taskId);
        const rows = await eventually(async () => {
          const found = await stack.occurrences(taskId);
          return found.every((row) => row.end_time !== null) && found;
        });
        assert.equal(rows[0]?.status, status);
        assert.equal((await stack.runs(taskId))[0]?.outcome, 'failed');
        assert.deepEqual(await stack.query('select from running_tasks'), []);
      });
    }

    async function edit(taskId: string): Promise<void> {
      await createTaskStore(stack.database).replace(taskId, definitionOf({ name: 'repaired' }), null);
    }
  });

  it('ends, rather than leaves waiting for ever, what a change of its task passed over', async () => {
    stack = await startStack({ broker: 'embedded' });
    const store = createTaskStore(stack.database);
    const taskId = await stack.createTask({ payload: { fail: true }, retry: quickRetry(1) });
    await ended(taskId);
    await store.deactivate(taskId, null);
    // Redriven while the task is inactive, and not claimed before the task becomes active again at another revision.
    await stack.query(
      `update task_schedule set status = 'Scheduled', due_at = clock_timestamp() + interval '1 second', end_time = null,
         revision = (select revision from tasks where id = $1::bigint) where task_id = $1::bigint`,
      [taskId],
    );
    await store.activate(taskId);
    await ended(taskId);
    const row = await only(taskId);
    assert.equal(row.status, 'Cancelled');
    assert.equal(row.reason, 'the task was changed before it could start');
  });

  it('runs a bundle of short occurrences of one task one after the other, skipping none', async () => {
    stack = await startStack({ broker: 'embedded', processors: 0 });
    const taskId = await stack.createTask({ schedule: { kind: 'once', at: '2199-01-01T00:00:00Z' } });
    await stack.query(
      `insert into task_schedule (task_id, scheduled_time, due_at, revision)
       select $1::bigint, at, at, 1
       from (select date_trunc('second', clock_timestamp()) - n * interval '1 ms' as at from generate_series(1, 40) as n) as instants`,
      [taskId],
    );
    await eventually(async () => (await stack.occurrences(taskId)).every((row) => row.status === 'Queued'));
    await stack.startProcessor({ slots: 1 });
    const rows = await ended(taskId, 40);
    assert.ok(rows.every((row) => row.status === 'Completed' && row.attempt === 1));
  });

  it('lets running work finish when it is told to stop, and hands back what takes too long at no cost', async () => {
    stack = await startStack({ broker: 'embedded', processors: 0 });
    const folder = mkdtempSync(join(tmpdir(), 'almanac-drain-'));
    const file = join(folder, 'journal');
    appendFileSync(file, '');
    try {
      const processor = await stack.startProcessor({ slots: 2, shutdownGraceMs: 2_000 });
      const short = await stack.createTask({ taskType: 'test.journal', payload: { file, ms: 700 } });
      const long = await stack.createTask({
        taskType: 'test.journal',
        payload: { file, ms: 40_000 },
        retry: quickRetry(1),
      });
      await eventually(() => existsSync(file) && readFileSync(file, 'utf8').split('\n').length === 3);
      await processor.stop();
      assert.equal((await only(short)).status, 'Completed');
      const handedBack = await only(long);
      assert.ok(['Scheduled', 'Queued'].includes(handedBack.status));
      assert.equal((await stack.runs(long))[0]?.outcome, 'interrupted');
      assert.deepEqual(await stack.query(`select from replicas where service = 'processor'`), []);
      await stack.query(`update tasks set payload = payload || '{"ms": 0}' where id = $1`, [long]);
      await stack.startProcessor();
      await ended(long);
      assert.equal((await only(long)).status, 'Completed', 'its one attempt was still to be had');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function assertNeverTwoAtATime(runs: readonly { readonly started_at: Date; readonly ended_at: Date }[]): void {
  const inOrder = [...runs].sort((a, b) => Number(a.started_at) - Number(b.started_at));
  for (const [index, run] of inOrder.slice(1).entries())
    assert.ok(Number(run.started_at) >= Number(inOrder[index]?.ended_at));
}
