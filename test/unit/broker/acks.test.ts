import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';

import fc from 'fast-check';

import { AckWindow, type AnswerPort } from '../../../broker/acks.ts';

/** RabbitMQ's own rule book for one channel: an answer for a tag that is not outstanding closes the channel. */
class ChannelModel implements AnswerPort {
  readonly outstanding = new Set<number>();
  readonly acked = new Set<number>();
  readonly rejected = new Map<number, boolean>();
  frames = 0;

  ack(deliveryTag: number, multiple: boolean): void {
    assert.ok(this.outstanding.has(deliveryTag), `tag ${deliveryTag} is not outstanding`);
    this.frames += 1;
    const tags = multiple ? [...this.outstanding].filter((tag) => tag <= deliveryTag) : [deliveryTag];
    for (const tag of tags) {
      this.outstanding.delete(tag);
      this.acked.add(tag);
    }
  }

  reject(deliveryTag: number, requeue: boolean): void {
    assert.ok(this.outstanding.delete(deliveryTag), `tag ${deliveryTag} is not outstanding`);
    this.frames += 1;
    this.rejected.set(deliveryTag, requeue);
  }
}

function createWindow(): { model: ChannelModel; window: AckWindow; deliver: (count: number) => void } {
  const model = new ChannelModel();
  const window = new AckWindow(model, () => undefined);
  let last = 0;
  const deliver = (count: number): void => {
    for (let index = 0; index < count; index++) {
      last += 1;
      model.outstanding.add(last);
      window.delivered(last);
    }
  };
  return { model, window, deliver };
}

describe('AckWindow', () => {
  it('acknowledges a row of deliveries with one frame', async () => {
    const { model, window, deliver } = createWindow();
    deliver(50);
    for (let tag = 50; tag >= 1; tag--) window.ack(tag);
    assert.equal(model.frames, 0);
    await turn();
    assert.equal(model.frames, 1);
    assert.equal(model.acked.size, 50);
    assert.equal(window.isIdle, true);
  });

  it('does not hold back acknowledgements behind a slow message', async () => {
    const { model, window, deliver } = createWindow();
    deliver(10);
    for (const tag of [1, 2, 4, 5, 9]) window.ack(tag);
    await turn();
    assert.deepEqual([...model.acked].sort(), [1, 2, 4, 5, 9]);
    assert.deepEqual([...model.outstanding], [3, 6, 7, 8, 10]);
    assert.equal(window.isIdle, false);
  });

  it('never ends a row on a tag that was rejected', async () => {
    const { model, window, deliver } = createWindow();
    deliver(3);
    window.ack(1);
    window.ack(2);
    window.reject(3, false);
    await turn();
    assert.deepEqual([...model.acked], [1, 2]);
    assert.deepEqual([...model.rejected], [[3, false]]);
  });

  it('sends nothing after its channel is gone', async () => {
    const { model, window, deliver } = createWindow();
    deliver(3);
    window.ack(1);
    window.close();
    window.ack(2);
    window.reject(3, true);
    await turn();
    assert.equal(model.frames, 0);
  });

  it('falls silent when the channel refuses an answer, since its messages come again', async () => {
    let calls = 0;
    const refuse = (): never => {
      calls += 1;
      throw new Error('Channel closed');
    };
    const window = new AckWindow({ ack: refuse, reject: refuse }, () => undefined);
    for (const tag of [1, 2, 3]) window.delivered(tag);
    window.reject(1, true);
    window.ack(2);
    window.reject(3, true);
    await turn();
    assert.equal(calls, 1);
  });

  it('answers each delivery exactly as told, in whatever order the answers come', () => {
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 8 }) }),
      },
      {
        weight: 10,
        arbitrary: fc.record({
          kind: fc.constantFrom('ack' as const, 'ack' as const, 'ack' as const, 'reject' as const, 'requeue' as const),
          tag: fc.integer({ min: 1, max: 60 }),
        }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { model, window, deliver } = createWindow();
        const answers = new Map<number, string>();
        let delivered = 0;
        for (const action of steps) {
          if (action.kind === 'deliver') {
            deliver(action.count);
            delivered += action.count;
          } else if (action.kind === 'flush') {
            window.flush();
          } else {
            if (action.kind === 'ack') window.ack(action.tag);
            else window.reject(action.tag, action.kind === 'requeue');
            if (action.tag <= delivered && !answers.has(action.tag)) answers.set(action.tag, action.kind);
          }
        }
        window.flush();
        for (let tag = 1; tag <= delivered; tag++) {
          const answer = answers.get(tag);
          assert.equal(model.acked.has(tag), answer === 'ack', `ack of ${tag}`);
          assert.equal(model.rejected.get(tag), answer === 'ack' ? undefined : requeueOf(answer), `reject of ${tag}`);
          assert.equal(model.outstanding.has(tag), answer === undefined, `${tag} outstanding`);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function requeueOf(answer: string | undefined): boolean | undefined {
  return answer === undefined ? undefined : answer === 'requeue';
}
