import assert from 'node:assert/strict';

import { createQueueScaler, HPA_DEFAULTS, type QueueScalerSettings } from '../../../core/queue-scaler.ts';

const SETTINGS = { ...HPA_DEFAULTS, messagesPerReplica: 10, minReplicas: 1, maxReplicas: 100 };

/** What it wants at each turn of 15 s, with that many messages then. */
function turns(messages: readonly number[], settings: Partial<QueueScalerSettings> = {}, initial = 1): number[] {
  const scale = createQueueScaler({ ...SETTINGS, ...settings }, initial);
  return messages.map((count, turn) => scale(turn * 15_000, count));
}

describe('an autoscaler on the length of a queue', () => {
  it('goes up by double or by four in each period, up to what the queue asks for and the limit', () => {
    assert.deepEqual(turns(Array.from({ length: 7 }, () => 570)), [5, 10, 20, 40, 57, 57, 57]);
    assert.deepEqual(turns([570, 570, 570, 570], { maxReplicas: 12 }), [5, 10, 12, 12]);
    assert.deepEqual(turns([570, 570], { scaleUpPercent: 10_000 }), [57, 57]);
  });

  it('stays where it is while the ratio is within its tolerance', () => {
    assert.deepEqual(turns([109, 105, 91, 111], {}, 10), [10, 10, 10, 12]);
  });

  it('goes down to the most that it found right within five minutes', () => {
    const down = turns([...Array.from({ length: 3 }, () => 100), ...Array.from({ length: 25 }, () => 15)], {}, 10);
    assert.deepEqual(
      down.slice(0, 22),
      Array.from({ length: 22 }, () => 10),
    );
    assert.deepEqual(
      down.slice(22),
      Array.from({ length: 6 }, () => 2),
    );
    assert.deepEqual(turns([100, 15, 15], { stabilisationMs: 0 }, 10), [10, 2, 2]);
    assert.deepEqual(turns([100, 0, 0], { stabilisationMs: 0, minReplicas: 3 }, 10), [10, 3, 3]);
  });

  it('looks each 15 s only', () => {
    const scale = createQueueScaler(SETTINGS, 1);
    assert.deepEqual(
      [1_000, 14_000, 15_000, 16_000].map((nowMs) => scale(nowMs, 40)),
      [1, 1, 4, 4],
    );
  });

  it('goes to none when nothing came for five minutes, and looks every 30 s whether something has', () => {
    const messages = [10, ...Array.from({ length: 21 }, () => 0), 5, 5, 5];
    const wanted = turns(messages, { minReplicas: 0 });
    assert.deepEqual(wanted.slice(18), [1, 1, 0, 0, 1, 1, 1]); // the turn after 5 minutes; then one of two
    assert.deepEqual(turns([0, 5, 5], { minReplicas: 0 }, 0), [0, 0, 1]);
  });
});
