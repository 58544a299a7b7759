import assert from 'node:assert/strict';

import { Counterfactual } from '../../api/contract/counterfactual.ts';
import { DAY_MS, HOUR_MS, startOfUtcDayMs } from '../../core/duration.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { openTestApi, type TestApi } from '../support/api.ts';
import { commandLineOf } from '../support/command-line.ts';

const PATH = '/api/v1/forecast/counterfactual';

describe('the counterfactual of a recorded day', () => {
  let api: TestApi;
  let dayMs: number;

  beforeEach(async () => {
    api = await openTestApi();
    dayMs = startOfUtcDayMs(await readDatabaseClock(api.database)) - DAY_MS;
  });
  afterEach(() => api[Symbol.asyncDispose]());

  const dayText = (): string => new Date(dayMs).toISOString().slice(0, 10);
  const query = (text: string, values: readonly unknown[]): Promise<unknown> =>
    api.database.transaction((transaction) => transaction.query(text, [...values]));

  async function ask(path: string): Promise<Counterfactual> {
    const answer = await api.send('GET', path);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return Counterfactual.parse(answer.body);
  }

  /** `count` runs of a task that exists since long, due that long after noon of the day before, each of `elapsedMs` after `delayMs`. */
  async function record(
    taskId: string,
    dueAfterNoonMs: number,
    runs: readonly { readonly delayMs: number; readonly elapsedMs: number; readonly attempt?: number }[],
  ): Promise<void> {
    const dueMs = dayMs + 12 * HOUR_MS + dueAfterNoonMs;
    for (const [index, { delayMs, elapsedMs, attempt = 1 }] of runs.entries()) {
      await query(
        `insert into task_runs (task_id, scheduled_time, attempt, outcome, due_at, started_at, ended_at, elapsed_ms)
         select $1, to_timestamp($2::float8 / 1000) + $7::integer * interval '1 millisecond', $3, 'succeeded', to_timestamp($2::float8 / 1000),
           to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000), $6::float8`,
        [taskId, dueMs, attempt, dueMs + delayMs, dueMs + delayMs + elapsedMs, elapsedMs, index],
      );
    }
  }

  /** The fleet as the autoscaler recorded it, every five seconds of the hour after noon. */
  async function recordFleet(ready: (secondAfterNoon: number) => number): Promise<void> {
    const noonMs = dayMs + 12 * HOUR_MS;
    const seconds = Array.from({ length: 720 }, (_, index) => index * 5);
    await query(
      `insert into capacity_samples (pool, at, ready_instances)
       select 'default', to_timestamp(at_ms / 1000), ready from unnest($1::float8[], $2::integer[]) as s (at_ms, ready)`,
      [seconds.map((second) => noonMs + second * 1_000), seconds.map(ready)],
    );
  }

  async function oldTask(): Promise<string> {
    const { id } = await api.createTask({ taskType: 'noop' });
    await query(`update tasks set created_at = to_timestamp($1::float8 / 1000)`, [dayMs - DAY_MS]);
    return id;
  }

  it('says of both sides what can be counted by hand', async () => {
    const task = await oldTask();
    // Six runs of 8 s due at ten past noon. It had three replicas: three started at once, three when these were done.
    const [early, later] = [0, 8_000].map((delayMs) =>
      Array.from({ length: 3 }, () => ({ delayMs, elapsedMs: 8_000 })),
    );
    await record(task, 600_000, [...(early ?? []), ...(later ?? [])]);
    await recordFleet((second) => (second >= 580 && second < 640 ? 3 : 1));
    const answer = await ask(`${PATH}?day=${dayText()}`);
    assert.deepEqual(
      [answer.from, answer.until, answer.recordedShare, answer.foretoldShare],
      [at(12 * HOUR_MS), at(13 * HOUR_MS), 1, 1],
    );
    assert.deepEqual([answer.startUp.samples, answer.leadTimeMs], [0, 15_000]);
    const [recorded, plan, ...queues] = answer.sides;
    assert.ok(recorded !== undefined && plan !== undefined);
    assert.deepEqual(
      [recorded.occurrences, recorded.late, recorded.p50DelayMs, recorded.worstDelayMs, recorded.peakReplicas],
      [6, 0, 0, 8_000, 3],
    );
    assert.equal(recorded.readyReplicaMinutes, 60 + 2); // two more for a minute
    assert.deepEqual(recorded.replicas.slice(0, 4), [1, 3, 3, 1]);
    assert.equal(recorded.replicaMinutes, null);

    // noop is declared with 5 ms: the plan keeps one replica, and the backlog has it ask for more, 15 s before they are there.
    assert.equal(plan.kind, 'plan');
    assert.ok(plan.late > 0);
    assert.deepEqual(
      queues.map(({ kind, settings }) => [kind, settings?.messagesPerReplica]),
      [
        ['queue', 1], // 9 s of work for each are one run of 8 s
        ['queue', 20],
        ['queue', 1],
        ['queue', 1],
      ],
    );
    // Value 20 never asks for more than one replica: it starts one every 8 s.
    const twenty = queues[1];
    assert.deepEqual(
      [twenty?.late, twenty?.p50DelayMs, twenty?.worstDelayMs, twenty?.peakReplicas, twenty?.readyReplicaMinutes],
      [4, 24_000, 40_000, 1, 60],
    );
    // One per slot sees them when it next looks, after 15 s, and its four more are there 15 s later: at 0, 8, 16, 24 and 30 s they start.
    const one = queues[2];
    assert.deepEqual([one?.late, one?.worstDelayMs, one?.peakReplicas], [4, 30_000, 5]);
    assert.ok(Math.abs((answer.simulatorError?.inTimePoints ?? 0) + (100 * plan.late) / 6) < 1e-9);
  });

  it('lets the plan know what was known of the durations before the day, and nothing of retries', async () => {
    const task = await oldTask();
    await query(
      `insert into task_type_statistics (task_type, day, shard, succeeded, elapsed_sum_ms, elapsed_square_sum, histogram)
       values ('noop', (to_timestamp($1::float8 / 1000) at time zone 'UTC')::date - 1, 0, 100, 800000, 6400000000, $2)`,
      [dayMs, Array.from({ length: 120 }, (_, index) => (index === 52 ? 100 : 0))],
    );
    const runs = Array.from({ length: 6 }, () => ({ delayMs: 0, elapsedMs: 8_000 }));
    await record(task, 600_000, runs);
    const foretold = await ask(`${PATH}?day=${dayText()}`);
    assert.deepEqual([foretold.sides[1]?.late, foretold.sides[1]?.peakReplicas], [0, 6]);
    assert.deepEqual([foretold.sides[0]?.readyReplicaMinutes, foretold.recordedShare], [null, 0]);
    assert.equal(foretold.simulatorError?.readyReplicaMinutesShare, null);

    await query('delete from task_runs where true', []);
    await record(
      task,
      601_000,
      runs.map((run) => ({ ...run, attempt: 2 })),
    );
    const again = await ask(`${PATH}?day=${dayText()}`);
    assert.deepEqual(again, foretold); // a day that is over is not read again
    const other = await openTestApi();
    try {
      const fresh = await fetch(`${other.url}${PATH}?day=${dayText()}`);
      assert.deepEqual(Counterfactual.parse(await fresh.json()).sides, []);
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  it('takes retries and young tasks for unforetold', async () => {
    const task = await oldTask();
    await record(task, 600_000, [{ delayMs: 0, elapsedMs: 1_000 }]);
    await record(task, 660_000, [{ delayMs: 0, elapsedMs: 1_000, attempt: 2 }]);
    const { id: young } = await api.createTask({ taskType: 'noop' });
    await query('update tasks set created_at = to_timestamp($1::float8 / 1000) where id = $2', [
      dayMs + 12 * HOUR_MS + 700_000,
      young,
    ]);
    await record(young, 705_000, [{ delayMs: 0, elapsedMs: 1_000 }]);
    await record(young, 1_000_000, [{ delayMs: 0, elapsedMs: 1_000 }]);
    assert.equal((await ask(`${PATH}?day=${dayText()}`)).foretoldShare, 0.5);
  });

  it('is empty where nothing was recorded, and refuses what is no day', async () => {
    assert.deepEqual((await ask(PATH)).sides, []);
    assert.deepEqual((await ask(`${PATH}?day=2199-01-01`)).sides, []);
    assert.deepEqual((await ask(`${PATH}?pool=other`)).sides, []);
    await api.refuse('GET', `${PATH}?day=yesterday`, 422, 'invalid_input');
  });

  it('can be asked for at the command line', async () => {
    const task = await oldTask();
    await record(task, 600_000, [{ delayMs: 12_000, elapsedMs: 1_000 }]);
    const almanac = commandLineOf(api.url);
    const { code, stdout, stderr } = await almanac('counterfactual', '--day', dayText(), '--time-zone', 'UTC');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^what happened +1 +0\.00 % +1 +12\.0 s/m);
    assert.match(stdout, /^KEDA RabbitMQ, value 20 +1 +100\.00 % +0 /m);
    const json = await almanac('counterfactual', '--day', dayText(), '--json');
    assert.equal(Counterfactual.parse(JSON.parse(json.stdout)).sides.length, 6);
    const dayBefore = new Date(dayMs - DAY_MS).toISOString().slice(0, 10);
    const empty = await almanac('counterfactual', '--day', dayBefore);
    assert.match(empty.stdout, /nothing was due/i);
  });

  function at(afterMidnightMs: number): string {
    return new Date(dayMs + afterMidnightMs).toISOString();
  }
});
