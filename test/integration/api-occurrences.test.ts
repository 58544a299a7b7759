import assert from 'node:assert/strict';

import type { z } from 'zod';

import type {
  DeadLetterPage,
  LogPage,
  Occurrence,
  OccurrencePage,
  RedriveResult,
  Run,
  RunPage,
} from '../../api/contract/occurrence.ts';
import type { Task } from '../../api/contract/task.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import type { StartedAttempt } from '../../db/attempt-store.ts';
import { openTestApi, type TestApi } from '../support/api.ts';

const OCCURRENCES = '/api/v1/occurrences';

describe('the occurrences API', () => {
  let api: TestApi;
  before(async () => {
    api = await openTestApi();
  });
  after(() => api[Symbol.asyncDispose]());

  const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
  const waitingTask = async (): Promise<{ task: Task; occurrence: Occurrence }> => {
    const task = await api.createTask({ schedule: { kind: 'once', at: inMs(HOUR_MS) } });
    const [occurrence] = await api.occurrencesOf(task.id);
    assert.ok(occurrence);
    return { task, occurrence };
  };
  /** Runs a task now, up to the start of its attempt. */
  const start = async (taskId: string): Promise<{ attempt: StartedAttempt; id: string }> => {
    const { body } = await api.send<Occurrence>('POST', `/api/v1/tasks/${taskId}/run`);
    const attempt = (await api.startDue()).find((one) => one.taskId === taskId);
    assert.ok(attempt);
    return { attempt, id: body.id };
  };
  const failed = async (taskId: string, error = 'the instrument is on fire'): Promise<string> => {
    const { attempt, id } = await start(taskId);
    await api.finish(attempt, { nextStatus: 'Failed', outcome: 'failed', error, reason: 'out of attempts' });
    return id;
  };

  describe('one occurrence', () => {
    it('is read by its id, and an id of nothing is answered with 404', async () => {
      const { task, occurrence } = await waitingTask();
      const { body } = await api.send<Occurrence>('GET', `${OCCURRENCES}/${occurrence.id}`);
      assert.deepEqual(body, occurrence);
      assert.deepEqual([body.taskName, body.taskType, body.lockedBy], ['a task', 'noop', null]);
      await api.refuse('GET', `${OCCURRENCES}/${task.id}-1`, 404, 'not_found');
    });

    it('moves when it is rescheduled, and keeps its identity', async () => {
      const { occurrence } = await waitingTask();
      const dueAt = inMs(2 * HOUR_MS);
      const { status, body } = await api.send<Occurrence>('PUT', `${OCCURRENCES}/${occurrence.id}`, {
        body: { dueAt },
      });
      assert.deepEqual(
        [status, body.id, body.dueAt, body.scheduledTime],
        [200, occurrence.id, dueAt, occurrence.scheduledTime],
      );
      const problem = await api.refuse('PUT', `${OCCURRENCES}/${occurrence.id}`, 422, 'invalid_input', {
        body: { dueAt: '2020-01-01T00:00:00Z' },
      });
      assert.deepEqual(
        problem.errors?.map((error) => error.path),
        ['dueAt'],
      );
    });

    it('is cancelled before it starts, and only then', async () => {
      const { occurrence } = await waitingTask();
      const { status, body } = await api.send<Occurrence>('POST', `${OCCURRENCES}/${occurrence.id}/cancel`);
      assert.deepEqual([status, body.status, body.dueAt], [200, 'Cancelled', null]);
      assert.notEqual(body.endTime, null);
      for (const [method, path, body] of [
        ['POST', '/cancel', undefined],
        ['POST', '/redrive', undefined],
        ['PUT', '', { dueAt: inMs(HOUR_MS) }],
      ] as const) {
        const options = body === undefined ? {} : { body };
        const problem = await api.refuse(method, `${OCCURRENCES}/${occurrence.id}${path}`, 409, 'conflict', options);
        assert.match(problem.detail ?? '', /is Cancelled/);
      }
    });

    it('can not be moved while it runs, and ends as Cancelled after it was cancelled then', async () => {
      const { attempt, id } = await start((await api.createTask({})).id);
      const { body } = await api.send<Occurrence>('GET', `${OCCURRENCES}/${id}`);
      assert.deepEqual([body.status, body.attempt, body.lockedBy], ['Running', 1, 'processor-1']);
      await api.refuse('PUT', `${OCCURRENCES}/${id}`, 409, 'conflict', { body: { dueAt: inMs(HOUR_MS) } });
      for (let turn = 0; turn < 2; turn += 1) {
        const asked = await api.send<Occurrence>('POST', `${OCCURRENCES}/${id}/cancel`);
        assert.deepEqual(
          [asked.status, asked.body.status, asked.body.reason],
          [200, 'Running', 'cancelled by a person'],
        );
      }
      await api.finish(attempt, { nextStatus: 'Scheduled', delayMs: 0, outcome: 'failed', reason: 'it failed' });
      const after = await api.send<Occurrence>('GET', `${OCCURRENCES}/${id}`);
      assert.deepEqual([after.body.status, after.body.reason], ['Cancelled', 'cancelled by a person']);
      const problem = await api.refuse('POST', `${OCCURRENCES}/${id}/cancel`, 409, 'conflict');
      assert.match(problem.detail ?? '', /is Cancelled/);
    });

    it('names the one that it was blocked by, and run now is refused meanwhile', async () => {
      const { id: taskId } = await api.createTask({});
      const { attempt, id } = await start(taskId);
      const problem = await api.refuse('POST', `/api/v1/tasks/${taskId}/run`, 409, 'conflict');
      assert.match(problem.detail ?? '', new RegExp(`${id} of the task is running`));
      await api.database.dataSource.query(
        `insert into task_schedule (task_id, scheduled_time, due_at, revision) select $1::bigint, now, now, 1 from clock_timestamp() as now`,
        [taskId],
      );
      await api.startDue();
      await api.finish(attempt, {});
      const skipped = (await api.occurrencesOf(taskId)).find(({ status }) => status === 'Skipped');
      assert.deepEqual([skipped?.blockedBy, skipped?.reason], [id, `occurrence ${id} of the task was running`]);
    });

    it('that failed goes round again under the task as it is now, with all its attempts before it', async () => {
      const { id: taskId } = await api.createTask({});
      const id = await failed(taskId);
      await api.send('PUT', `/api/v1/tasks/${taskId}`, {
        body: { name: 'repaired', taskType: 'noop', schedule: { kind: 'once', at: '2199-01-01T00:00:00Z' } },
      });
      const { status, body } = await api.send<Occurrence>('POST', `${OCCURRENCES}/${id}/redrive`);
      assert.deepEqual([status, body.status, body.endTime, body.attempt], [202, 'Scheduled', null, 1]);
      const attempt = (await api.startDue()).find((one) => one.taskId === taskId);
      assert.ok(attempt);
      assert.deepEqual([attempt.attempt, attempt.attemptBase, attempt.taskName], [2, 1, 'repaired']);
      await api.finish(attempt, {});
      await api.refuse('POST', `${OCCURRENCES}/${id}/redrive`, 409, 'conflict');
    });

    it('of a deleted task stays readable and can not be redriven', async () => {
      const { id: taskId } = await api.createTask({});
      const id = await failed(taskId);
      await api.send('DELETE', `/api/v1/tasks/${taskId}`);
      assert.equal((await api.send<Occurrence>('GET', `${OCCURRENCES}/${id}`)).body.status, 'Failed');
      const problem = await api.refuse('POST', `${OCCURRENCES}/${id}/redrive`, 409, 'conflict');
      assert.match(problem.detail ?? '', /deleted/);
    });
  });

  describe('GET /occurrences', () => {
    let taskId: string;
    let all: string[];
    before(async () => {
      const tasks = await Promise.all([api.createTask({ name: 'old' }), api.createTask({ name: 'other' })]);
      taskId = tasks[0].id;
      // History as retention leaves it: several days of it, two tasks at the same instants, and one occurrence of long ago.
      await api.database.dataSource.query("select ensure_partitions((now() - interval '12 days')::date, now()::date)");
      await api.database.dataSource.query(
        `insert into task_schedule (task_id, scheduled_time, status, revision, end_time)
         select t.id, date_trunc('hour', now()) - n * interval '9 hours', 'Completed', 1, now()
         from unnest($1::bigint[]) as t (id), generate_series(1, 30) as n`,
        [tasks.map((task) => task.id)],
      );
      const { body } = await api.send<z.infer<typeof OccurrencePage>>(
        'GET',
        `${OCCURRENCES}?status=Completed&limit=200`,
      );
      all = body.items.map((one) => one.id);
    });

    const walk = async (query: string): Promise<string[]> => {
      const found: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const path = `${OCCURRENCES}?limit=7&${query}${cursor === '' ? '' : `&cursor=${cursor}`}`;
        const page: z.infer<typeof OccurrencePage> = (await api.send<z.infer<typeof OccurrencePage>>('GET', path)).body;
        found.push(...page.items.map((one) => one.id));
        cursor = page.nextCursor;
      }
      return found;
    };

    it('reaches seven days back unless it is told otherwise', async () => {
      const sinceAWeek = await walk('status=Completed');
      assert.deepEqual(sinceAWeek, all);
      const from = inMs(-11 * DAY_MS);
      const sinceLonger = await walk(`status=Completed&from=${from}`);
      assert.ok(sinceLonger.length > sinceAWeek.length);
      assert.deepEqual(sinceLonger.slice(0, all.length), all);
    });

    it('walks through every occurrence once, newest or oldest first, with two tasks at one instant', async () => {
      const from = inMs(-12 * DAY_MS);
      const down = await walk(`from=${from}&until=${inMs(0)}`);
      assert.ok(down.length >= 58);
      assert.equal(new Set(down).size, down.length);
      assert.deepEqual(await walk(`from=${from}&until=${inMs(0)}&order=asc`), [...down].reverse());
    });

    it('reads the whole history of one task', async () => {
      const path = `/api/v1/tasks/${taskId}/occurrences?limit=200`;
      const { body } = await api.send<z.infer<typeof OccurrencePage>>('GET', path);
      assert.equal(body.items.length, 30);
      assert.deepEqual(
        await walk(`taskId=${taskId}`),
        body.items.map((one) => one.id),
      );
      const { items } = (await api.send<z.infer<typeof OccurrencePage>>('GET', `${path}&status=Failed`)).body;
      assert.deepEqual(items, []);
    });

    it('filters by type, status and time', async () => {
      const now = inMs(0);
      assert.deepEqual(await walk('taskType=http.request'), []);
      const waiting = await walk(`status=Scheduled&from=${now}`);
      assert.ok(waiting.length > 0);
      assert.deepEqual(await walk(`status=Completed&from=${inMs(HOUR_MS)}`), []);
      const narrow = await walk(`taskId=${taskId}&from=${inMs(-20 * HOUR_MS)}&until=${inMs(-2 * MINUTE_MS)}`);
      assert.equal(narrow.length, 2);
    });
  });

  describe('runs', () => {
    it('are the attempts that ended and the one that runs, last first, with their log', async () => {
      const { id: taskId } = await api.createTask({});
      const { attempt, id } = await start(taskId);
      const running = (await api.send<{ items: Run[] }>('GET', `${OCCURRENCES}/${id}/runs`)).body.items;
      assert.deepEqual(
        running.map((run) => [run.id, run.outcome, run.endedAt, run.processor]),
        [[`${id}-1`, null, null, 'processor-1']],
      );
      assert.equal((await api.send<Run>('GET', `/api/v1/runs/${id}-1`)).body.outcome, null);

      const lines = Array.from({ length: 5 }, (_, seq) => ({
        seq,
        atMs: Date.now(),
        level: 'info',
        message: `line ${seq}`,
      }));
      await api.finish(attempt, {
        nextStatus: 'Scheduled',
        delayMs: 0,
        outcome: 'failed',
        error: 'busy',
        reason: 'will be retried',
        elapsedMs: 3.25,
        cpuMs: 1,
        peakMemoryBytes: 5_000_000_000,
        logs: lines,
      });
      const again = (await api.startDue()).find((one) => one.taskId === taskId);
      assert.ok(again);
      await api.finish(again, { result: '{"ph":7.2}' });

      const { items } = (await api.send<{ items: Run[] }>('GET', `${OCCURRENCES}/${id}/runs`)).body;
      assert.deepEqual(
        items.map((run) => [run.attempt, run.outcome, run.error, run.result]),
        [
          [2, 'succeeded', null, { ph: 7.2 }],
          [1, 'failed', 'busy', null],
        ],
      );
      const [, first] = items;
      assert.deepEqual([first?.elapsedMs, first?.cpuMs, first?.peakMemoryBytes], [3.25, 1, 5_000_000_000]);
      assert.deepEqual((await api.send<Run>('GET', `/api/v1/runs/${id}-1`)).body, first);

      const page = await api.send<z.infer<typeof LogPage>>('GET', `/api/v1/runs/${id}-1/logs?limit=3`);
      assert.deepEqual(
        page.body.items.map((line) => line.message),
        ['line 0', 'line 1', 'line 2'],
      );
      const rest = await api.send<z.infer<typeof LogPage>>(
        'GET',
        `/api/v1/runs/${id}-1/logs?limit=3&cursor=${page.body.nextCursor ?? ''}`,
      );
      assert.deepEqual([rest.body.items.map((line) => line.seq), rest.body.nextCursor], [[3, 4], null]);
      assert.deepEqual((await api.send<z.infer<typeof LogPage>>('GET', `/api/v1/runs/${id}-2/logs`)).body.items, []);

      const { lastRun } = (await api.send<Task>('GET', `/api/v1/tasks/${taskId}`)).body;
      assert.deepEqual([lastRun?.occurrenceId, lastRun?.status, lastRun?.error], [id, 'Completed', null]);
    });

    it('that are not there are answered with 404', async () => {
      const { occurrence } = await waitingTask();
      assert.deepEqual(
        (await api.send<{ items: Run[] }>('GET', `${OCCURRENCES}/${occurrence.id}/runs`)).body.items,
        [],
      );
      await api.refuse('GET', `${OCCURRENCES}/999-1/runs`, 404, 'not_found');
      await api.refuse('GET', `/api/v1/runs/${occurrence.id}-1`, 404, 'not_found');
      await api.refuse('GET', `/api/v1/runs/${occurrence.id}-1/logs`, 404, 'not_found');
    });

    it('are listed newest first, page by page, and by outcome, task and type', async () => {
      const { id: taskId } = await api.createTask({});
      for (let round = 0; round < 5; round += 1) await failed(taskId);
      const found: string[] = [];
      const ends: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const path = `/api/v1/runs?limit=2&taskId=${taskId}${cursor === '' ? '' : `&cursor=${cursor}`}`;
        const page: z.infer<typeof RunPage> = (await api.send<z.infer<typeof RunPage>>('GET', path)).body;
        found.push(...page.items.map((run) => run.id));
        ends.push(...page.items.map((run) => String(run.endedAt)));
        cursor = page.nextCursor;
      }
      assert.equal(new Set(found).size, 5);
      assert.deepEqual(ends, [...ends].sort().reverse());
      const count = async (query: string): Promise<number> =>
        (await api.send<z.infer<typeof RunPage>>('GET', `/api/v1/runs?taskId=${taskId}&${query}`)).body.items.length;
      assert.equal(await count('outcome=failed'), 5);
      assert.equal(await count('outcome=succeeded'), 0);
      assert.equal(await count('taskType=http.request'), 0);
      assert.equal(await count(`until=${inMs(-HOUR_MS)}`), 0);
      assert.equal(await count(`from=${inMs(-HOUR_MS)}`), 5);
    });
  });

  describe('dead letters', () => {
    const redrive = async (body: object): Promise<z.infer<typeof RedriveResult>> =>
      (await api.send<z.infer<typeof RedriveResult>>('POST', '/api/v1/dead-letters/redrive', { body })).body;

    it('are the failed occurrences with their cause, page by page', async () => {
      const { id: taskId } = await api.createTask({});
      const ids = [await failed(taskId, 'first'), await failed(taskId, 'second'), await failed(taskId, 'third')];
      const path = `/api/v1/dead-letters?taskId=${taskId}&limit=2`;
      const page = (await api.send<z.infer<typeof DeadLetterPage>>('GET', path)).body;
      assert.deepEqual(
        page.items.map((one) => [one.id, one.error, one.status]),
        [
          [ids[2], 'third', 'Failed'],
          [ids[1], 'second', 'Failed'],
        ],
      );
      assert.equal(page.items[0]?.failedAt, page.items[0]?.endTime);
      const rest = (await api.send<z.infer<typeof DeadLetterPage>>('GET', `${path}&cursor=${page.nextCursor ?? ''}`))
        .body;
      assert.deepEqual([rest.items.map((one) => one.id), rest.nextCursor], [[ids[0]], null]);
    });

    it('are counted by a dry run and redriven by filter or by id, each once', async () => {
      const { id: taskId } = await api.createTask({
        taskType: 'http.request',
        payload: { url: 'https://example.org' },
      });
      const ids = [await failed(taskId), await failed(taskId), await failed(taskId)];
      assert.deepEqual(await redrive({ taskId, dryRun: true }), { matched: 3, redriven: 0 });
      assert.deepEqual(await redrive({ taskType: 'http.request', dryRun: true }), { matched: 3, redriven: 0 });
      assert.deepEqual(await redrive({ taskId, taskType: 'noop' }), { matched: 0, redriven: 0 });
      assert.deepEqual(await redrive({ occurrenceIds: [ids[0], '999-1'] }), { matched: 1, redriven: 1 });
      assert.deepEqual(await redrive({ taskId }), { matched: 2, redriven: 2 });
      assert.deepEqual(await redrive({ taskId }), { matched: 0, redriven: 0 });
      assert.deepEqual(
        (await api.occurrencesOf(taskId)).map((one) => one.status),
        ['Scheduled', 'Scheduled', 'Scheduled'],
      );
      const count = (await api.send<z.infer<typeof DeadLetterPage>>('GET', `/api/v1/dead-letters?taskId=${taskId}`))
        .body.items.length;
      assert.equal(count, 0);
    });
  });
});
