import assert from 'node:assert/strict';

import { type ImaginedTask, without, workOf } from '../../../core/added-work.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../core/duration.ts';
import { hashOffsetMs } from '../../../core/placement.ts';

const NOW_MS = Date.parse('2026-11-21T09:00:00.400Z');
const RANGE = { fromMs: NOW_MS, untilMs: NOW_MS + HOUR_MS, nowMs: NOW_MS };
const LIMITS = { timeZone: 'UTC', endsAtMs: null, maxRuns: null, exclusions: [] };
const TASK: ImaginedTask = {
  schedule: { kind: 'interval', everyMs: 20 * MINUTE_MS, startsAtMs: NOW_MS + 100, ...LIMITS },
  taskType: 'work',
  priority: 'normal',
  flexibleWindowMs: 0,
  placement: 'load',
  durationMs: 900,
  id: null,
};

describe('the work of a task that is not written', () => {
  it('is one row per occurrence, at its whole second', () => {
    const rows = workOf(TASK, RANGE, []);
    assert.deepEqual(rows[0], {
      atMs: Date.parse('2026-11-21T09:00:00Z'),
      taskType: 'work',
      priority: 'normal',
      count: 1,
      durationMs: 900,
    });
    assert.deepEqual(
      rows.map(({ atMs }) => (atMs - Number(rows[0]?.atMs)) / MINUTE_MS),
      [0, 20, 40],
    );
  });

  it('is one run now for an immediate task, and no more than the limit of runs', () => {
    assert.deepEqual(
      workOf({ ...TASK, schedule: { kind: 'immediate' } }, RANGE, []).map(({ atMs }) => atMs),
      [Date.parse('2026-11-21T09:00:00Z')],
    );
    const twice = { kind: 'interval', everyMs: MINUTE_MS, startsAtMs: NOW_MS, ...LIMITS, maxRuns: 2 } as const;
    assert.equal(workOf({ ...TASK, schedule: twice }, RANGE, []).length, 2);
  });

  it('stands in its flexible window where the others leave room', () => {
    const once = { kind: 'once', atMs: Date.parse('2026-11-21T09:30:00Z') } as const;
    const other = { atMs: once.atMs, taskType: 'other', count: 5, durationMs: 1_000 };
    const others = [other, { ...other, atMs: once.atMs - HOUR_MS }, { ...other, atMs: once.atMs + 10 * SECOND_MS }];
    const [placed] = workOf({ ...TASK, schedule: once, flexibleWindowMs: MINUTE_MS }, RANGE, others);
    assert.equal(placed?.atMs, once.atMs + 20 * SECOND_MS);
  });

  it('stands at the offset of its hash when its id is known, and at its time when it is not', () => {
    const once = { kind: 'once', atMs: Date.parse('2026-11-21T09:30:00Z') } as const;
    const task = { ...TASK, schedule: once, flexibleWindowMs: 10 * MINUTE_MS, placement: 'hash' as const };
    assert.equal(workOf({ ...task, id: '4711' }, RANGE, [])[0]?.atMs, once.atMs + hashOffsetMs('4711', 10 * MINUTE_MS));
    assert.equal(workOf(task, RANGE, [])[0]?.atMs, once.atMs);
  });
});

describe('taking work out', () => {
  const row = { atMs: NOW_MS, taskType: 'work', count: 3, durationMs: 10, priority: 'low' as const };

  it('leaves what else is due at the same time, and never takes more than there is', () => {
    const other = { ...row, taskType: 'other' };
    const split = [{ ...row, count: 1 }, row, other, { ...row, atMs: NOW_MS + 1 }];
    assert.deepEqual(
      without(split, [
        { ...row, count: 1 },
        { ...row, count: 1 },
      ]),
      [{ ...row, count: 2 }, other, { ...row, atMs: NOW_MS + 1 }],
    );
    assert.deepEqual(without([row], [{ ...row, count: 9 }]), []);
    assert.deepEqual(without([row], []), [row]);
  });
});
