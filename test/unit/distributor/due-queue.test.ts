import assert from 'node:assert/strict';

import fc from 'fast-check';

import { DueQueue } from '../../../distributor/due-queue.ts';

describe('DueQueue', () => {
  it('gives what is due, in the order of the instants and of arrival, and keeps the rest', () => {
    const queue = new DueQueue<string>();
    queue.push(30, 'c');
    queue.push(10, 'a');
    queue.push(30, 'd');
    queue.push(20, 'b');
    assert.equal(queue.nextMs, 10);
    assert.deepEqual(queue.takeUntil(20), ['a', 'b']);
    assert.equal(queue.size, 2);
    assert.equal(queue.nextMs, 30);
    assert.deepEqual(queue.takeUntil(29), []);
    assert.deepEqual(queue.takeAll(), ['c', 'd']);
    assert.equal(queue.nextMs, undefined);
    assert.equal(queue.size, 0);
  });

  it('agrees with a sorted list, whatever is pushed and taken in which order', () => {
    const push = fc.record({ push: fc.array(fc.nat(50), { maxLength: 1_500 }) });
    const take = fc.record({ take: fc.nat(60) });
    fc.assert(
      fc.property(fc.array(fc.oneof(push, take), { maxLength: 8 }), (steps) => {
        const queue = new DueQueue<number>();
        let model: { atMs: number; id: number }[] = [];
        let id = 0;
        for (const step of steps) {
          if ('push' in step) {
            for (const atMs of step.push) {
              queue.push(atMs, id);
              model.push({ atMs, id });
              id += 1;
            }
            model.sort((a, b) => a.atMs - b.atMs || a.id - b.id);
          } else {
            const due = model.filter(({ atMs }) => atMs <= step.take);
            model = model.filter(({ atMs }) => atMs > step.take);
            assert.deepEqual(
              queue.takeUntil(step.take),
              due.map((entry) => entry.id),
            );
          }
          assert.equal(queue.size, model.length);
          assert.equal(queue.nextMs, model[0]?.atMs);
        }
      }),
      { numRuns: 50 },
    );
  });
});
