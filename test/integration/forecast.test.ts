import assert from 'node:assert/strict';

import { SECOND_MS } from '../../core/duration.ts';
import { bucketOf } from '../../core/histogram.ts';
import { createAttemptStore, type FinishedAttempt } from '../../db/attempt-store.ts';
import { createClaimStore } from '../../db/claim-store.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { createReplicaStore } from '../../db/replica-store.ts';
import { createReadyDatabase, type ReadyDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startStack } from '../support/stack.ts';

const TYPES = ['noop', 'test.long', 'http.request'] as const;

describe('statistics and the summary', () => {
  let ready: ReadyDatabase;
  let random: () => number;

  beforeEach(async () => {
    ready = await createReadyDatabase();
    random = randomFrom(20_261_121);
    await recordRuns();
  });
  afterEach(() => ready[Symbol.asyncDispose]());

  /** Runs of known random durations and outcomes, recorded by the product's own statements in batches of several processors. */
  async function recordRuns(): Promise<void> {
    for (let index = 0; index < 90; index += 1) {
      await ready.createTask({
        taskType: pick(TYPES),
        payload: {},
        retry: { maxAttempts: 2, backoff: 'fixed', firstDelayMs: 0 },
      });
    }
    const keyed = await ready.open('keyed', 4);
    const claims = createClaimStore(keyed);
    const replicas = createReplicaStore(keyed);
    const attempts = createAttemptStore(keyed);
    for (let round = 0; round < 4; round += 1) {
      const processorId = await replicas.register({
        service: 'processor',
        name: `p${round}`,
        pool: 'default',
        slots: 1,
        leaseMs: 60_000,
        requestedMs: null,
      });
      const claimed = await claims.claimDue(40, 0, 60_000, processorId);
      if (claimed.length === 0) break;
      const { started } = await attempts.start(claimed, processorId);
      assert.equal(started.length, claimed.length);
      const finished = started.map(({ taskId, scheduledMs, attempt }): FinishedAttempt => {
        const outcome = pick(['succeeded', 'succeeded', 'succeeded', 'failed', 'timed-out', 'interrupted'] as const);
        const nextStatus = outcome === 'succeeded' ? 'Completed' : outcome === 'interrupted' ? 'Scheduled' : 'Failed';
        return {
          taskId,
          scheduledMs,
          attempt,
          outcome,
          nextStatus,
          delayMs: nextStatus === 'Scheduled' ? 0 : null,
          reason: null,
          error: outcome === 'succeeded' ? null : 'it was so',
          result: null,
          elapsedMs: Math.exp(random() * 12) / 7,
          cpuMs: null,
          peakMemoryBytes: null,
          counts: outcome !== 'interrupted',
          logs: [],
          notifications: [],
        };
      });
      assert.ok((await attempts.finish(finished, processorId, `p${round}`)).every((recorded) => recorded));
      assert.ok(
        (await attempts.finish(finished, processorId, `p${round}`)).every((recorded) => !recorded),
        'twice is refused',
      );
    }
  }

  function pick<T>(values: readonly [T, ...T[]] | readonly T[]): T {
    return values[Math.floor(random() * values.length)] as T;
  }

  it('agree with an aggregate over all runs', async () => {
    const runs = await ready.query<{ task_type: string; outcome: string; elapsed_ms: number }>(
      'select t.task_type, r.outcome, r.elapsed_ms from task_runs r join tasks t on t.id = r.task_id',
    );
    assert.ok(runs.length >= 90);
    const rollup = await ready.query<{
      task_type: string;
      succeeded: string;
      failed: string;
      sum: number;
      squares: number;
      histogram: string[];
    }>(
      `select task_type, sum(succeeded) as succeeded, sum(failed) as failed, sum(elapsed_sum_ms) as sum, sum(elapsed_square_sum) as squares,
         (select array_agg(total order by i) from (
           select i, sum(n) as total from task_type_statistics h, unnest(h.histogram) with ordinality as u (n, i)
           where h.task_type = s.task_type group by i) as totals) as histogram
       from task_type_statistics s group by task_type order by task_type`,
    );
    assert.deepEqual(
      rollup.map((row) => row.task_type),
      [...TYPES].sort(),
    );
    for (const row of rollup) {
      const mine = runs.filter((run) => run.task_type === row.task_type);
      const good = mine.filter((run) => run.outcome === 'succeeded').map((run) => run.elapsed_ms);
      assert.equal(Number(row.succeeded), good.length);
      assert.equal(Number(row.failed), mine.filter((run) => ['failed', 'timed-out'].includes(run.outcome)).length);
      assertClose(row.sum, sumOf(good));
      assertClose(row.squares, sumOf(good.map((elapsedMs) => elapsedMs ** 2)));
      const histogram = new Array<number>(120).fill(0);
      for (const elapsedMs of good) histogram[bucketOf(elapsedMs) - 1] = Number(histogram[bucketOf(elapsedMs) - 1]) + 1;
      assert.deepEqual(row.histogram.map(Number), histogram);
    }
  });

  it('answer the formula, worked by hand from the rows, for every scheduled time', async () => {
    const nowMs = await readDatabaseClock(ready.database);
    const instants = [60, 61, 3_600, 7_200].map((seconds) => (Math.floor(nowMs / SECOND_MS) + seconds) * SECOND_MS);
    for (let index = 0; index < 60; index += 1) {
      const at = new Date(pick(instants)).toISOString();
      await ready.createTask({ taskType: pick([...TYPES, 'reminder']), payload: {}, schedule: { kind: 'once', at } });
    }
    const runs = await ready.query<{ task_type: string; outcome: string; elapsed_ms: number }>(
      'select t.task_type, r.outcome, r.elapsed_ms from task_runs r join tasks t on t.id = r.task_id',
    );
    const averageOf = (taskType: string): number => {
      const elapsed = runs
        .filter((run) => run.task_type === taskType && run.outcome === 'succeeded')
        .map((run) => run.elapsed_ms);
      return elapsed.length > 0 ? sumOf(elapsed) / elapsed.length : Number(ready.taskTypes.get(taskType)?.estimateMs);
    };
    const waiting = await ready.query<{ at: Date; task_type: string }>(
      `select s.scheduled_time as at, t.task_type from task_schedule s join tasks t on t.id = s.task_id where s.status = 'Scheduled'`,
    );
    const byHand = new Map<number, { tasks: number; computeMs: number }>();
    for (const { at, task_type: taskType } of waiting) {
      const before = byHand.get(at.getTime()) ?? { tasks: 0, computeMs: 0 };
      byHand.set(at.getTime(), { tasks: before.tasks + 1, computeMs: before.computeMs + averageOf(taskType) });
    }
    const summary = await ready.query<{
      scheduled_time: Date;
      pool: string;
      number_of_tasks: number;
      required_compute_ms: number;
      required_instances: number;
    }>('select * from scheduled_tasks_summary');
    assert.equal(summary.length, byHand.size);
    assert.ok(instants.every((atMs) => byHand.has(atMs)));
    assert.ok(
      summary.some((row) => row.required_instances > 1),
      'the numbers are not all trivial',
    );
    for (const row of summary) {
      const expected = byHand.get(row.scheduled_time.getTime());
      assert.ok(expected);
      assert.equal(row.pool, 'default');
      assert.equal(row.number_of_tasks, expected.tasks);
      assertClose(row.required_compute_ms, expected.computeMs);
      assert.equal(row.required_instances, Math.ceil(expected.computeMs / 9_000));
    }
  });
});

