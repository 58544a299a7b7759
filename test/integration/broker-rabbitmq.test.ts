import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

import { type Broker, type Delivery, PublishError, type QueueName } from '../../broker/broker.ts';
import { openBroker } from '../../broker/open.ts';
import { openRabbitMq } from '../../broker/rabbitmq.ts';
import { DEAD_LETTER_EXCHANGE, deadLetterQueueName, TICKET_EXCHANGE, ticketQueueName } from '../../broker/topology.ts';
import { createLogger } from '../../runtime/logger.ts';
import { eventually } from '../support/eventually.ts';
import { type RabbitMqNode, startRabbitMq } from '../support/rabbitmq.ts';
import { describeBroker } from './broker-conformance.ts';

const log = createLogger('test', process.env.TEST_LOG_LEVEL ?? 'silent');

describe('RabbitMQ', function () {
  this.timeout(120_000);
  let node: RabbitMqNode;
  let pools = 0;
  const nextQueue = (): QueueName => ({ pool: `pool${++pools}`, priority: 'normal' });

  before(async () => {
    node = await startRabbitMq();
  });
  after(async () => {
    await node[Symbol.asyncDispose]();
  });

  describeBroker('RabbitMQ', () => openBroker({ amqpUrl: node.url, log }));

  it('carries the cause of a dead letter, and what RabbitMQ adds to a rejected one', async () => {
    const queue = nextQueue();
    await using broker = await openRabbitMq({ url: node.url, log });
    await broker.publishDeadLetter(queue.pool, { messageId: 'd1', cause: 'Out of attempts.', body: Buffer.from('{}') });
    await broker.publish(queue, Buffer.from('not a ticket'), 'm1');
    await broker.consume(queue, 1, (delivery) => delivery.reject());
    await eventually(async () => assert.equal(await broker.deadLetterDepth(queue.pool), 2));
    await node.withChannel(async (channel) => {
      const own = await channel.get(deadLetterQueueName(queue.pool));
      assert.ok(own);
      assert.equal(own.properties.messageId, 'd1');
      assert.equal(own.properties.deliveryMode, 2);
      assert.equal(own.properties.headers?.['almanac-cause'], 'Out of attempts.');
      const rejected = await channel.get(deadLetterQueueName(queue.pool));
      assert.ok(rejected);
      assert.equal(rejected.content.toString(), 'not a ticket');
      assert.equal(rejected.properties.messageId, 'm1');
      assert.equal(rejected.properties.headers?.['x-death']?.[0]?.reason, 'rejected');
    });
  });

  it('fails the publishes to a queue that was deleted, and declares it again for the next', async () => {
    const queue = nextQueue();
    await using broker = await openRabbitMq({ url: node.url, log });
    await broker.publish(queue, Buffer.from('1'), '1');
    await node.deleteQueue(ticketQueueName(queue));
    await assert.rejects(broker.publish(queue, Buffer.from('2'), '2'), isPublishError('returned'));
    await broker.publish(queue, Buffer.from('3'), '3');
    assert.equal(await broker.depth(queue), 1);
  });

  it('subscribes again when its queue is deleted under it', async () => {
    const queue = nextQueue();
    await using broker = await openRabbitMq({ url: node.url, log });
    const seen: string[] = [];
    await broker.consume(queue, 5, (delivery) => {
      seen.push(delivery.body.toString());
      delivery.ack();
    });
    await node.deleteQueue(ticketQueueName(queue));
    await eventually(async () => {
      const { consumerCount } = await node.withChannel((channel) => channel.checkQueue(ticketQueueName(queue)));
      assert.equal(consumerCount, 1);
    });
    await broker.publish(queue, Buffer.from('still here'), 'x');
    await eventually(() => seen.includes('still here'));
  });

  it('subscribes again when its queue is deleted and declared anew at once, which RabbitMQ does not tell it', async () => {
    const queue = nextQueue();
    await using broker = await openRabbitMq({ url: node.url, log, idleRenewalMs: 400 });
    const seen: string[] = [];
    await broker.consume(queue, 5, (delivery) => {
      seen.push(delivery.body.toString());
      delivery.ack();
    });
    await node.deleteQueue(ticketQueueName(queue));
    await eventually(async () => {
      await broker.publish(queue, Buffer.from('still here'), 'x');
    });
    await eventually(() => seen.includes('still here'));
  });

  it('survives the deletion of its exchanges', async () => {
    const queue = nextQueue();
    await using broker = await openRabbitMq({ url: node.url, log });
    await broker.publish(queue, Buffer.from('1'), '1');
    await node.withChannel(async (channel) => {
      await channel.deleteExchange(TICKET_EXCHANGE);
      await channel.deleteExchange(DEAD_LETTER_EXCHANGE);
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((n) => broker.publish(queue, Buffer.from('x'), `${n}`)));
    assert.ok(outcomes.every((outcome) => outcome.status === 'rejected'));
    await eventually(() => broker.isReady());
    await broker.publish(queue, Buffer.from('2'), '2');
    await eventually(async () => assert.equal(await broker.depth(queue), 2));
  });

  it('survives having its connections closed by an operator, without losing or doubling an answered message', async () => {
    const queue = nextQueue();
    await using broker = await openRabbitMq({ url: node.url, log });
    const inHand: Delivery[] = [];
    const redelivered: string[] = [];
    await broker.consume(queue, 10, (delivery) => {
      if (delivery.redelivered) redelivered.push(delivery.body.toString());
      inHand.push(delivery);
    });
    await Promise.all(['a', 'b', 'c'].map((text) => broker.publish(queue, Buffer.from(text), text)));
    await eventually(() => inHand.length === 3);
    await node.ctl('close_all_connections', 'test');
    await eventually(() => inHand.length === 6);
    for (const stale of inHand.slice(0, 3)) stale.ack(); // answers to the old channel, which must not reach the new one
    assert.deepEqual(redelivered.sort(), ['a', 'b', 'c']);
    for (const delivery of inHand.slice(3)) delivery.ack();
    await eventually(() => broker.isReady());
    await broker.publish(queue, Buffer.from('d'), 'd');
    await eventually(() => inHand.length === 7);
    inHand[6]?.ack();
    await eventually(async () => assert.equal(await broker.depth(queue), 0));
    assert.equal(await broker.deadLetterDepth(queue.pool), 0);
  });

  it('reports a queue whose arguments are not ours, and keeps serving the others', async () => {
    const foreign = nextQueue();
    const queue = nextQueue();
    await node.withChannel((channel) => channel.assertQueue(ticketQueueName(foreign), { durable: true }));
    await using broker = await openRabbitMq({ url: node.url, log });
    await assert.rejects(broker.publish(foreign, Buffer.from('x'), 'x'), isPublishError('not-ready'));
    await broker.publish(queue, Buffer.from('x'), 'x');
    assert.equal(broker.isReady(), true);
    await node.deleteQueue(ticketQueueName(foreign));
    await broker.publish(foreign, Buffer.from('x'), 'x');
  });

  it('holds no more in flight than it is told, and confirms all the same', async () => {
    const queue = nextQueue();
    await using broker = await openRabbitMq({ url: node.url, log, maxInFlight: 3 });
    await Promise.all(
      Array.from({ length: 500 }, (_, index) => broker.publish(queue, Buffer.alloc(5_000), `${index}`)),
    );
    await eventually(async () => assert.equal(await broker.depth(queue), 500));
  });

  it('is not ready while RabbitMQ has a memory alarm, refuses at once, and goes on when it ends', async () => {
    const queue = nextQueue();
    await using broker = await openRabbitMq({ url: node.url, log });
    await broker.publish(queue, Buffer.from('before'), 'before');
    const seen: string[] = [];
    const held: Delivery[] = [];
    await broker.consume(queue, 1, (delivery) => {
      seen.push(delivery.body.toString());
      held.push(delivery);
    });
    await eventually(() => seen.length === 1);
    await node.ctl('set_vm_memory_high_watermark', '0.00001');
    try {
      // RabbitMQ tells a connection that it is blocked when that one publishes next.
      const first = broker.publish(queue, Buffer.from('first'), 'first');
      await eventually(() => !broker.isReady());
      await assert.rejects(broker.publish(queue, Buffer.from('second'), 'second'), isPublishError('not-ready'));
      held[0]?.ack(); // over the other connection, which is not blocked
      await node.ctl('set_vm_memory_high_watermark', '0.8');
      await first;
    } finally {
      await node.ctl('set_vm_memory_high_watermark', '0.8');
    }
    await eventually(() => broker.isReady());
    await eventually(() => seen.length === 2);
    assert.deepEqual(seen, ['before', 'first']);
  });

  it('fails publishes with `timeout` when RabbitMQ hangs, and works again when it wakes', async () => {
    const queue = nextQueue();
    await using broker = await openRabbitMq({ url: node.url, log, confirmTimeoutMs: 500 });
    await broker.publish(queue, Buffer.from('1'), '1');
    node.freeze();
    try {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 50 }, (_, index) => broker.publish(queue, Buffer.from('x'), `${index}`)),
      );
      for (const outcome of outcomes) {
        assert.equal(outcome.status, 'rejected');
        assert.equal((outcome.reason as PublishError).reason, 'timeout');
      }
      assert.equal(await broker.depth(queue), undefined);
    } finally {
      node.thaw();
    }
    await eventually(async () => {
      await broker.publish(queue, Buffer.from('2'), '2');
    });
  });

  it('rejects what is in flight when RabbitMQ stops, then works again and redelivers what was unanswered', async () => {
    const queue = nextQueue();
    await using broker = await openRabbitMq({ url: node.url, log });
    const confirmed = new Set<string>();
    const refused = new Map<string, string>();
    const seen = new Map<string, boolean[]>();
    let holding = true;
    const publishMany = async (prefix: string, count: number): Promise<void> => {
      const texts = Array.from({ length: count }, (_, index) => `${prefix} ${index}`);
      await Promise.all(
        texts.map((text) =>
          broker.publish(queue, Buffer.from(text), text).then(
            () => confirmed.add(text),
            (error: unknown) => refused.set(text, (error as PublishError).reason),
          ),
        ),
      );
    };
    await broker.consume(queue, 50, (delivery) => {
      const text = delivery.body.toString();
      seen.set(text, [...(seen.get(text) ?? []), delivery.redelivered]);
      if (!holding) delivery.ack();
    });
    await publishMany('before', 200);
    await eventually(() => seen.size === 50);
    const flow = publishUntilRefused(broker, queue, confirmed);
    await node.stop();
    assert.ok(['closed', 'not-ready'].includes(await flow));
    await eventually(() => !broker.isReady());
    await publishMany('away', 10);
    assert.deepEqual(new Set(refused.values()), new Set(['not-ready']));
    assert.equal(refused.size, 10);
    assert.equal(await broker.depth(queue), undefined);
    assert.equal(await broker.deadLetterDepth(queue.pool), undefined);

    // Long enough for the rests between attempts to have grown.
    const downSinceMs = performance.now();
    await eventually(() => performance.now() - downSinceMs > 5_000);
    holding = false; // the consumer may be connected again before the publisher is
    await node.restart();
    await eventually(() => broker.isReady(), { timeoutMs: 30_000 });
    await publishMany('after', 100);
    await eventually(() => [...confirmed].every((text) => seen.has(text)), { timeoutMs: 30_000 });
    await eventually(async () => assert.equal(await broker.depth(queue), 0));
    assert.equal([...confirmed].filter((text) => text.startsWith('after')).length, 100);
    const again = [...seen].filter(([, flags]) => flags.length > 1);
    assert.equal(again.length, 50);
    for (const [text, flags] of again) assert.deepEqual(flags, [false, true], text);
  });

  it('cures a queue that a crash has left dead', async () => {
    const broken = await startRabbitMq();
    try {
      await using broker = await openRabbitMq({ url: broken.url, log, confirmTimeoutMs: 2_000 });
      const seen = new Set<string>();
      // A crash right after the declaration; RabbitMQ 3.10 may lose the queue then, later versions keep it. Both must end well.
      const queue = nextQueue();
      await broker.consume(queue, 10, (delivery) => {
        seen.add(delivery.body.toString());
        delivery.ack();
      });
      await broker.publish(queue, Buffer.from('before'), 'before');
      await broken.kill();
      await broken.restart();
      await eventually(
        async () => {
          await broker.publish(queue, Buffer.from('after'), 'after');
          assert.ok(seen.has('after'));
        },
        { timeoutMs: 90_000 },
      );
    } finally {
      await broken[Symbol.asyncDispose]();
    }
  });
});

