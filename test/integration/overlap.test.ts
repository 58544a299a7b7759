import assert from 'node:assert/strict';

import { ConflictError } from '../../core/errors.ts';
import { formatOccurrenceId, type OccurrenceKey } from '../../core/occurrence.ts';
import { createAttemptStore } from '../../db/attempt-store.ts';
import { createOccurrenceStore } from '../../db/occurrence-store.ts';
import { createReplicaStore } from '../../db/replica-store.ts';
import type { OccurrenceRow } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { type Stack, startStack } from '../support/stack.ts';

type Policy = 'skip' | 'buffer-one' | 'buffer-all' | 'cancel-other' | 'terminate-other';

describe('overlap', () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await startStack({ broker: 'embedded', processors: 0 });
  });
  afterEach(() => stack[Symbol.asyncDispose]());

  const at = async (taskId: string, scheduledMs: number): Promise<OccurrenceRow> => {
    const row = (await stack.occurrences(taskId)).find((one) => one.scheduled_time.getTime() === scheduledMs);
    assert.ok(row);
    return row;
  };
  /** Resolves when every occurrence of the task has ended. */
  const ended = (taskId: string): Promise<OccurrenceRow[]> =>
    eventually(
      async () => {
        const rows = await stack.occurrences(taskId);
        return rows.every((row) => row.end_time !== null) && rows;
      },
      { timeoutMs: 30_000 },
    );
  const running = (taskId: string): Promise<number> =>
    eventually(async () => {
      const row = (await stack.occurrences(taskId)).find(({ status }) => status === 'Running');
      return row?.scheduled_time.getTime() ?? false;
    });
  /** Resolves when it waits for another one; answers when it looks again at the latest. */
  const waiting = (taskId: string, scheduledMs: number, forMs: number): Promise<Date> =>
    eventually(async () => {
      const row = await at(taskId, scheduledMs);
      assert.equal(row.reason, `waits until occurrence ${taskId}-${forMs} has ended`);
      assert.equal(row.status, 'Scheduled');
      assert.equal(row.blocked_by?.getTime(), forMs);
      return row.due_at ?? false;
    });
  const twoProcessors = async (): Promise<void> => {
    await stack.startProcessor({ slots: 1 });
    await stack.startProcessor({ slots: 1 });
  };
  /** A task whose first occurrence runs; what comes after it takes `laterMs`. */
  const busyTask = async (
    overlap: Policy,
    ms: number,
    { laterMs = 20, stubborn = false } = {},
  ): Promise<{ taskId: string; firstMs: number }> => {
    const payload = { file: '/dev/null', ms, stubborn };
    const taskId = await stack.createTask({ taskType: 'test.journal', payload, policies: { overlap } });
    const firstMs = await running(taskId);
    const later = { file: '/dev/null', ms: laterMs };
    await stack.query('update tasks set payload = $2 where id = $1', [taskId, JSON.stringify(later)]);
    return { taskId, firstMs };
  };
  const assertNeverTwoAtATime = async (taskId: string): Promise<void> => {
    const runs = (await stack.runs(taskId)).sort((a, b) => Number(a.started_at) - Number(b.started_at));
    for (const [index, run] of runs.slice(1).entries()) {
      assert.ok(Number(run.started_at) >= Number(runs[index]?.ended_at), 'two ran at a time');
    }
  };
  const nothingIsLeft = async (): Promise<void> => {
    assert.deepEqual(await stack.query('select from running_tasks'), []);
    assert.deepEqual(await stack.query('select from waiting_occurrences'), []);
  };
  const inOrderOfStart = async (taskId: string): Promise<number[]> =>
    (await stack.runs(taskId))
      .sort((a, b) => Number(a.started_at) - Number(b.started_at))
      .map((run) => run.scheduled_time.getTime());

  it('buffer-one: one waits for the end of the run, and starts at once then; further ones are skipped for it', async () => {
    await twoProcessors();
    const { taskId, firstMs } = await busyTask('buffer-one', 1_500);
    const second = await stack.addOccurrence(taskId);
    const looksAgainAt = await waiting(taskId, second, firstMs);
    const third = await stack.addOccurrence(taskId);
    const rows = await ended(taskId);
    assert.deepEqual(
      rows.map((row) => [row.status, row.reason, row.blocked_by?.getTime()]),
      [
        ['Completed', null, undefined],
        ['Completed', null, firstMs],
        ['Skipped', `occurrence ${taskId}-${second} of the task was waiting already`, second],
      ],
    );
    const runs = await stack.runs(taskId);
    assert.deepEqual(
      runs.map((run) => run.scheduled_time.getTime()),
      [firstMs, second],
    );
    assert.ok(Number(runs[1]?.due_at) < Number(looksAgainAt), 'woken by the end of the run');
    const seen = await createOccurrenceStore(stack.database).get({ taskId, scheduledMs: third });
    assert.equal(seen.blockedByMs, second);
    await assertNeverTwoAtATime(taskId);
    await nothingIsLeft();
  });

  it('buffer-all: all wait, and start in the order of their scheduled times, not of their arrival', async () => {
    await twoProcessors();
    const { taskId, firstMs } = await busyTask('buffer-all', 1_500);
    const added: number[] = [];
    for (const aheadMs of [3_000, 2_000, 4_000, 1_000]) {
      const scheduledMs = await stack.addOccurrence(taskId, 'schedule', aheadMs);
      await waiting(taskId, scheduledMs, firstMs);
      added.push(scheduledMs);
    }
    const rows = await ended(taskId);
    assert.ok(rows.every((row) => row.status === 'Completed'));
    assert.deepEqual(
      await inOrderOfStart(taskId),
      [firstMs, ...added].sort((a, b) => a - b),
    );
    await assertNeverTwoAtATime(taskId);
    await nothingIsLeft();
  });

  it('cancel-other: the running one is told to end and the newcomer starts after it', async () => {
    await twoProcessors();
    const { taskId, firstMs } = await busyTask('cancel-other', 50_000);
    const second = await stack.addOccurrence(taskId);
    await ended(taskId);
    const reason = `ended so that occurrence ${taskId}-${second} could start`;
    const first = await at(taskId, firstMs);
    assert.deepEqual([first.status, first.reason, first.attempt], ['Cancelled', reason, 1]);
    assert.equal((await at(taskId, second)).status, 'Completed');
    assert.deepEqual(
      (await stack.runs(taskId)).map(({ outcome, error }) => [outcome, error]),
      [
        ['cancelled', reason],
        ['succeeded', null],
      ],
    );
    await assertNeverTwoAtATime(taskId);
    await nothingIsLeft();
  });

  it('cancel-other: a handler that does not listen is left behind after its grace; a second newcomer is skipped meanwhile', async () => {
    await twoProcessors();
    const { taskId, firstMs } = await busyTask('cancel-other', 12_000, { stubborn: true });
    const second = await stack.addOccurrence(taskId);
    await waiting(taskId, second, firstMs);
    const third = await stack.addOccurrence(taskId);
    await ended(taskId);
    assert.deepEqual(
      (await stack.occurrences(taskId)).map((row) => row.status),
      ['Cancelled', 'Completed', 'Skipped'],
    );
    assert.equal((await at(taskId, third)).blocked_by?.getTime(), second);
    assert.match((await stack.runs(taskId))[0]?.error ?? '', /did not stop within 5000 ms/);
    await assertNeverTwoAtATime(taskId);
  });

  it('terminate-other: the running one is not waited for', async () => {
    await twoProcessors();
    const { taskId, firstMs } = await busyTask('terminate-other', 12_000, { stubborn: true });
    const second = await stack.addOccurrence(taskId);
    await ended(taskId);
    assert.deepEqual(
      (await stack.occurrences(taskId)).map((row) => row.status),
      ['Cancelled', 'Completed'],
    );
    const [run] = await stack.runs(taskId);
    assert.deepEqual([run?.outcome, run?.scheduled_time.getTime()], ['cancelled', firstMs]);
    assert.match(run?.error ?? '', /did not stop within 0 ms/);
    assert.ok((await at(taskId, second)).start_time);
    await nothingIsLeft();
  });

  for (const trigger of ['manual', 'catch-up', 'backfill'] as const) {
    it(`skip: what is run by ${trigger} waits instead`, async () => {
      await twoProcessors();
      const { taskId, firstMs } = await busyTask('skip', 1_000);
      const second = await stack.addOccurrence(taskId, trigger);
      await waiting(taskId, second, firstMs);
      const rows = await ended(taskId);
      assert.ok(rows.every((row) => row.status === 'Completed'));
      await assertNeverTwoAtATime(taskId);
      await nothingIsLeft();
    });
  }

  for (const policy of ['skip', 'buffer-one'] as const) {
    it(`${policy}: fresh work is not lost to what catches up, and comes before it`, async () => {
      await stack.startDistributor();
      const taskId = await stack.createTask({
        taskType: 'test.journal',
        payload: { file: '/dev/null', ms: 1_200 },
        policies: { overlap: policy },
        schedule: { kind: 'once', at: '2199-01-01T00:00:00Z' },
      });
      await twoProcessors();
      const catchingUp = await stack.addOccurrence(taskId, 'catch-up');
      await eventually(async () => (await at(taskId, catchingUp)).status === 'Running');
      const next = await stack.addOccurrence(taskId, 'catch-up');
      await waiting(taskId, next, catchingUp);
      const fresh = [await stack.addOccurrence(taskId), await stack.addOccurrence(taskId, 'schedule', 100)];
      for (const scheduledMs of fresh) await waiting(taskId, scheduledMs, catchingUp);
      await eventually(async () => (await stack.runs(taskId)).length === 4);
      assert.deepEqual(await inOrderOfStart(taskId), [catchingUp, ...fresh, next]);
      assert.ok((await stack.runs(taskId)).every((run) => run.outcome === 'succeeded'));
      await assertNeverTwoAtATime(taskId);
    });
  }

  it('goes on after the loss of the processor that ran what others wait for', async () => {
    const taskId = await stack.createTask({ policies: { overlap: 'buffer-one' }, retry: { maxAttempts: 1 } });
    const first = await eventually(async () => {
      const [row] = await stack.occurrences(taskId);
      return row?.status === 'Queued' && row;
    });
    // A processor that starts it and is never heard of again.
    const lost = await createReplicaStore(stack.database).register({
      service: 'processor',
      name: 'lost',
      pool: 'default',
      slots: 1,
      leaseMs: 3_000,
      requestedMs: null,
    });
    const firstMs = first.scheduled_time.getTime();
    const request = { taskId, scheduledMs: firstMs, claimId: String(first.claim_id) };
    const { started } = await createAttemptStore(stack.database).start([request], lost);
    assert.equal(started.length, 1);
    await stack.startProcessor();
    const second = await stack.addOccurrence(taskId);
    const looksAgainAt = await waiting(taskId, second, firstMs);
    const rows = await ended(taskId);
    assert.deepEqual(
      rows.map((row) => row.status),
      ['Failed', 'Completed'],
    );
    const run = (await stack.runs(taskId)).find((one) => one.outcome === 'succeeded');
    assert.ok(Number(run?.due_at) < Number(looksAgainAt), 'woken by the recovery');
    await nothingIsLeft();
  });

  it('wakes the next one when the one that was to start is cancelled', async () => {
    await stack.startProcessor({ slots: 2 });
    const store = createOccurrenceStore(stack.database);
    const { taskId, firstMs } = await busyTask('buffer-all', 1_500);
    const second = await stack.addOccurrence(taskId);
    await waiting(taskId, second, firstMs);
    const third = await stack.addOccurrence(taskId);
    await waiting(taskId, third, firstMs);
    await store.cancel({ taskId, scheduledMs: second });
    const rows = await ended(taskId);
    assert.deepEqual(
      rows.map((row) => row.status),
      ['Completed', 'Cancelled', 'Completed'],
    );
  });

  describe('a running occurrence that a person cancels', () => {
    const cancel = (key: OccurrenceKey) => createOccurrenceStore(stack.database).cancel(key);

    it('ends as Cancelled, is not tried again and counts as neither success nor failure', async () => {
      await stack.startProcessor();
      const { taskId, firstMs } = await busyTask('skip', 50_000);
      const asked = await cancel({ taskId, scheduledMs: firstMs });
      assert.deepEqual([asked.status, asked.reason], ['Running', 'cancelled by a person']);
      const [row, ...others] = await ended(taskId);
      assert.deepEqual([row?.status, row?.reason, others], ['Cancelled', 'cancelled by a person', []]);
      assert.equal((await stack.runs(taskId))[0]?.outcome, 'cancelled');
      const [sums] = await stack.query(
        `select sum(succeeded)::integer as succeeded, sum(failed)::integer as failed from task_type_statistics where task_type = 'test.journal'`,
      );
      assert.deepEqual(sums, { succeeded: 0, failed: 0 });
      await assert.rejects(
        cancel({ taskId, scheduledMs: firstMs }),
        (error: Error) => error instanceof ConflictError && error.message.includes('is Cancelled'),
      );
      await nothingIsLeft();
    });

    it('ends although the news of it was lost', async () => {
      await stack.startProcessor({ leaseMs: 2_000 });
      const { taskId } = await busyTask('skip', 50_000);
      await stack.query(`update running_tasks set ending = 'cancel', ending_reason = 'nobody was told'`);
      const [row] = await ended(taskId);
      assert.deepEqual([row?.status, row?.reason], ['Cancelled', 'nobody was told']);
    });

    it('is not tried again even if it fails by itself before it hears of it', async () => {
      // Its processor does not look before the attempt has failed, and is told nothing.
      await stack.startProcessor({ leaseMs: 600_000 });
      const taskId = await stack.createTask({ payload: { fail: true, sleepMs: 600 } });
      await running(taskId);
      await stack.query(`update running_tasks set ending = 'cancel', ending_reason = 'nobody was told'`);
      const [row] = await ended(taskId);
      assert.deepEqual([row?.status, row?.reason, row?.attempt], ['Cancelled', 'nobody was told', 1]);
      assert.equal((await stack.runs(taskId))[0]?.outcome, 'failed');
    });

    it('is Cancelled when its processor is lost before it could end it', async () => {
      const taskId = await stack.createTask({});
      const row = await eventually(async () => {
        const [found] = await stack.occurrences(taskId);
        return found?.status === 'Queued' && found;
      });
      const scheduledMs = row.scheduled_time.getTime();
      const lost = await createReplicaStore(stack.database).register({
        service: 'processor',
        name: 'lost',
        pool: 'default',
        slots: 1,
        leaseMs: 1_000,
        requestedMs: null,
      });
      await createAttemptStore(stack.database).start([{ taskId, scheduledMs, claimId: String(row.claim_id) }], lost);
      await cancel({ taskId, scheduledMs });
      const [after] = await ended(taskId);
      assert.deepEqual([after?.status, after?.reason], ['Cancelled', 'cancelled by a person']);
    });

    it('is Completed when its handler succeeds before it notices', async () => {
      await stack.startProcessor();
      const { taskId, firstMs } = await busyTask('skip', 1_500, { stubborn: true });
      await cancel({ taskId, scheduledMs: firstMs });
      const [row] = await ended(taskId);
      assert.equal(row?.status, 'Completed');
    });
  });

  it('run now is refused while an occurrence of a task that skips runs, and names it', async () => {
    await stack.startProcessor();
    const store = createOccurrenceStore(stack.database);
    const { taskId, firstMs } = await busyTask('skip', 1_000);
    await assert.rejects(store.runNow(taskId), (error: Error) => {
      assert.ok(error instanceof ConflictError);
      assert.ok(
        error.message.includes(`${formatOccurrenceId({ taskId, scheduledMs: firstMs })} of the task is running`),
      );
      return true;
    });
    await ended(taskId);
    const { scheduledMs } = await store.runNow(taskId);
    await ended(taskId);
    assert.equal((await at(taskId, scheduledMs)).status, 'Completed');
  });

  it('bundles of a task that allows overlap start together', async () => {
    const taskId = await stack.createTask({
      schedule: { kind: 'once', at: '2199-01-01T00:00:00Z' },
      policies: { overlap: 'allow' },
    });
    await stack.query(
      `insert into task_schedule (task_id, scheduled_time, due_at, revision)
       select $1::bigint, at, at, 1
       from (select date_trunc('second', clock_timestamp()) - n * interval '1 ms' as at from generate_series(1, 40) as n) as instants`,
      [taskId],
    );
    const due = async () => (await stack.occurrences(taskId)).slice(0, 40);
    await eventually(async () => (await due()).every((row) => row.status === 'Queued'));
    await stack.startProcessor({ slots: 1 });
    await eventually(async () => (await due()).every((row) => row.status === 'Completed' && row.attempt === 1));
  });
});
