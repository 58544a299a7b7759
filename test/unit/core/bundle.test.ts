import assert from 'node:assert/strict';

import fc from 'fast-check';

import { bundle } from '../../../core/bundle.ts';

const own = (workMs: number): number => workMs;

describe('bundle', () => {
  it('lets short items share up to the work and the size that are allowed', () => {
    const limits = { maxWorkMs: 50, maxItems: 3, consumers: 1, minWorkMs: 0 };
    assert.deepEqual(bundle([10, 10, 10, 10], own, limits), [
      { items: [10, 10, 10], workMs: 30 },
      { items: [10], workMs: 10 },
    ]);
    assert.deepEqual(
      bundle([30, 20, 1], own, limits).map(({ items }) => items),
      [[30, 20], [1]],
    );
  });

  it('lets long items travel alone', () => {
    const packed = bundle([5, 80, 5, 90, 90], own, { maxWorkMs: 50, maxItems: 10, consumers: 1, minWorkMs: 0 });
    assert.deepEqual(
      packed.map(({ items }) => items),
      [[5], [80], [5], [90], [90]],
    );
  });

  it('leaves no consumer without', () => {
    const packed = bundle([1, 1, 1, 1], own, { maxWorkMs: 50, maxItems: 100, consumers: 4, minWorkMs: 0 });
    assert.equal(packed.length, 4);
    assert.deepEqual(bundle([], own, { maxWorkMs: 50, maxItems: 100, consumers: 0, minWorkMs: 0 }), []);
  });

  it('does not spread work that is not worth a message', () => {
    const packed = bundle([1, 1, 1, 1], own, { maxWorkMs: 50, maxItems: 100, consumers: 4, minWorkMs: 3 });
    assert.deepEqual(
      packed.map(({ items }) => items),
      [[1, 1, 1], [1]],
    );
  });

  it('keeps every item, in order, within the limits', () => {
    const work = fc.array(fc.oneof(fc.nat(100), fc.constant(Infinity)), { maxLength: 300 });
    const limits = fc.record({
      maxWorkMs: fc.nat(100),
      maxItems: fc.integer({ min: 1, max: 50 }),
      consumers: fc.nat(20),
      minWorkMs: fc.nat(20),
    });
    fc.assert(
      fc.property(work, limits, (items, limit) => {
        const packed = bundle(items, own, limit);
        assert.deepEqual(
          packed.flatMap((one) => one.items),
          items,
        );
        for (const one of packed) {
          assert.ok(one.items.length >= 1 && one.items.length <= limit.maxItems);
          assert.ok(one.items.length === 1 || one.workMs <= limit.maxWorkMs);
          assert.equal(
            one.workMs,
            one.items.reduce((sum, item) => sum + item, 0),
          );
        }
        const share = Math.ceil(items.length / Math.max(1, limit.consumers));
        for (const one of packed) assert.ok(one.items.length <= share || one.workMs <= limit.minWorkMs);
      }),
    );
  });
});