describe('opening RabbitMQ', () => {
  const open = (amqpUrl: string): Promise<Broker> => openBroker({ amqpUrl, log });
  const withoutPassword = (error: unknown, pattern: RegExp): true => {
    const { message } = error as Error;
    assert.match(message, pattern);
    assert.doesNotMatch(message, /secret/);
    return true;
  };

  it('names host and port, and says what to do, when nobody is there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await once(server.close(), 'close');
    await assert.rejects(
      openRabbitMq({ url: `amqp://almanac:secret@127.0.0.1:${port}`, log, connectTimeoutMs: 300 }),
      (error) =>
        withoutPassword(error, new RegExp(`RabbitMQ at 127\\.0\\.0\\.1:${port} could not .*ECONNREFUSED.*AMQP_URL`)),
    );
  });

  it('gives up on a server that accepts and says nothing', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await assert.rejects(
      openRabbitMq({ url: `amqp://almanac:secret@127.0.0.1:${port}`, log, connectTimeoutMs: 300 }),
      (error) => withoutPassword(error, /could not be reached within 0\.3 s/),
    );
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('does not try again when the password is wrong', async function () {
    this.timeout(60_000);
    await using node = await startRabbitMq();
    const url = node.url.replace('guest:guest', 'guest:secret');
    await assert.rejects(openRabbitMq({ url, log, connectTimeoutMs: 3_600_000 }), (error) =>
      withoutPassword(error, /refused the user name, the password or the virtual host/),
    );
  });

  for (const url of ['http://almanac:secret@host', 'amqp:secret', 'secret', 'amqp://']) {
    it(`refuses ${JSON.stringify(url.replaceAll('secret', '…'))} with a sentence`, async () => {
      await assert.rejects(open(url), (error) => withoutPassword(error, /not the URL of a RabbitMQ broker/));
    });
  }
});

function isPublishError(reason: PublishError['reason']): (error: unknown) => boolean {
  return (error) => error instanceof PublishError && error.reason === reason;
}

/** Keeps publishing one after another; resolves with the reason of the first refusal. */
async function publishUntilRefused(broker: Broker, queue: QueueName, confirmed: Set<string>): Promise<string> {
  for (let index = 0; ; index++) {
    const text = `during ${index}`;
    try {
      await broker.publish(queue, Buffer.from(text), text);
      confirmed.add(text);
    } catch (error) {
      return (error as PublishError).reason;
    }
  }
}
