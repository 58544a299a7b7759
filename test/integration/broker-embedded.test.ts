import assert from 'node:assert/strict';

import { PublishError } from '../../broker/broker.ts';
import { openEmbeddedBroker } from '../../broker/embedded.ts';
import { openBroker } from '../../broker/open.ts';
import { createLogger } from '../../runtime/logger.ts';
import { eventually } from '../support/eventually.ts';
import { describeBroker } from './broker-conformance.ts';

describeBroker('the embedded broker', () => openBroker({ amqpUrl: undefined, log: createLogger('test', 'silent') }));

describe('the embedded broker', () => {
  const queue = { pool: 'lab', priority: 'normal' } as const;

  it('shows its dead letters with their causes', async () => {
    await using broker = openEmbeddedBroker();
    await broker.publish(queue, Buffer.from('not a ticket'), 'm1');
    await broker.consume(queue, 1, (delivery) => delivery.reject());
    await eventually(() => broker.deadLetters('lab').length === 1);
    await broker.publishDeadLetter('lab', { messageId: 'm2', cause: 'Out of attempts.', body: Buffer.from('{}') });
    assert.deepEqual(broker.deadLetters('lab'), [
      { messageId: 'm1', cause: 'rejected', body: Buffer.from('not a ticket') },
      { messageId: 'm2', cause: 'Out of attempts.', body: Buffer.from('{}') },
    ]);
  });

  it('keeps the newest 1,000 dead letters of a pool', async () => {
    await using broker = openEmbeddedBroker();
    for (let index = 0; index < 1_001; index++) {
      await broker.publishDeadLetter('lab', { messageId: `${index}`, cause: 'x', body: Buffer.alloc(0) });
    }
    assert.equal(await broker.deadLetterDepth('lab'), 1_000);
    assert.equal(broker.deadLetters('lab')[0]?.messageId, '1');
  });

  it('refuses messages when half a million wait in a queue, and takes them again when some have gone', async () => {
    await using broker = openEmbeddedBroker();
    const body = Buffer.from('x');
    for (let index = 0; index < 500_000; index++) void broker.publish(queue, body, 'id');
    await assert.rejects(
      broker.publish(queue, body, 'id'),
      (error) => error instanceof PublishError && error.reason === 'nacked',
    );
    const consumer = await broker.consume(queue, 1, () => undefined);
    await eventually(async () => assert.equal(await broker.depth(queue), 499_999));
    await broker.publish(queue, body, 'id');
    await consumer.cancel();
  });
});
