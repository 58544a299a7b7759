import assert from 'node:assert/strict';

import { MINUTE_MS, SECOND_MS } from '../../../core/duration.ts';
import { afterOutage, type MissableOccurrence } from '../../../core/outage.ts';

const END_MS = Date.parse('2026-11-21T02:30:00Z');

function missed(minutesBefore: number, changes: Partial<MissableOccurrence> = {}): MissableOccurrence {
  return {
    row: { atMs: END_MS - minutesBefore * MINUTE_MS, taskType: 'work', count: 1, durationMs: 500 },
    task: '1',
    misfire: 'latest',
    graceMs: MINUTE_MS,
    catchUpLimit: 100,
    catchUpPerMinute: 30,
    ...changes,
  };
}

const startsOf = (occurrences: readonly MissableOccurrence[]) => {
  const { rows, skipped } = afterOutage(occurrences, END_MS);
  return { starts: rows.map(({ atMs }) => (atMs - END_MS) / SECOND_MS), skipped };
};

describe('the end of an outage', () => {
  it('runs at once what is within its grace, whatever the policy', () => {
    for (const misfire of ['latest', 'all', 'skip'] as const) {
      assert.deepEqual(startsOf([missed(1, { misfire }), missed(0.5, { misfire })]), { starts: [0, 0], skipped: 0 });
    }
  });

  it('runs the latest of what each task missed, or none of it', () => {
    const others = [missed(5, { task: '2' }), missed(4, { task: '2' })];
    assert.deepEqual(startsOf([missed(20), missed(10), missed(15), ...others]), { starts: [0, 0], skipped: 3 });
    assert.deepEqual(startsOf([missed(20, { misfire: 'skip' }), missed(10, { misfire: 'skip' })]), {
      starts: [],
      skipped: 2,
    });
  });

  it('paces all of it, and leaves out the eldest above the limit', () => {
    const all = [20, 15, 10, 5, 0.5].map((minutes) => missed(minutes, { misfire: 'all', catchUpLimit: 3 }));
    assert.deepEqual(startsOf(all), { starts: [0, 2, 4, 0], skipped: 1 });
  });

  it('has nothing to do when nothing was missed', () => {
    assert.deepEqual(startsOf([]), { starts: [], skipped: 0 });
  });
});
