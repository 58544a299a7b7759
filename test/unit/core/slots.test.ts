import assert from 'node:assert/strict';

import fc from 'fast-check';

import { Slots } from '../../../core/slots.ts';

describe('Slots', () => {
  it('start work as slots that are kept in a list one by one', () => {
    const serve = fc.record({
      kind: fc.constant('serve' as const),
      count: fc.nat(60),
      duration: fc.integer({ min: 1, max: 40 }),
      until: fc.oneof(fc.nat(300), fc.constant(Infinity)),
    });
    const add = fc.record({ kind: fc.constant('add' as const), free: fc.nat(200), count: fc.nat(4) });
    const remove = fc.record({
      kind: fc.constantFrom('idle' as const, 'last' as const),
      at: fc.nat(200),
      count: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(serve, add, remove), { maxLength: 40 }), (steps) => {
        let slots = new Slots();
        const list: number[] = [];
        let from = 0;
        for (const step of steps) {
          list.sort((a, b) => a - b);
          switch (step.kind) {
            case 'add':
              slots.add(step.free, step.count);
              for (let index = 0; index < step.count; index += 1) list.push(step.free);
              break;
            case 'idle': {
              const idle = list.filter((free) => free <= step.at).slice(0, step.count).length;
              list.splice(0, idle);
              assert.equal(slots.removeIdle(step.at, step.count), idle);
              break;
            }
            case 'last': {
              const count = Math.min(step.count, list.length);
              list.length -= count;
              slots.removeLast(count);
              break;
            }
            case 'serve': {
              let started = 0;
              for (; started < step.count && list.length > 0; started += 1) {
                const start = Math.max(Math.min(...list), from);
                if (start >= step.until) break;
                list[list.indexOf(Math.min(...list))] = start + step.duration;
                if (started + 1 === step.count) assert.ok(start >= from);
              }
              assert.equal(slots.serve(step.count, step.duration, from, step.until), started);
              from += 1;
            }
          }
          assert.equal(slots.size, list.length);
          const copy = new Slots();
          copy.copyFrom(slots);
          slots = copy;
        }
        // One run on each, which begins when it is free: the last start is the latest of them.
        if (list.length === 0) return;
        const latest = Math.max(...list, 500);
        assert.equal(slots.serve(list.length, 1_000_000, 500, Infinity), list.length);
        assert.equal(slots.lastStart, latest);
      }),
      { numRuns: 2_000 },
    );
  });

  it('hold many instants', () => {
    const slots = new Slots();
    for (let free = 1_000; free > 0; free -= 1) slots.add(free, 1);
    assert.equal(slots.size, 1_000);
    const copy = new Slots();
    copy.copyFrom(slots);
    assert.equal(copy.serve(2_000, 10_000, 0, 1_001), 1_000);
    assert.equal(copy.lastStart, 1_000);
    assert.equal(slots.removeIdle(500, 1_000), 500);
  });

  it('stay in order while thousands come and go', () => {
    const instant = fc.nat(100_000);
    const [few, many] = [
      fc.array(instant, { minLength: 1, maxLength: 20 }),
      fc.array(instant, { minLength: 2_500, maxLength: 4_000 }),
    ];
    const staysInOrder = (crowd: fc.Arbitrary<number[]>) =>
      fc.property(crowd, (instants) => {
        const slots = new Slots();
        for (const instant of instants) slots.add(instant, 1);
        const list = [...instants];
        // Every other run ends soon, between those of the others, and the rest after all of them.
        for (let turn = 0; turn < 3_000; turn += 1) {
          list.sort((a, b) => a - b);
          const start = Number(list.shift());
          const duration = turn % 2 === 1 ? 501 : 50_000;
          assert.equal(slots.serve(1, duration, 0, Infinity), 1);
          assert.equal(slots.lastStart, start);
          list.push(start + duration);
        }
        assert.equal(slots.size, list.length);
        const copy = new Slots();
        copy.copyFrom(slots);
        assert.equal(copy.serve(list.length, 1, 0, Infinity), list.length);
      });
    for (const crowd of [few, many]) fc.assert(staysInOrder(crowd), { numRuns: 5 });
  });
});
