import assert from 'node:assert/strict';

import { DemandMemory, type WaitingDemandRow } from '../../../core/demand-memory.ts';

const row = (atMs: number, count: number, options: Partial<WaitingDemandRow> = {}): WaitingDemandRow => ({
  atMs,
  count,
  durationMs: 1_000,
  taskType: 'noop',
  overdue: 0,
  ...options,
});
const counts = (rows: readonly WaitingDemandRow[]): [number, number][] => rows.map(({ atMs, count }) => [atMs, count]);

describe('DemandMemory', () => {
  it('remembers what was claimed, for the whole start window', () => {
    const memory = new DemandMemory();
    memory.include([row(5_000, 8)], 0);
    assert.deepEqual(counts(memory.include([row(5_000, 3)], 4_000)), [[5_000, 8]]);
    assert.deepEqual(counts(memory.include([], 15_000)), [[5_000, 8]]);
    assert.deepEqual(counts(memory.include([], 15_001)), []);
  });

  it('remembers long work for as long as it runs, and types apart', () => {
    const memory = new DemandMemory();
    memory.include([row(0, 1, { durationMs: 30_000 }), row(0, 2, { taskType: 'other' })], 0);
    assert.deepEqual(counts(memory.include([], 20_000)), [[0, 1]]);
    assert.deepEqual(counts(memory.include([], 60_000)), [[0, 1]]);
    assert.deepEqual(counts(memory.include([], 60_001)), []);
  });

  it('takes a count that grows, and forgets what was cancelled while it was far ahead', () => {
    const memory = new DemandMemory();
    assert.deepEqual(counts(memory.include([row(60_000, 8)], 0)), [[60_000, 8]]);
    assert.deepEqual(counts(memory.include([], 1_000)), []);
    memory.include([row(60_000, 2)], 58_000);
    assert.deepEqual(counts(memory.include([row(60_000, 5)], 59_000)), [[60_000, 5]]);
  });

  it('counts overdue work once, however often it is seen', () => {
    const memory = new DemandMemory();
    for (const nowMs of [10_000, 15_000, 20_000]) {
      assert.deepEqual(counts(memory.include([row(nowMs, 100, { overdue: 100 })], nowMs)), [[nowMs, 100]]);
    }
    assert.deepEqual(counts(memory.include([row(21_000, 7, { overdue: 4 })], 21_000)), [
      [21_000, 3],
      [21_000, 4],
    ]);
  });
});
