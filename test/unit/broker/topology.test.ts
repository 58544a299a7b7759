import assert from 'node:assert/strict';

import { deadLetterRoute, ticketRoute } from '../../../broker/topology.ts';

describe('the queues of a pool', () => {
  const normal = ticketRoute({ pool: 'lab', priority: 'normal' });

  it('are named after pool, priority class and version', () => {
    assert.equal(normal.queue, 'almanac.lab.normal.v1');
    assert.equal(deadLetterRoute('lab').queue, 'almanac.lab.dead-letters.v1');
    assert.equal(normal.exchange, 'almanac.tickets');
    assert.equal(deadLetterRoute('lab').exchange, 'almanac.dead-letters');
  });

  it('dead-letter at least once, which needs three arguments together', () => {
    assert.equal(normal.arguments['x-dead-letter-exchange'], deadLetterRoute('lab').exchange);
    assert.equal(normal.arguments['x-dead-letter-routing-key'], normal.deadLetters?.queue);
    assert.equal(normal.arguments['x-dead-letter-strategy'], 'at-least-once');
    assert.equal(normal.arguments['x-overflow'], 'reject-publish');
  });

  it('are quorum queues with a delivery limit that is said, not left to the version of the broker', () => {
    for (const route of [normal, deadLetterRoute('lab')]) {
      assert.equal(route.arguments['x-queue-type'], 'quorum');
      assert.ok(Number(route.arguments['x-delivery-limit']) > 0);
    }
  });

  it('keep dead letters for 14 days and not without end', () => {
    assert.equal(deadLetterRoute('lab').arguments['x-message-ttl'], 14 * 24 * 3_600_000);
    assert.equal(deadLetterRoute('lab').arguments['x-max-length'], 10_000);
    assert.equal(deadLetterRoute('lab').deadLetters, undefined);
  });
});
