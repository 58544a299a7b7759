import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { PlanRow } from '../../../core/demand-table.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../core/duration.ts';
import { hashOffsetMs } from '../../../core/placement.ts';
import type { TaskSchedule } from '../../../core/task.ts';
import { type UnwrittenTasks, unwrittenWork } from '../../../core/unwritten-work.ts';

const NOW = Date.parse('2026-03-28T10:00:00Z');
const LIMITS = { timeZone: 'UTC', endsAtMs: null, maxRuns: null, exclusions: [] } as const;
const RANGE = { nowMs: NOW, fromMs: NOW, untilMs: NOW + DAY_MS };

const cron = (expression: string, changes: Partial<Extract<TaskSchedule, { kind: 'cron' }>> = {}): TaskSchedule => ({
  kind: 'cron',
  expressions: [expression],
  startsAtMs: null,
  dst: { gap: 'shift', repeat: 'first' },
  ...LIMITS,
  ...changes,
});
const every = (everyMs: number, startsAtMs: number, changes: object = {}): TaskSchedule => ({
  kind: 'interval',
  everyMs,
  startsAtMs,
  ...LIMITS,
  ...changes,
});
const tasks = (changes: Partial<UnwrittenTasks>): UnwrittenTasks => ({
  ids: ['1'],
  schedule: cron('0 * * * *'),
  misfire: 'latest',
  graceMs: MINUTE_MS,
  flexibleWindowMs: 0,
  placement: 'load',
  placementOffsetMs: null,
  slotsDecided: 0,
  expandedUntilMs: NOW,
  taskType: 'noop',
  durationMs: 1_000,
  ...changes,
});
const counts = (rows: Iterable<PlanRow>): Map<number, number> => {
  const found = new Map<number, number>();
  for (const { atMs, count } of rows) found.set(atMs, (found.get(atMs) ?? 0) + count);
  return found;
};
const work = (some: readonly UnwrittenTasks[], range = RANGE): PlanRow[] => [...unwrittenWork(some, range)];