describe('the autoscaler on the local target', () => {
  it('has the replicas before the burst, gives them back after it, and stops none that is busy', async function () {
    this.timeout(120_000);
    await using stack = await startStack({ broker: 'embedded', processors: 0 });
    const plan = { periodMs: 200, minReplicas: 1, maxReplicas: 6, leadTimeMs: 3_000, tailMs: 1_000, closingMs: 0 };
    await stack.startAutoscaler(plan, { shutdownGraceMs: 0 });
    const ready = async (): Promise<number> =>
      (await stack.query(`select from replicas where service = 'processor' and status = 'ready'`)).length;
    await eventually(async () => (await ready()) === 1);
    // It runs all the time, in the worker that is the first to go when nobody looks which ones are busy.
    const long = await stack.createTask({ taskType: 'test.long', payload: { ms: 24_000 } });
    await eventually(async () => (await stack.occurrences(long))[0]?.status === 'Running');

    const burstMs = (Math.floor((await readDatabaseClock(stack.database)) / SECOND_MS) + 6) * SECOND_MS;
    const at = new Date(burstMs).toISOString();
    for (let index = 0; index < 8; index += 1) {
      await stack.createTask({ taskType: 'test.long', payload: { ms: 1_500 }, schedule: { kind: 'once', at } });
    }
    await eventually(async () => (await stack.runs()).length === 8, { timeoutMs: 40_000 });
    const readyInTime = await stack.query(`select from replicas where service = 'processor' and ready_at < $1`, [
      new Date(burstMs),
    ]);
    assert.ok(
      readyInTime.length >= 3,
      `eight runs of 3 s are 24 s of work: three instances, not ${readyInTime.length}`,
    );
    const bursts = (await stack.runs()).filter((run) => run.task_id !== long);
    assert.ok(bursts.every((run) => run.outcome === 'succeeded' && run.started_at.getTime() >= burstMs));
    assert.ok(new Set(bursts.map((run) => run.processor)).size >= 2);

    await eventually(async () => (await ready()) === 1, { timeoutMs: 40_000 });
    assert.equal((await stack.occurrences(long))[0]?.status, 'Running', 'it was still busy when the others went');
    await eventually(async () => (await stack.occurrences(long))[0]?.end_time !== null, { timeoutMs: 40_000 });
    const runs = await stack.runs();
    assert.deepEqual([...new Set(runs.map((run) => `${run.outcome} ${run.attempt}`))], ['succeeded 1']);

    const decisions = await stack.query<{
      from_replicas: number;
      to_replicas: number;
      outcome: string;
      reason: string;
      decided_at: Date;
    }>(`select * from scale_decisions where outcome <> 'held' order by id`);
    assert.ok(decisions.every((decision) => decision.outcome === 'applied'));
    const up = decisions.find((decision) => decision.to_replicas >= 3);
    assert.equal(up?.reason, 'work-ahead');
    assert.ok(up.decided_at.getTime() < burstMs);
    assert.equal(decisions.at(-1)?.reason, 'work-over');
    assert.equal(decisions.at(-1)?.to_replicas, 1);
    const samples = await stack.query<{ most: number }>(`select max(required_instances) as most from capacity_samples`);
    assert.ok(Number(samples[0]?.most) >= 3);
  });
});

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);
}

/** The same numbers in [0, 1) at every run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
