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
  function createWriter(config: { batchSize?: number; concurrency?: number } = {}): OutcomeWriter {
    return new OutcomeWriter(
      {
        attempts: attempts as AttemptStore,
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
