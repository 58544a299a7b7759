import assert from 'node:assert/strict';

import fc from 'fast-check';

import { Fifo } from '../../../broker/fifo.ts';

describe('Fifo', () => {
  it('behaves like an array, also when it is long', () => {
    const step = fc.record({ kind: fc.constantFrom('push', 'shift'), count: fc.integer({ min: 1, max: 6_000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const fifo = new Fifo<number>();
        let pushed = 0;
        let shifted = 0;
        for (const { kind, count } of steps) {
          for (let index = 0; index < count; index++) {
            if (kind === 'push') fifo.push(pushed++);
            else assert.equal(fifo.shift(), shifted < pushed ? shifted++ : undefined);
          }
          assert.equal(fifo.length, pushed - shifted);
        }
      }),
      { numRuns: 50 },
    );
  });
});
