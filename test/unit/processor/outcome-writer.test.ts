import assert from 'node:assert/strict';

import type { AttemptStore, FinishedAttempt } from '../../../db/attempt-store.ts';
import { OutcomeWriter } from '../../../processor/outcome-writer.ts';
import { createLogger } from '../../../runtime/logger.ts';
import { eventually } from '../../support/eventually.ts';

const outcome = (attempt: number): FinishedAttempt => ({
  taskId: '7',
  scheduledMs: 0,
  attempt,
  nextStatus: 'Completed',
  delayMs: null,
  reason: null,
  outcome: 'succeeded',
  error: null,
  result: null,
  elapsedMs: 1,
  cpuMs: null,
  peakMemoryBytes: null,
  counts: true,
  logs: [],
  notifications: [],
});

describe('OutcomeWriter', () => {
  let batches: { attempts: number[]; answer: (recorded: boolean[]) => void; fail: (error: Error) => void }[];
  let written: [number, boolean][];

  const attempts: Pick<AttemptStore, 'finish'> = {
    finish: (batch) =>
      new Promise((resolve, reject) => {
        batches.push({ attempts: batch.map(({ attempt }) => attempt), answer: resolve, fail: reject });
      }),
  };
  function createWriter(
    config: { batchSize?: number; concurrency?: number } = {},
    store: Pick<AttemptStore, 'finish'> = attempts,
  ): OutcomeWriter {
    return new OutcomeWriter(
      {
        attempts: store as AttemptStore,
        log: createLogger('test', 'silent'),
        onWritten: (attempt, recorded) => written.push([attempt.attempt, recorded]),
      },
      { processorId: '1', processorName: 'p', batchSize: 3, coalesceMs: 0, concurrency: 1, ...config },
    );
  }
  const batch = (number: number) => eventually(() => batches[number] ?? false);

  beforeEach(() => {
    batches = [];
    written = [];
  });

  it('writes in batches, and says of each outcome whether it was recorded or refused', async () => {
    const writer = createWriter();
    for (const attempt of [1, 2, 3, 4]) writer.add(outcome(attempt));
    const flushed = writer.flushed();
    (await batch(0)).answer([true, false, true]);
    (await batch(1)).answer([true]);
    await flushed;
    assert.deepEqual(
      batches.map((one) => one.attempts),
      [[1, 2, 3], [4]],
    );
    assert.deepEqual(written, [
      [1, true],
      [2, false],
      [3, true],
      [4, true],
    ]);
    await writer.flushed();
  });

  it('writes again what failed, and nothing else meanwhile', async () => {
    const writer = createWriter();
    writer.add(outcome(1));
    (await batch(0)).fail(new Error('connection lost'));
    writer.add(outcome(2));
    const again = await batch(1);
    assert.deepEqual(again.attempts, [1]);
    assert.deepEqual(written, []);
    again.answer([true]);
    (await batch(2)).answer([true]);
    await writer.flushed();
  });

  it('waits in a flush for what was there, not for what comes after', async () => {
    const writer = createWriter({ batchSize: 1, concurrency: 2 });
    writer.add(outcome(1));
    const first = await batch(0);
    const flushed = writer.flushed();
    writer.add(outcome(2));
    first.answer([true]);
    await flushed;
    assert.deepEqual(written, [[1, true]]);
    (await batch(1)).answer([true]);
    await writer.flushed();
  });

  it('lets no outcome that can not be stored hold up the others, and records that one without what it brought', async () => {
    const stored: FinishedAttempt[] = [];
    const refusing: Pick<AttemptStore, 'finish'> = {
      finish: (some) => {
        if (some.some(({ result }) => result !== null))
          return Promise.reject(Object.assign(new Error('bad value'), { code: '22P05' }));
        stored.push(...some);
        return Promise.resolve(some.map(() => true));
      },
    };
    const writer = createWriter({ batchSize: 10 }, refusing);
    for (const attempt of [1, 2, 3, 4, 5]) writer.add({ ...outcome(attempt), result: attempt === 4 ? '"odd"' : null });
    await writer.flushed();
    assert.deepEqual(written.map(([attempt]) => attempt).sort(), [1, 2, 3, 4, 5]);
    assert.deepEqual(
      stored.map(({ attempt }) => attempt),
      [1, 2, 3, 4, 5],
    );
    assert.deepEqual(
      stored.map(({ nextStatus, reason }) => [nextStatus, reason === null]),
      [1, 2, 3, 4, 5].map((attempt) => ['Completed', attempt !== 4]),
    );
  });

  it('gives up on an outcome of which not even the bare fact can be stored', async () => {
    let tries = 0;
    const writer = createWriter(
      {},
      {
        finish: () => {
          tries += 1;
          return Promise.reject(Object.assign(new Error('bad value'), { code: '22003' }));
        },
      },
    );
    writer.add(outcome(1));
    await writer.flushed();
    assert.equal(tries, 2);
    assert.deepEqual(written, []);
  });

  it('stops trying once it is abandoned, and then calls nothing written', async () => {
    const writer = createWriter();
    writer.add(outcome(1));
    const first = await batch(0);
    const flushed = writer.flushed();
    writer.abandon();
    first.fail(new Error('connection lost'));
    await flushed;
    assert.equal(batches.length, 1);
    assert.deepEqual(written, []);
  });
});
