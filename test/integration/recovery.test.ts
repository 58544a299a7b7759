import assert from 'node:assert/strict';

import { LeaseLostError } from '../../core/errors.ts';
import {
  type AttemptStore,
  createAttemptStore,
  type FinishedAttempt,
  type StartedAttempt,
} from '../../db/attempt-store.ts';
import { type ClaimedOccurrence, type ClaimStore, createClaimStore } from '../../db/claim-store.ts';
import { createReplicaStore, type ReplicaStore } from '../../db/replica-store.ts';
import { sql } from '../../db/sql.ts';
import { createReadyDatabase, type ReadyDatabase } from '../support/database.ts';

const HEARTBEAT = { status: 'ready', running: 0, unreadableMessages: 0 } as const;

describe('claims, leases and fences', () => {
  let ready: ReadyDatabase;
  let claims: ClaimStore;
  let attempts: AttemptStore;
  let replicas: ReplicaStore;

  beforeEach(async () => {
    ready = await createReadyDatabase();
    const keyed = await ready.open('keyed', 6);
    claims = createClaimStore(keyed);
    attempts = createAttemptStore(keyed);
    replicas = createReplicaStore(keyed);
  });
  afterEach(() => ready[Symbol.asyncDispose]());

  const register = (name: string): Promise<string> =>
    replicas.register({ service: 'processor', name, pool: 'default', slots: 1, leaseMs: 60_000, requestedMs: null });
  const expire = (replicaId: string): Promise<unknown> =>
    ready.query(`update replicas set lease_until = clock_timestamp() - interval '1 ms' where id = $1`, [replicaId]);
  const claim = (leaseMs = 60_000): Promise<ClaimedOccurrence[]> => claims.claimDue(100, 0, leaseMs, '1');
  async function startOne(replicaId: string): Promise<StartedAttempt> {
    const { started } = await attempts.start(await claim(), replicaId);
    const [attempt] = started;
    assert.ok(attempt !== undefined && started.length === 1);
    return attempt;
  }
  const success = ({ taskId, scheduledMs, attempt }: StartedAttempt): FinishedAttempt => ({
    taskId,
    scheduledMs,
    attempt,
    nextStatus: 'Completed',
    delayMs: null,
    reason: null,
    outcome: 'succeeded',
    error: null,
    result: null,
    elapsedMs: 5,
    cpuMs: null,
    peakMemoryBytes: null,
    counts: true,
    logs: [{ seq: 1, atMs: Date.now(), level: 'info', message: 'done' }],
    notifications: [{ recipient: 'lab@example.org', message: 'done' }],
  });
  const statusOf = async (taskId: string): Promise<string | undefined> => (await ready.occurrences(taskId))[0]?.status;

  it('start an occurrence once, however often its ticket comes and to whom', async () => {
    await ready.createTask({});
    const tickets = await claim();
    const ids = await Promise.all(['a', 'b', 'c'].map(register));
    const answers = await Promise.all(ids.flatMap((id) => [1, 2, 3].map(() => attempts.start(tickets, id))));
    assert.equal(answers.flatMap((answer) => answer.started).length, 1);
    assert.equal(answers.flatMap((answer) => answer.refused).length, 0);
  });

  it('refuse the ticket of a claim that was given back and made anew', async () => {
    await ready.createTask({});
    const old = await claim();
    assert.equal(await claims.release(old, null), 1);
    const fresh = await claim();
    const id = await register('a');
    assert.deepEqual(await attempts.start(old, id), { started: [], refused: [] });
    assert.equal(await claims.release(old, null), 0, 'nor can the old claim take the row from the new one');
    assert.equal((await attempts.start(fresh, id)).started.length, 1);
  });

  it('refuse to start anything for a processor whose lease has ended, and leave the ticket good for another', async () => {
    const taskId = await ready.createTask({});
    const tickets = await claim();
    const late = await register('late');
    await expire(late);
    await assert.rejects(attempts.start(tickets, late), LeaseLostError);
    assert.equal(await replicas.heartbeat(late, 60_000, HEARTBEAT), false, 'a lease that has ended does not come back');
    assert.equal((await attempts.start(tickets, await register('other'))).started.length, 1);
    assert.equal(await statusOf(taskId), 'Running');
  });

  it('take the attempts of a lost processor, of that one only, and refuse its late results', async () => {
    const taskId = await ready.createTask({});
    const lost = await register('lost');
    const mine = await startOne(lost);
    const otherTask = await ready.createTask({});
    const alive = await register('alive');
    const others = await startOne(alive);
    await expire(lost);

    const recoveries = await Promise.all([replicas.recoverLost(), replicas.recoverLost(), replicas.recoverLost()]);
    assert.deepEqual(
      recoveries
        .flatMap(({ attempts: taken }) => taken)
        .map(({ taskId: id, attempt, status }) => ({ id, attempt, status })),
      [{ id: taskId, attempt: 1, status: 'Scheduled' }],
      'of several at once one does the work',
    );
    assert.equal(await statusOf(otherTask), 'Running');
    assert.deepEqual(await attempts.finish([success(mine), success(others)], lost, 'lost'), [false, false]);
    assert.deepEqual(await ready.query('select from task_logs'), [], 'nothing of a refused result is kept');
    assert.deepEqual(await ready.query('select from notifications'), []);
    assert.deepEqual(await ready.query('select from task_type_statistics where succeeded > 0'), []);

    const second = await startOne(alive);
    assert.equal(second.attempt, 2);
    assert.deepEqual(await attempts.finish([success(mine)], lost, 'lost'), [false]);
    assert.deepEqual(
      await attempts.finish([success(mine)], alive, 'alive'),
      [false],
      'the attempt is a fence of its own',
    );
    assert.deepEqual(await attempts.finish([success(second), success(others)], alive, 'alive'), [true, true]);
    assert.deepEqual(
      (await ready.runs(taskId)).map((run) => run.outcome),
      ['lost', 'succeeded'],
    );
    assert.equal((await ready.query('select from notifications')).length, 2);
    assert.deepEqual(await ready.query('select from running_tasks'), []);
  });

  it('end a lost attempt as Failed when it was the last, and as Cancelled when its task was stopped meanwhile', async () => {
    const lost = await register('lost');
    const last = await ready.createTask({ retry: { maxAttempts: 1 } });
    await startOne(lost);
    const stopped = await ready.createTask({});
    await startOne(lost);
    await ready.query(`update tasks set status = 'inactive', revision = revision + 1 where id = $1`, [stopped]);
    await expire(lost);
    const { attempts: taken } = await replicas.recoverLost();
    assert.deepEqual(
      new Map(taken.map(({ taskId, status }) => [taskId, status])),
      new Map([
        [last, 'Failed'],
        [stopped, 'Cancelled'],
      ]),
    );
    for (const taskId of [last, stopped]) assert.ok((await ready.occurrences(taskId))[0]?.end_time);
  });

  it('find what a processor left running although it said that it had stopped', async () => {
    const taskId = await ready.createTask({});
    const id = await register('forgetful');
    await startOne(id);
    await replicas.leave(id);
    await expire(id);
    await replicas.recoverLost();
    assert.equal(await statusOf(taskId), 'Scheduled');
    const tidy = await register('tidy');
    await replicas.leave(tidy);
    assert.deepEqual(await ready.query(`select from replicas where id = $1`, [tidy]), []);
  });

  it('keep a live lease through heartbeats, and a claim until its lease ends', async () => {
    const id = await register('a');
    assert.equal(await replicas.heartbeat(id, 60_000, HEARTBEAT), true);
    assert.deepEqual(await replicas.recoverLost(), { lost: [], attempts: [] });
    const taskId = await ready.createTask({});
    await claim();
    assert.equal(await claims.recoverExpired(10), 0);
    assert.equal(await statusOf(taskId), 'Queued');
    await ready.query(`update dispatch_batches set lease_until = clock_timestamp() - interval '1 ms'`);
    const counts = await Promise.all([claims.recoverExpired(10), claims.recoverExpired(10)]);
    assert.equal(counts[0] + counts[1], 1);
    const [row] = await ready.occurrences(taskId);
    assert.equal(row?.status, 'Scheduled');
    assert.deepEqual(row.due_at, row.scheduled_time, 'it is due when it was');
  });

  it('leave alone what has started although its claim was never marked as published', async () => {
    const taskId = await ready.createTask({});
    const id = await register('a');
    const attempt = await startOne(id);
    await ready.query(`update dispatch_batches set lease_until = clock_timestamp() - interval '1 ms'`);
    await claims.recoverExpired(10);
    assert.equal(await statusOf(taskId), 'Running');
    assert.deepEqual(await attempts.finish([success(attempt)], id, 'a'), [true]);
  });

  it('claim no more than asked for, soonest first, each occurrence once among many at once', async () => {
    const taskId = await ready.createTask({ schedule: { kind: 'once', at: '2199-01-01T00:00:00Z' } });
    await ready.query(
      `insert into task_schedule (task_id, scheduled_time, due_at, revision)
       select $1::bigint, at, at, 1
       from (select date_trunc('second', clock_timestamp()) - n * interval '1 second' as at from generate_series(1, 200) as n) as instants`,
      [taskId],
    );
    const first = await claims.claimDue(7, 0, 60_000, '1');
    assert.equal(first.length, 7);
    const times = (await ready.occurrences(taskId)).map((row) => row.scheduled_time.getTime());
    assert.deepEqual(
      first.map(({ scheduledMs }) => scheduledMs),
      times.slice(0, 7),
    );
    const rest = await Promise.all(Array.from({ length: 12 }, () => claims.claimDue(20, 0, 60_000, '1')));
    const all = [...first, ...rest.flat()].map(({ scheduledMs }) => scheduledMs);
    assert.equal(new Set(all).size, all.length);
    const left = await claims.claimDue(1_000, 0, 60_000, '1');
    assert.equal(all.length + left.length, 200);
  });

  it('claim by the index on due_at, and not by reading the day', async () => {
    const database = await ready.open('free', 1);
    await database.dataSource.query(
      `prepare claim (integer, integer, integer, bigint, integer) as ${sql('queries/claim_due.sql')};
       set plan_cache_mode = force_generic_plan; set enable_seqscan = off`,
    );
    const plan = await database.dataSource.query<{ 'QUERY PLAN': string }[]>(
      'explain execute claim (500, 1000, 30000, 1, 15000)',
    );
    assert.match(plan.map((line) => line['QUERY PLAN']).join('\n'), /Index Cond: \(+due_at <=/);
  });
});
