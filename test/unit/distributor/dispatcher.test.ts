import assert from 'node:assert/strict';

import { type Broker, type Delivery, PublishError } from '../../../broker/broker.ts';
import { openEmbeddedBroker } from '../../../broker/embedded.ts';
import { decodeTicket, type Ticket } from '../../../broker/message.ts';
import type { ClaimedOccurrence, ClaimStore } from '../../../db/claim-store.ts';
import { Dispatcher } from '../../../distributor/dispatcher.ts';
import { createLogger } from '../../../runtime/logger.ts';
import { createMetrics } from '../../../runtime/metrics.ts';
import { eventually } from '../../support/eventually.ts';

const CONFIG = { bundleWorkMs: 50, bundleSize: 100, coalesceMs: 0, verifyAfterMs: 30_000 };

describe('Dispatcher', () => {
  let broker: Broker;
  let tickets: Ticket[];
  let calls: { published: string[]; forgotten: string[]; released: { keys: number[]; afterMs: number | null }[] };
  let nowMs: number;

  beforeEach(async () => {
    broker = openEmbeddedBroker();
    tickets = [];
    calls = { published: [], forgotten: [], released: [] };
    nowMs = 1_000_000;
    for (const priority of ['high', 'normal', 'low'] as const) {
      await broker.consume({ pool: 'default', priority }, 1_000, (delivery: Delivery) => {
        const decoded = decodeTicket(delivery.body);
        if (decoded.kind === 'ticket') tickets.push(decoded.ticket);
        delivery.ack();
      });
    }
  });
  afterEach(() => broker[Symbol.asyncDispose]());

  /** What the dispatcher tells the database, kept here. */
  const claims: Pick<ClaimStore, 'release' | 'markPublished' | 'forget'> = {
    release: (released, afterMs) => {
      if (released.length > 0) calls.released.push({ keys: released.map(({ scheduledMs }) => scheduledMs), afterMs });
      return Promise.resolve(released.length);
    },
    markPublished: (claimIds) => Promise.resolve(void calls.published.push(...claimIds)),
    forget: (claimIds) => Promise.resolve(void calls.forgotten.push(...claimIds)),
  };

  function createDispatcher(over: Partial<Broker> = {}): Dispatcher {
    const facts = {
      averageMsByType: new Map([
        ['short', 1],
        ['long', 900],
      ]),
      slotsByPool: new Map([['default', 1]]),
    };
    return new Dispatcher(
      {
        broker: { ...broker, ...over },
        claims: claims as ClaimStore,
        clock: { nowMs: () => nowMs, synchronise: () => Promise.resolve() },
        facts: () => facts,
        log: createLogger('test', 'silent'),
        metrics: createMetrics({ processMetrics: false }),
      },
      CONFIG,
    );
  }
  const claimed = (scheduledMs: number, options: Partial<ClaimedOccurrence> = {}): ClaimedOccurrence => ({
    taskId: '7',
    scheduledMs,
    dueMs: nowMs,
    claimId: '1',
    pool: 'default',
    priority: 'normal',
    taskType: 'short',
    ...options,
  });

  it('lets short occurrences of one claim and queue share a ticket, and long or unknown ones travel alone', async () => {
    const dispatcher = createDispatcher();
    dispatcher.add([
      claimed(1),
      claimed(2),
      claimed(3, { taskType: 'long' }),
      claimed(4, { taskType: 'unheard-of' }),
      claimed(5, { claimId: '2' }),
      claimed(6, { priority: 'high' }),
    ]);
    await eventually(() => tickets.length === 5);
    const contents = tickets.map(
      (ticket) => `${ticket.claimId}: ${ticket.occurrences.map((key) => key.scheduledMs).join()}`,
    );
    assert.deepEqual(contents.sort(), ['1: 1,2', '1: 3', '1: 4', '1: 6', '2: 5']);
    await dispatcher.drain();
    assert.deepEqual(calls.published.sort(), ['1', '2']);
    assert.equal(dispatcher.size, 0);
  });

  it('publishes nothing before its instant, and gives it back untried when it is stopped before', async () => {
    const dispatcher = createDispatcher();
    dispatcher.add([claimed(1, { dueMs: nowMs + 3_600_000 })]);
    assert.equal(dispatcher.size, 1);
    await dispatcher.drain();
    assert.deepEqual(tickets, []);
    assert.deepEqual(calls, { published: [], forgotten: ['1'], released: [{ keys: [1], afterMs: null }] });
    assert.equal(dispatcher.size, 0);
  });

  it('gives back what the broker refuses, to be due a little later, and forgets a claim of which nothing was published', async () => {
    const refused = (queue: { priority: string }) => queue.priority === 'low';
    const dispatcher = createDispatcher({
      publish: (queue, body, id) =>
        refused(queue) ? Promise.reject(new PublishError('returned')) : broker.publish(queue, body, id),
    });
    dispatcher.add([claimed(1), claimed(2, { priority: 'low' }), claimed(3, { claimId: '2', priority: 'low' })]);
    await eventually(() => calls.released.flatMap(({ keys }) => keys).length === 2);
    await dispatcher.drain();
    assert.deepEqual(calls.published, ['1']);
    assert.deepEqual(calls.forgotten, ['2']);
    assert.ok(calls.released.every(({ afterMs }) => afterMs !== null && afterMs > 0));
  });

  it('waits at its end for the broker to answer what is under way', async () => {
    let answer: (() => void) | undefined;
    const dispatcher = createDispatcher({
      publish: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    dispatcher.add([claimed(1)]);
    await eventually(() => answer !== undefined);
    let drained = false;
    const draining = dispatcher.drain().then(() => {
      drained = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(drained, false);
    answer?.();
    await draining;
    assert.deepEqual(calls.published, ['1']);
  });
});
