import assert from 'node:assert/strict';

import { type EmbeddedBroker, openEmbeddedBroker } from '../../../broker/embedded.ts';
import { encodeTicket } from '../../../broker/message.ts';
import { type HeldTicket, Intake, type IntakeConfig } from '../../../processor/intake.ts';
import { eventually } from '../../support/eventually.ts';

const CONFIG: IntakeConfig = { pool: 'default', prefetch: 10, batchWorkMs: 50, batchSize: 4, patienceMs: 20 };

describe('Intake', () => {
  let broker: EmbeddedBroker;
  let intake: Intake;
  let unreadable: string[];

  beforeEach(() => {
    broker = openEmbeddedBroker();
    unreadable = [];
    intake = createIntake();
  });
  afterEach(async () => {
    await intake.close();
    await broker[Symbol.asyncDispose]();
  });

  function createIntake(config: Partial<IntakeConfig> = {}): Intake {
    const deps = {
      broker,
      onUnreadable: (cause: string) => unreadable.push(cause),
      onError: (error: unknown) => assert.fail(String(error)),
    };
    return new Intake(deps, { ...CONFIG, ...config });
  }
  async function publish(
    claimId: number,
    workMs: number,
    priority: 'high' | 'normal' | 'low' = 'normal',
  ): Promise<void> {
    const body = encodeTicket({
      claimId: String(claimId),
      workMs,
      occurrences: [{ taskId: '7', scheduledMs: claimId }],
    });
    await broker.publish({ pool: 'default', priority }, body, String(claimId));
  }
  const depth = (): Promise<number | undefined> => broker.depth({ pool: 'default', priority: 'normal' });
  const claims = (batch: readonly HeldTicket[]): string[] => batch.map(({ ticket }) => ticket.claimId);
  const ack = (batch: readonly HeldTicket[]): void => batch.forEach(({ delivery }) => delivery.ack());

  it('takes nothing from the broker while no slot is free', async () => {
    await publish(1, 1);
    assert.equal(await depth(), 1);
    const batch = await intake.take();
    assert.deepEqual(claims(batch), ['1']);
    ack(batch);
  });

  it('gives a slot several short tickets up to its measure, and those of high priority first', async () => {
    const waiting = intake.take();
    await publish(1, 10);
    ack(await waiting);
    await publish(2, 20);
    await publish(3, 20);
    await publish(4, 20);
    await publish(5, 10, 'high');
    await eventually(async () => (await depth()) === 0);
    const first = await intake.take();
    assert.deepEqual(claims(first), ['5', '2', '3']);
    const second = await intake.take();
    assert.deepEqual(claims(second), ['4']);
    ack([...first, ...second]);
  });

  it('gives back what waits behind a long run, for others to take', async () => {
    const waiting = intake.take();
    await publish(1, 60_000);
    const long = await waiting;
    ack(long);
    await publish(2, 60_000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await depth(), 1);
    const other = createIntake();
    const taken = await other.take();
    assert.deepEqual(claims(taken), ['2']);
    ack(taken);
    await other.close();
  });

  it('loses patience with tickets that were thought short, and gives them back', async () => {
    const waiting = intake.take();
    await publish(1, 1);
    ack(await waiting);
    await publish(2, 1);
    await eventually(async () => (await depth()) === 0);
    await eventually(async () => (await depth()) === 1); // the slot did not come back in time
    const again = await intake.take();
    assert.deepEqual(claims(again), ['2']);
    assert.equal(again[0]?.delivery.redelivered, true);
    ack(again);
  });

  it('sends what it can not read to the dead-letter queue, and goes on waiting', async () => {
    const waiting = intake.take();
    await broker.publish({ pool: 'default', priority: 'normal' }, Buffer.from('?'), 'x');
    await publish(1, 1);
    ack(await waiting);
    assert.deepEqual(unreadable, ['the message is not JSON']);
    assert.deepEqual(
      broker.deadLetters('default').map(({ messageId }) => messageId),
      ['x'],
    );
  });

  it('hands out nothing once it is closed, and gives back what it held', async () => {
    const waiting = intake.take();
    await publish(1, 1);
    ack(await waiting);
    await publish(2, 1);
    await eventually(async () => (await depth()) === 0);
    await intake.close();
    assert.equal(await depth(), 1);
    assert.deepEqual(await intake.take(), []);
  });

  it('lets a slot that waits go when it is closed', async () => {
    const waiting = intake.take();
    await intake.close();
    assert.deepEqual(await waiting, []);
  });

  it('serves several slots at once, one long run each', async () => {
    const waiting = [intake.take(), intake.take(), intake.take()];
    for (const claimId of [1, 2, 3]) await publish(claimId, 60_000);
    const batches = await Promise.all(waiting);
    assert.deepEqual(batches.flatMap(claims).sort(), ['1', '2', '3']);
    batches.forEach(ack);
  });
});
