import assert from 'node:assert/strict';

import { type Broker, PublishError } from '../../broker/broker.ts';
import { decodeTicket, type Ticket } from '../../broker/message.ts';
import { ticketQueueName } from '../../broker/topology.ts';
import { createTaskStore } from '../../db/task-store.ts';
import { definitionOf } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { cleanRabbitMq, type Stack, startStack } from '../support/stack.ts';

const QUEUE = { pool: 'default', priority: 'normal' } as const;

describe('distribution', () => {
  let stack: Stack;
  afterEach(() => stack[Symbol.asyncDispose]());

  /** Many occurrences of one task that are due now. */
  async function addDue(count: number): Promise<string> {
    const taskId = await stack.createTask({
      schedule: { kind: 'once', at: '2199-01-01T00:00:00Z' },
      policies: { overlap: 'allow' },
    });
    await stack.query(
      `insert into task_schedule (task_id, scheduled_time, due_at, revision)
       select $1::bigint, at, at, 1
       from (select date_trunc('second', clock_timestamp()) - n * interval '1 ms' as at from generate_series(1, $2::integer) as n) as instants`,
      [taskId, count],
    );
    return taskId;
  }

  async function assertCompletedOnce(count: number, timeoutMs = 30_000): Promise<void> {
    await eventually(
      async () => (await stack.occurrences()).filter((row) => row.status === 'Completed').length === count,
      {
        timeoutMs,
      },
    );
    const runs = await stack.runs();
    const succeeded = runs.filter((run) => run.outcome === 'succeeded');
    assert.equal(succeeded.length, count);
    assert.equal(new Set(succeeded.map((run) => `${run.task_id}-${run.scheduled_time.getTime()}`)).size, count);
    await eventually(async () => (await stack.query('select from running_tasks')).length === 0);
  }

  it('publishes nothing that is not claimed in the database', async () => {
    stack = await startStack({ broker: 'embedded', distributors: 0, processors: 0 });
    const tickets: Ticket[] = [];
    const unclaimed: string[] = [];
    await stack.startDistributor(
      {},
      overriding(stack.broker, async (queue, body, messageId) => {
        const decoded = decodeTicket(body);
        assert.equal(decoded.kind, 'ticket');
        tickets.push(decoded.ticket);
        for (const { taskId, scheduledMs } of decoded.ticket.occurrences) {
          const rows = await stack.query(
            `select from task_schedule where task_id = $1 and scheduled_time = $2 and claim_id = $3 and status = 'Queued'`,
            [taskId, new Date(scheduledMs), decoded.ticket.claimId],
          );
          if (rows.length !== 1) unclaimed.push(`${taskId}-${scheduledMs}`);
        }
        return stack.broker.publish(queue, body, messageId);
      }),
    );
    await addDue(120);
    await eventually(() => tickets.flatMap((ticket) => ticket.occurrences).length === 120);
    assert.deepEqual(unclaimed, []);
    await stack.startProcessor();
    await assertCompletedOnce(120);
  });

  it('shares the work among distributors, each occurrence published once', async () => {
    stack = await startStack({ broker: 'embedded', distributors: 0, processors: 0 });
    const published: string[][] = [[], []];
    let release: (() => void) | undefined;
    // The broker answers nobody before both have come, and neither may hold everything meanwhile.
    const bothCame = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const mine of published) {
      await stack.startDistributor(
        { batchSize: 20, maxInMemory: 100 },
        overriding(stack.broker, async (queue, body, messageId) => {
          const decoded = decodeTicket(body);
          if (decoded.kind === 'ticket') mine.push(...decoded.ticket.occurrences.map((key) => String(key.scheduledMs)));
          if (published.every((one) => one.length > 0)) release?.();
          await bothCame;
          return stack.broker.publish(queue, body, messageId);
        }),
      );
    }
    await addDue(400);
    await eventually(() => published.flat().length >= 400);
    assert.equal(published.flat().length, 400);
    assert.equal(new Set(published.flat()).size, 400);
    await stack.startProcessor();
    await assertCompletedOnce(400);
  });

  it('puts back what the broker refuses, and publishes it again', async () => {
    stack = await startStack({ broker: 'embedded', distributors: 0 });
    let refusals = 0;
    await stack.startDistributor(
      {},
      overriding(stack.broker, (queue, body, messageId) => {
        if (refusals >= 3) return stack.broker.publish(queue, body, messageId);
        refusals += 1;
        return Promise.reject(new PublishError(refusals === 1 ? 'returned' : 'nacked'));
      }),
    );
    await addDue(60);
    await assertCompletedOnce(60);
    assert.equal(refusals, 3);
    assert.deepEqual(await stack.query(`select from dispatch_batches where published_at is null`), []);
    assert.match(await stack.metrics.text(), /almanac_released_occurrences_total\{cause="not-published"\} [1-9]/);
  });

  it('loses nothing when the queue is deleted under it', async () => {
    const node = await cleanRabbitMq();
    stack = await startStack({ broker: 'rabbitmq' });
    await addDue(20);
    await assertCompletedOnce(20);
    await node.deleteQueue(ticketQueueName(QUEUE));
    await addDue(20);
    await assertCompletedOnce(40, 60_000);
  });

  it('takes back the claims of a distributor that fell silent before its broker answered', async () => {
    stack = await startStack({ broker: 'embedded', distributors: 0 });
    const stuck: (() => void)[] = [];
    const silent: Broker = {
      ...stack.broker,
      publish: () => new Promise((_, reject) => stuck.push(() => reject(new PublishError('closed')))),
      // It claims once: a second claim would only take from the other what that one has just taken back.
      isReady: () => stuck.length === 0,
    };
    await stack.startDistributor({ claimLeaseMs: 1_000, recoveryPeriodMs: 600_000 }, silent);
    await addDue(30);
    try {
      await eventually(() => stuck.length > 0);
      await stack.startDistributor({ recoveryPeriodMs: 100 });
      await assertCompletedOnce(30);
    } finally {
      for (const reject of stuck.splice(0)) reject();
    }
    assert.match(await stack.metrics.text(), /almanac_released_occurrences_total\{cause="claim-expired"\} [1-9]/);
  });

  it('publishes again what a purged queue has lost', async () => {
    const node = await cleanRabbitMq();
    stack = await startStack({ broker: 'rabbitmq', distributors: 0, processors: 0 });
    await stack.startDistributor({ verifyAfterMs: 1_000 });
    await addDue(120);
    await eventually(
      async () => (await node.withChannel((channel) => channel.checkQueue(ticketQueueName(QUEUE)))).messageCount > 0,
    );
    await eventually(
      async () => (await stack.query('select from dispatch_batches where published_at is null')).length === 0,
    );
    await node.purgeQueue(ticketQueueName(QUEUE));
    await stack.startProcessor();
    await assertCompletedOnce(120);
    assert.match(await stack.metrics.text(), /almanac_released_occurrences_total\{cause="ticket-lost"\} 120/);
    await eventually(async () => (await stack.query('select from dispatch_batches')).length === 0);
  });

  it('leaves a deep backlog alone, however long it waits and however many occurrences share a ticket', async () => {
    stack = await startStack({ broker: 'embedded', distributors: 0, processors: 0 });
    await stack.startDistributor({ verifyAfterMs: 200, batchSize: 100 });
    await addDue(600);
    await eventually(async () => (await stack.broker.depth(QUEUE)) === 12);
    const verified = async (): Promise<number> => {
      const [row] = await stack.query<{ looks: number }>(
        `select (min(extract(epoch from verify_at - published_at)) * 1000 / 200)::integer as looks from dispatch_batches`,
      );
      return row?.looks ?? 0;
    };
    await eventually(async () => (await verified()) > 5);
    assert.equal(await stack.broker.depth(QUEUE), 12, 'fifty short occurrences each share a ticket');
    assert.doesNotMatch(await stack.metrics.text(), /ticket-lost/);
  });

  /** Each ticket waits until it is let go. */
  async function startHoldingDistributor(): Promise<(() => void)[]> {
    const held: (() => void)[] = [];
    await stack.startDistributor(
      {},
      overriding(stack.broker, async (queue, body, messageId) => {
        await new Promise<void>((resolve) => held.push(resolve));
        return stack.broker.publish(queue, body, messageId);
      }),
    );
    return held;
  }

  it('starts an occurrence that was claimed before an edit once, and as the edit left it', async () => {
    stack = await startStack({ broker: 'embedded', distributors: 0 });
    const held = await startHoldingDistributor();
    const taskId = await stack.createTask({ schedule: { kind: 'immediate' }, payload: { sleepMs: 1 } });
    await eventually(() => held.length === 1);
    await createTaskStore(stack.database).replace(taskId, definitionOf({ name: 'edited' }), null);
    await eventually(() => {
      for (const release of held.splice(0)) release();
      return stack.runs(taskId).then((runs) => runs.length > 0);
    });
    await eventually(async () => (await stack.occurrences(taskId)).every((row) => row.end_time !== null));
    const rows = await stack.occurrences(taskId);
    assert.deepEqual(
      rows.map(({ status, revision, attempt, reason }) => ({ status, revision, attempt, reason })),
      [{ status: 'Completed', revision: 2, attempt: 1, reason: null }],
    );
    assert.equal((await stack.runs(taskId)).length, 1);
  });

  it('starts nothing that was claimed before an edit that took its time away', async () => {
    stack = await startStack({ broker: 'embedded', distributors: 0 });
    const held = await startHoldingDistributor();
    const taskId = await stack.createTask({ schedule: { kind: 'immediate' } });
    await eventually(() => held.length === 1);
    const later = new Date(Date.now() + 3_600_000).toISOString();
    await createTaskStore(stack.database).replace(
      taskId,
      definitionOf({ schedule: { kind: 'once', at: later } }),
      null,
    );
    // When one that comes after it has run, its ticket has been looked at.
    const after = await stack.createTask({ schedule: { kind: 'immediate' } });
    await eventually(async () => {
      for (const release of held.splice(0)) release();
      return (await stack.occurrences(after))[0]?.status === 'Completed';
    });
    assert.deepEqual(
      (await stack.occurrences(taskId)).map(({ status, revision, attempt, reason }) => ({
        status,
        revision,
        attempt,
        reason,
      })),
      [
        { status: 'Cancelled', revision: 1, attempt: 0, reason: 'the task was edited' },
        { status: 'Scheduled', revision: 2, attempt: 0, reason: null },
      ],
    );
    assert.deepEqual(await stack.runs(taskId), []);
  });

  it('gives back at once, and without a mark, what it holds when it is stopped', async () => {
    stack = await startStack({ broker: 'embedded', distributors: 0 });
    const first = await stack.startDistributor({ lookAheadMs: 60_000 });
    const [now] = await stack.query<{ at: Date }>(
      `select date_trunc('second', clock_timestamp()) + interval '3 seconds' as at`,
    );
    assert.ok(now);
    const taskId = await stack.createTask({ schedule: { kind: 'once', at: now.at.toISOString() } });
    await eventually(async () => (await stack.occurrences(taskId))[0]?.status === 'Queued');
    await first.stop();
    const [row] = await stack.occurrences(taskId);
    assert.equal(row?.status, 'Scheduled');
    assert.deepEqual(row.due_at, now.at);
    assert.deepEqual(await stack.query('select from dispatch_batches'), []);
    await stack.startDistributor();
    await assertCompletedOnce(1);
    const [run] = await stack.runs(taskId);
    assert.ok(run && run.started_at >= now.at, 'never early');
  });
});

/** The same broker, with a publish of the test's own. */
function overriding(broker: Broker, publish: Broker['publish']): Broker {
  return { ...broker, publish };
}
