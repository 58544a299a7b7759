import assert from 'node:assert/strict';

import fc from 'fast-check';

import { planOrder, toDemandTable } from '../../../core/demand-table.ts';

describe('toDemandTable', () => {
  it('has what falls due before the span ends, in plan order', () => {
    const row = fc.record({
      atMs: fc.integer({ min: -20_000, max: 80_000 }),
      count: fc.nat(3),
      durationMs: fc.nat(5),
      taskType: fc.constantFrom('a', 'b', 'B', 'aa'),
      priority: fc.constantFrom('high' as const, 'normal' as const, 'low' as const),
    });
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const table = toDemandTable(rows, { fromMs: 10_000, seconds: 60 });
        const expected = rows.filter(({ atMs, count }) => atMs < 70_000 && count > 0).sort(planOrder);
        assert.equal(table.length, expected.length);
        for (const [index, { atMs, count, durationMs, taskType, priority }] of expected.entries()) {
          assert.equal(table.atUs[index], (atMs - 10_000) * 1_000);
          assert.equal(table.durationUs[index], Math.max(1, durationMs * 1_000));
          assert.equal(table.taskTypes[Number(table.type[index])], taskType);
          // Rows that are equal in the order may differ in the rest.
          const equals = expected.filter((other) => planOrder(other, { atMs, count, durationMs, taskType }) === 0);
          assert.ok(equals.some((other) => other.count === table.count[index]));
          assert.ok(
            equals.some((other) => ['high', 'normal', 'low'].indexOf(other.priority) === table.priority[index]),
          );
          assert.ok(['high', 'normal', 'low'].includes(priority));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes a row without a priority for normal', () => {
    const table = toDemandTable([{ atMs: 0, count: 1, durationMs: 1, taskType: 'a' }], { fromMs: 0, seconds: 1 });
    assert.equal(table.priority[0], 1);
  });
});
