import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { type Broker, type Delivery, PublishError, type QueueName } from '../../broker/broker.ts';
import { DELIVERY_LIMIT } from '../../broker/topology.ts';
import { eventually } from '../support/eventually.ts';

/** What every broker must do, run against each of them. `open` gives a connected broker; every test has queues of its own. */
export function describeBroker(name: string, open: () => Promise<Broker>): void {
  describe(`${name}, as a broker`, () => {
    let broker: Broker;
    let queue: QueueName;

    beforeEach(async () => {
      broker = await open();
      queue = { pool: `test-${randomUUID()}`, priority: 'normal' };
    });
    afterEach(async () => {
      await broker[Symbol.asyncDispose]();
    });

    const publishTexts = async (texts: readonly string[]): Promise<void> => {
      await Promise.all(texts.map((text) => broker.publish(queue, Buffer.from(text), text)));
    };

    it('delivers each confirmed message once, in the order of the publishes', async () => {
      const texts = Array.from({ length: 100 }, (_, index) => `message ${index}`);
      await publishTexts(texts);
      const seen: string[] = [];
      await broker.consume(queue, 10, (delivery) => {
        assert.equal(delivery.redelivered, false);
        seen.push(delivery.body.toString());
        delivery.ack();
      });
      await eventually(() => seen.length >= texts.length);
      assert.deepEqual(seen, texts);
      await eventually(async () => assert.equal(await broker.depth(queue), 0));
    });

    it('delivers what is published after the consumer came, in every priority class apart', async () => {
      const seen: string[] = [];
      for (const priority of ['high', 'normal', 'low'] as const) {
        await broker.consume({ ...queue, priority }, 10, (delivery) => {
          seen.push(`${priority} ${delivery.body.toString()}`);
          delivery.ack();
        });
      }
      await broker.publish({ ...queue, priority: 'low' }, Buffer.from('a'), 'a');
      await broker.publish({ ...queue, priority: 'high' }, Buffer.from('b'), 'b');
      await broker.publish({ ...queue, priority: 'normal' }, Buffer.from('c'), 'c');
      await eventually(() => seen.length === 3);
      assert.deepEqual(seen.sort(), ['high b', 'low a', 'normal c']);
    });

    it('carries any bytes, and none', async () => {
      const bodies = [Buffer.alloc(0), Buffer.from([0, 255, 10, 13]), Buffer.alloc(300_000, 7)];
      await Promise.all(bodies.map((body, index) => broker.publish(queue, body, `bytes-${index}`)));
      const seen: Buffer[] = [];
      await broker.consume(queue, 10, (delivery) => {
        seen.push(Buffer.from(delivery.body));
        delivery.ack();
      });
      await eventually(() => seen.length === bodies.length);
      assert.deepEqual(seen, bodies);
    });

    it('keeps at most `prefetch` messages unanswered at a consumer', async () => {
      await publishTexts(Array.from({ length: 50 }, (_, index) => `${index}`));
      const inHand: Delivery[] = [];
      let most = 0;
      let answered = 0;
      await broker.consume(queue, 7, (delivery) => {
        inHand.push(delivery);
        most = Math.max(most, inHand.length);
      });
      while (answered < 50) {
        const expected = Math.min(7, 50 - answered);
        await eventually(() => inHand.length === expected);
        assert.equal(await broker.depth(queue), 50 - answered - expected);
        inHand.shift()?.ack();
        answered += 1;
      }
      assert.equal(most, 7);
    });

    it('shares messages between consumers, each in one hand', async () => {
      const counts = [0, 0];
      const seen = new Set<string>();
      const held: Delivery[] = [];
      for (const index of [0, 1]) {
        await broker.consume(queue, 20, (delivery) => {
          counts[index] = (counts[index] ?? 0) + 1;
          seen.add(delivery.body.toString());
          held.push(delivery);
        });
      }
      await publishTexts(Array.from({ length: 40 }, (_, index) => `${index}`));
      await eventually(() => held.length === 40);
      assert.deepEqual(counts, [20, 20]);
      assert.equal(seen.size, 40);
    });

    it('delivers a requeued message again, and says so', async () => {
      await publishTexts(['again']);
      const redelivered: boolean[] = [];
      await broker.consume(queue, 1, (delivery) => {
        redelivered.push(delivery.redelivered);
        if (delivery.redelivered) delivery.ack();
        else delivery.requeue();
      });
      await eventually(() => redelivered.length === 2);
      assert.deepEqual(redelivered, [false, true]);
      await eventually(async () => assert.equal(await broker.depth(queue), 0));
      assert.equal(await broker.deadLetterDepth(queue.pool), 0);
    });

    it('moves a rejected message to the dead letters of its pool', async () => {
      await publishTexts(['good', 'bad']);
      let answered = 0;
      await broker.consume(queue, 10, (delivery) => {
        if (delivery.body.toString() === 'bad') delivery.reject();
        else delivery.ack();
        answered += 1;
      });
      await eventually(() => answered === 2);
      await eventually(async () => assert.equal(await broker.deadLetterDepth(queue.pool), 1));
      assert.equal(await broker.depth(queue), 0);
      assert.equal(await broker.deadLetterDepth(`other-${randomUUID()}`), 0);
    });

    it('dead-letters a message that comes back without end', async () => {
      await publishTexts(['restless']);
      let deliveries = 0;
      await broker.consume(queue, 1, (delivery) => {
        deliveries += 1;
        delivery.requeue();
      });
      await eventually(async () => assert.equal(await broker.deadLetterDepth(queue.pool), 1));
      assert.equal(deliveries, DELIVERY_LIMIT + 1);
    });

    it('takes dead letters of its own', async () => {
      const messageId = randomUUID();
      await broker.publishDeadLetter(queue.pool, {
        messageId,
        cause: `It failed for ever. ${'x'.repeat(100_000)}`,
        body: Buffer.from('{}'),
      });
      await eventually(async () => assert.equal(await broker.deadLetterDepth(queue.pool), 1));
      assert.equal(await broker.depth(queue), 0);
    });

    it('ignores a second answer', async () => {
      await publishTexts(['one', 'two']);
      const seen: string[] = [];
      await broker.consume(queue, 1, (delivery) => {
        seen.push(delivery.body.toString());
        delivery.ack();
        delivery.requeue();
        delivery.reject();
        delivery.ack();
      });
      await eventually(() => seen.length === 2);
      await eventually(async () => assert.equal(await broker.depth(queue), 0));
      assert.equal(await broker.deadLetterDepth(queue.pool), 0);
      assert.deepEqual(seen, ['one', 'two']);
    });

    it('counts what is ready, not what is in the hands of a consumer; a queue nobody used is empty', async () => {
      assert.equal(await broker.depth(queue), 0);
      assert.equal(await broker.deadLetterDepth(queue.pool), 0);
      await publishTexts(Array.from({ length: 10 }, (_, index) => `${index}`));
      await eventually(async () => assert.equal(await broker.depth(queue), 10));
      const inHand: Delivery[] = [];
      await broker.consume(queue, 4, (delivery) => void inHand.push(delivery));
      await eventually(() => inHand.length === 4);
      await eventually(async () => assert.equal(await broker.depth(queue), 6));
    });

    it('delivers nothing after `cancel`, and still takes answers', async () => {
      await publishTexts(['1', '2', '3']);
      const inHand: Delivery[] = [];
      const consumer = await broker.consume(queue, 2, (delivery) => void inHand.push(delivery));
      await eventually(() => inHand.length === 2);
      await consumer.cancel();
      inHand[0]?.ack();
      inHand[1]?.requeue();
      await eventually(async () => assert.equal(await broker.depth(queue), 2));
      await publishTexts(['4']);
      assert.equal(inHand.length, 2);
      const rest: string[] = [];
      await broker.consume(queue, 10, (delivery) => {
        rest.push(delivery.body.toString());
        delivery.ack();
      });
      await eventually(() => rest.length === 3);
      assert.deepEqual(rest.sort(), ['2', '3', '4']);
      assert.equal(inHand.length, 2);
    });

    it('gives unanswered messages of a disposed consumer to another one', async () => {
      await publishTexts(['1', '2', '3']);
      const inHand: Delivery[] = [];
      const first = await broker.consume(queue, 10, (delivery) => void inHand.push(delivery));
      await eventually(() => inHand.length === 3);
      inHand[1]?.ack();
      await first[Symbol.asyncDispose]();
      inHand[0]?.ack(); // too late: it is not ours any more
      const seen: string[] = [];
      await broker.consume(queue, 10, (delivery) => {
        seen.push(`${delivery.body.toString()} ${delivery.redelivered}`);
        delivery.ack();
      });
      await eventually(() => seen.length === 2);
      assert.deepEqual(seen.sort(), ['1 true', '3 true']);
    });

    it('is never re-entered: a publish from inside a delivery is delivered later', async () => {
      let depth = 0;
      let deepest = 0;
      let seen = 0;
      await broker.consume(queue, 100, (delivery) => {
        depth += 1;
        deepest = Math.max(deepest, depth);
        seen += 1;
        if (seen <= 20) void broker.publish(queue, Buffer.from('next'), randomUUID());
        delivery.ack();
        depth -= 1;
      });
      await publishTexts(['first']);
      await eventually(() => seen === 21);
      assert.equal(deepest, 1);
    });

    it('loses none of 5,000 messages and delivers none twice, whatever the answers', async () => {
      const total = 5_000;
      const done = new Map<string, number>();
      let requeued = 0;
      for (let consumer = 0; consumer < 3; consumer++) {
        await broker.consume(queue, 200, (delivery) => {
          const text = delivery.body.toString();
          if (Number(text) % 97 === 0 && !delivery.redelivered) {
            requeued += 1;
            delivery.requeue();
            return;
          }
          const finish = (): void => {
            done.set(text, (done.get(text) ?? 0) + 1);
            delivery.ack();
          };
          if (Number(text) % 5 === 0) setTimeout(finish, Number(text) % 20);
          else finish();
        });
      }
      await publishTexts(Array.from({ length: total }, (_, index) => `${index}`));
      await eventually(() => done.size === total);
      assert.deepEqual(
        [...done].filter(([, times]) => times !== 1),
        [],
      );
      assert.equal(requeued, Math.ceil(total / 97));
      await eventually(async () => assert.equal(await broker.depth(queue), 0));
      assert.equal(await broker.deadLetterDepth(queue.pool), 0);
    });

    it('is ready until it is disposed, says so, and then refuses', async () => {
      let changes = 0;
      const end = broker.onStateChange(() => {
        changes += 1;
      });
      assert.equal(broker.isReady(), true);
      await broker[Symbol.asyncDispose]();
      assert.equal(broker.isReady(), false);
      assert.ok(changes > 0);
      end();
      await assert.rejects(
        broker.publish(queue, Buffer.from('late'), 'late'),
        (error) => error instanceof PublishError && error.reason === 'closed',
      );
      await assert.rejects(
        broker.publishDeadLetter(queue.pool, { messageId: 'late', cause: 'late', body: Buffer.from('') }),
        PublishError,
      );
      assert.equal(await broker.depth(queue), undefined);
      assert.equal(await broker.deadLetterDepth(queue.pool), undefined);
      await broker[Symbol.asyncDispose](); // a second time is harmless
    });

    it('lets every publish settle that was called before it is disposed', async () => {
      const settled = Promise.allSettled(
        Array.from({ length: 200 }, (_, index) => broker.publish(queue, Buffer.from('x'), `${index}`)),
      );
      await broker[Symbol.asyncDispose]();
      assert.deepEqual([...new Set((await settled).map((result) => result.status))], ['fulfilled']);
    });
  });
}