describe('work that is not written yet', () => {
  it('is each schedule behind its watermark, times the tasks that share it', () => {
    const rows = work([
      tasks({ ids: ['1', '2'], expandedUntilMs: NOW + 20 * HOUR_MS }),
      tasks({ ids: ['3'], taskType: 'other', expandedUntilMs: NOW + 20 * HOUR_MS }),
      tasks({ ids: ['4'], schedule: { kind: 'once', atMs: NOW + HOUR_MS + 250 } }),
    ]);
    assert.deepEqual(
      rows.map(({ atMs, taskType, count }) => [(atMs - NOW) / HOUR_MS, taskType, count]),
      [
        ...[20, 21, 22, 23].map((hour) => [hour, 'noop', 2]),
        ...[20, 21, 22, 23].map((hour) => [hour, 'other', 1]),
        [1, 'noop', 1],
      ],
    );
  });

  it('ends with the limit of runs, of which some have been', () => {
    const limited = cron('0 * * * *', { maxRuns: 5 });
    assert.equal(
      work([tasks({ schedule: limited, slotsDecided: 3 }), tasks({ schedule: limited, slotsDecided: 5 })]).length,
      2,
    );
  });

  it('of before now is what the misfire policy leaves, and is due now', () => {
    const behind = { expandedUntilMs: NOW - 5 * HOUR_MS };
    const first = (misfire: UnwrittenTasks['misfire']): number =>
      counts(work([tasks({ ...behind, misfire })])).get(NOW) ?? 0;
    // The one of this very minute is not late.
    assert.deepEqual([first('skip'), first('latest'), first('all')], [1, 2, 6]);
  });

  it('reaches into a range that begins later, with its length and its flexible window', () => {
    const later = { nowMs: NOW, fromMs: NOW + 12 * HOUR_MS, untilMs: NOW + 13 * HOUR_MS };
    const starts = (changes: Partial<UnwrittenTasks>): number[] =>
      work([tasks(changes)], later).map(({ atMs }) => (atMs - NOW) / HOUR_MS);
    assert.deepEqual(starts({}), [12]);
    assert.deepEqual(starts({ durationMs: 2 * HOUR_MS }), [10, 11, 12]);
    assert.ok(starts({ flexibleWindowMs: 3 * HOUR_MS, placement: 'hash', ids: ['7'] }).length >= 1);
    assert.deepEqual(starts({ expandedUntilMs: NOW + 12.5 * HOUR_MS }), []);
  });

  it('is placed by the hash of each task, or where the rest leaves room', () => {
    const flexible = { flexibleWindowMs: HOUR_MS, expandedUntilMs: NOW + 22 * HOUR_MS, ids: ['10', '11', '12'] };
    const hashed = counts(work([tasks({ ...flexible, placement: 'hash' })], { ...RANGE, untilMs: NOW + 23 * HOUR_MS }));
    assert.deepEqual(
      [...hashed.keys()].sort((a, b) => a - b),
      flexible.ids.map((id) => NOW + 22 * HOUR_MS + hashOffsetMs(id, HOUR_MS)).sort((a, b) => a - b),
    );
    const busy = { atMs: NOW + 22 * HOUR_MS, taskType: 'written', count: 3, durationMs: 5_000 };
    const outside = { ...busy, atMs: NOW - DAY_MS };
    const fixed = tasks({ schedule: { kind: 'once', atMs: NOW + 22 * HOUR_MS + 10 * SECOND_MS } });
    const placed = [
      ...unwrittenWork([tasks(flexible), fixed], { ...RANGE, untilMs: NOW + 23 * HOUR_MS }, [busy, outside]),
    ];
    assert.deepEqual(
      placed.map(({ atMs }) => (atMs - NOW - 22 * HOUR_MS) / SECOND_MS),
      [10, 20, 30, 40],
    );
  });

  it('is where advice has put it', () => {
    const placed = tasks({
      flexibleWindowMs: HOUR_MS,
      placementOffsetMs: 7 * MINUTE_MS,
      ids: ['1', '2'],
      expandedUntilMs: NOW + 22 * HOUR_MS,
    });
    const rows = work([placed], { ...RANGE, untilMs: NOW + 23 * HOUR_MS });
    assert.deepEqual([...counts(rows)], [[NOW + 22 * HOUR_MS + 7 * MINUTE_MS, 2]]);
  });

  it('is only spread where placing it would take too long', () => {
    const many = tasks({
      ids: Array.from({ length: 6_000 }, (_, index) => String(index + 1)),
      flexibleWindowMs: DAY_MS,
      schedule: { kind: 'once', atMs: NOW },
    });
    const rows = work([many], { ...RANGE, untilMs: NOW + 2 * DAY_MS });
    assert.equal(rows.length, 6_000);
    assert.ok(rows.every(({ atMs }) => atMs >= NOW && atMs <= NOW + DAY_MS));
  });

  it('of intervals that begin within one second is one, and of all others is as it is', () => {
    const interval = fc.record({
      everyMs: fc.oneof(
        fc.integer({ min: 1, max: 90 }).map((seconds) => seconds * 60_000),
        fc.integer({ min: 60_000, max: 3_600_000 }),
      ),
      startMs: fc.integer({ min: -2 * DAY_MS, max: DAY_MS }),
      watermarkMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: DAY_MS })),
      changes: fc.constantFrom(
        {},
        { endsAtMs: NOW + 20 * HOUR_MS },
        { maxRuns: 7 },
        {
          exclusions: [
            { calendar: 'holidays', timeZone: 'UTC', rules: [{ kind: 'date', date: '2026-03-29', label: null }] },
          ],
        },
        { exclusions: [{ calendar: null, timeZone: 'UTC', rules: [] }] },
      ),
    });
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 6 }), (intervals) => {
        const some = intervals.map(({ everyMs, startMs, watermarkMs, changes }, index) =>
          tasks({
            ids: [String(index)],
            schedule: every(everyMs, NOW + startMs, changes),
            expandedUntilMs: NOW + watermarkMs,
          }),
        );
        assert.deepEqual(
          [...counts(work(some))].sort(([a], [b]) => a - b),
          [...counts(some.flatMap((one) => work([one])))].sort(([a], [b]) => a - b),
        );
        for (const [index, { everyMs, startMs, watermarkMs, changes }] of intervals.entries()) {
          if (Object.keys(changes).length > 0) continue;
          const expected: number[] = [];
          for (let atMs = NOW + startMs; atMs < RANGE.untilMs; atMs += everyMs) {
            if (atMs >= NOW + watermarkMs) expected.push(Math.floor(atMs / SECOND_MS) * SECOND_MS);
          }
          const one = some[index];
          assert.deepEqual(one === undefined ? [] : [...work([one])].map(({ atMs }) => atMs), expected);
        }
      }),
    );
  });

  it('of tasks that fall into one second is one row', () => {
    const hourly = (id: string, startMs: number): UnwrittenTasks =>
      tasks({ ids: [id], schedule: every(HOUR_MS, NOW - startMs), expandedUntilMs: NOW + 22 * HOUR_MS });
    assert.deepEqual(
      work([hourly('1', 250), hourly('2', 750)]).map(({ atMs, count }) => [NOW + 24 * HOUR_MS - atMs, count]),
      [
        [HOUR_MS + SECOND_MS, 2],
        [SECOND_MS, 2],
      ],
    );
    const ids = Array.from({ length: 20 }, (_, index) => String(index));
    const hashed = tasks({
      ids,
      placement: 'hash',
      flexibleWindowMs: SECOND_MS,
      schedule: { kind: 'once', atMs: NOW },
    });
    const rows = work([hashed]);
    assert.equal(rows.length, 2);
    assert.equal(Number(rows[0]?.count) + Number(rows[1]?.count), 20);
    const last = { ...hashed, schedule: { kind: 'once', atMs: RANGE.untilMs - SECOND_MS } } as const;
    assert.equal(work([last]).length, 1, 'the others come after the range');
  });
});
