import assert from 'node:assert/strict';

import type { OccurrenceRow } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { type Fleet, kill, openFleet, whenStopped } from '../support/fleet.ts';

const LONG = { timeoutMs: 60_000 };

describe('a lost process', function () {
  this.timeout(120_000);
  let fleet: Fleet;

  beforeEach(async () => {
    fleet = await openFleet();
  });
  afterEach(() => fleet[Symbol.asyncDispose]());

  const only = async (taskId: string): Promise<OccurrenceRow> => {
    const [row, ...others] = await fleet.occurrences(taskId);
    assert.ok(row !== undefined && others.length === 0);
    return row;
  };
  const startedBy = (pid: number, attempt: number): boolean =>
    fleet.journal().some((line) => line.pid === pid && line.attempt === attempt && line.phase === 'start');
  const outcomesOf = async (taskId: string): Promise<string[]> =>
    (await fleet.runs(taskId)).map((run) => `${run.attempt} ${run.outcome}`);

  it('is a processor, killed in mid-run: attempt 2 runs elsewhere and succeeds', async () => {
    await fleet.start('distributor');
    const first = await fleet.start('processor');
    const taskId = await fleet.createTask({
      taskType: 'test.journal',
      payload: { file: fleet.journalFile, ms: 3_000 },
    });
    await eventually(() => startedBy(first.pid, 1));
    await kill(first);
    const second = await fleet.start('processor');
    await eventually(async () => (await only(taskId)).status === 'Completed', LONG);
    assert.equal((await only(taskId)).attempt, 2);
    assert.deepEqual(await outcomesOf(taskId), ['1 lost', '2 succeeded']);
    assert.match((await fleet.runs(taskId))[0]?.error ?? '', new RegExp(`The processor ${first.name} was lost`));
    assert.deepEqual(
      fleet.journal().map(({ pid, attempt, phase }) => ({ pid, attempt, phase })),
      [
        { pid: first.pid, attempt: 1, phase: 'start' },
        { pid: second.pid, attempt: 2, phase: 'start' },
        { pid: second.pid, attempt: 2, phase: 'end' },
      ],
    );
    assert.deepEqual(await fleet.query('select from running_tasks'), []);
  });

  it('is a processor, killed while another occurrence of its task waits: the one that waits runs elsewhere', async () => {
    await fleet.start('distributor');
    const first = await fleet.start('processor');
    const taskId = await fleet.createTask({
      taskType: 'test.journal',
      payload: { file: fleet.journalFile, ms: 40_000 },
      policies: { overlap: 'buffer-one' },
      retry: { maxAttempts: 1 },
    });
    await eventually(() => startedBy(first.pid, 1));
    await fleet.query(`update tasks set payload = payload || '{"ms": 10}'`);
    const second = await fleet.start('processor');
    await fleet.addOccurrence(taskId);
    await eventually(async () => (await fleet.query('select from waiting_occurrences')).length === 1);
    await kill(first);
    const rows = await eventually(async () => {
      const found = await fleet.occurrences(taskId);
      return found.every((row) => row.end_time !== null) && found;
    }, LONG);
    assert.deepEqual(
      rows.map((row) => row.status),
      ['Failed', 'Completed'],
    );
    assert.ok(startedBy(second.pid, 1));
    assert.deepEqual(await fleet.query('select from waiting_occurrences'), []);
  });

  it('is a processor that takes each attempt of a task with it: the task ends as Failed, with its cause in the dead-letter queue', async () => {
    await fleet.start('distributor');
    const taskId = await fleet.createTask({
      taskType: 'test.journal',
      payload: { file: fleet.journalFile, ms: 40_000 },
      retry: { maxAttempts: 1 },
    });
    const processor = await fleet.start('processor');
    await eventually(() => startedBy(processor.pid, 1));
    await kill(processor);
    await eventually(async () => (await only(taskId)).status === 'Failed', LONG);
    assert.deepEqual(await outcomesOf(taskId), ['1 lost']);
    const letter = await eventually(() =>
      fleet.rabbit.withChannel((channel) => channel.get('almanac.default.dead-letters.v1', { noAck: true })),
    );
    assert.match(String(letter.properties.headers?.['almanac-cause']), /was lost while it ran/);
  });

  it('is a processor, frozen past its lease: its late result is refused, and it works on as a new replica', async () => {
    await fleet.start('distributor');
    const frozen = await fleet.start('processor');
    const taskId = await fleet.createTask({
      taskType: 'test.journal',
      payload: { file: fleet.journalFile, ms: 1_000, stubborn: true },
    });
    await eventually(() => startedBy(frozen.pid, 1));
    frozen.signal('SIGSTOP');
    await whenStopped(frozen);
    const other = await fleet.start('processor');
    await eventually(async () => (await only(taskId)).status === 'Completed', LONG);
    const before = await only(taskId);
    const runsBefore = await fleet.runs(taskId);
    await kill(other);

    frozen.signal('SIGCONT');
    await eventually(() => fleet.journal().some((line) => line.pid === frozen.pid && line.phase === 'end'));
    await eventually(async () => {
      const names = await fleet.query<{ status: string }>('select status from replicas where name = $1 order by id', [
        frozen.name,
      ]);
      return names.map(({ status }) => status).join() === 'lost,ready';
    }, LONG);
    const next = await fleet.createTask({});
    await eventually(async () => (await only(next)).status === 'Completed', LONG);
    assert.equal((await fleet.runs(next))[0]?.processor, frozen.name);
    assert.deepEqual(await only(taskId), before);
    assert.deepEqual(await fleet.runs(taskId), runsBefore);
    assert.deepEqual(await outcomesOf(taskId), ['1 lost', '2 succeeded']);
  });

  it('is a processor that was told to stop: short work finishes, long work is handed back at no cost', async () => {
    await fleet.start('distributor');
    const stopping = await fleet.start('processor', { ALMANAC_SLOTS: '2', ALMANAC_SHUTDOWN_GRACE_MS: '3000' });
    const file = fleet.journalFile;
    const short = await fleet.createTask({ taskType: 'test.journal', payload: { file, ms: 1_500 } });
    const long = await fleet.createTask({
      taskType: 'test.journal',
      payload: { file, ms: 50_000 },
      retry: { maxAttempts: 1 },
    });
    await eventually(() => fleet.journal().length === 2);
    stopping.signal('SIGTERM');
    assert.equal(await stopping.exited, 0);
    assert.equal((await only(short)).status, 'Completed');
    assert.deepEqual(await outcomesOf(short), ['1 succeeded']);
    assert.deepEqual(await outcomesOf(long), ['1 interrupted']);
    await fleet.query(`update tasks set payload = payload || '{"ms": 10}' where id = $1`, [long]);
    await fleet.start('processor');
    await eventually(async () => (await only(long)).status === 'Completed', LONG);
    assert.deepEqual(await outcomesOf(long), ['1 interrupted', '2 succeeded']);
  });

  it('is not what a handler makes that leaves a rejected promise behind: its processor works on', async () => {
    await fleet.start('distributor');
    const processor = await fleet.start('processor');
    const stray = await fleet.createTask({ taskType: 'test.throw', payload: { what: 'stray' } });
    await eventually(async () => (await only(stray)).status === 'Failed', LONG);
    const next = await fleet.createTask({});
    await eventually(async () => (await only(next)).status === 'Completed', LONG);
    assert.equal((await fleet.runs(next))[0]?.processor, processor.name);
  });

  it("is a distributor, killed between its claim and the broker's answer: another one publishes what it held", async () => {
    const doomed = await fleet.start('distributor');
    await fleet.start('processor');
    const first = await fleet.createTask({});
    await eventually(async () => (await only(first)).status === 'Completed', LONG);
    fleet.rabbit.freeze();
    let taskId: string;
    try {
      taskId = await fleet.createTask({});
      await eventually(
        async () => (await fleet.query('select from dispatch_batches where published_at is null')).length === 1,
      );
      await kill(doomed);
    } finally {
      fleet.rabbit.thaw();
    }
    assert.equal((await only(taskId)).status, 'Queued', 'nobody has touched it yet');
    await fleet.start('distributor');
    await eventually(async () => (await only(taskId)).status === 'Completed', LONG);
    assert.equal((await only(taskId)).attempt, 1);
    assert.deepEqual(await outcomesOf(taskId), ['1 succeeded']);
  });

  it('is the broker, for a while: nothing is lost and nothing runs twice', async () => {
    await fleet.start('scheduler'); // decides about what fell due meanwhile
    await fleet.start('distributor');
    await fleet.start('processor', { ALMANAC_SLOTS: '4' });
    const taskIds: string[] = [];
    const add = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) taskIds.push(await fleet.createTask({ payload: { sleepMs: 20 } }));
    };
    await add(20);
    await fleet.rabbit.stop();
    try {
      await add(40);
      await eventually(async () => {
        const [row] = await fleet.query<{ overdue: string }>(
          `select count(*) as overdue from task_schedule where due_at < clock_timestamp() - interval '2 seconds'`,
        );
        return Number(row?.overdue) >= 40;
      }, LONG);
    } finally {
      await fleet.rabbit.restart();
    }
    await add(20);
    await eventually(async () => (await fleet.occurrences()).every((row) => row.status === 'Completed'), LONG);
    assert.equal((await fleet.occurrences()).length, taskIds.length);
    const runs = await fleet.runs();
    assert.equal(runs.length, taskIds.length);
    assert.ok(runs.every((run) => run.outcome === 'succeeded' && run.attempt === 1));
  });
});
