import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { PlanRow } from '../../../core/demand-table.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../core/duration.ts';
import { Effort, flatten, groupTasks } from '../../../core/flatten.ts';
import { formulaCurve, type Span, workCurve } from '../../../core/forecast.ts';
import {
  footprintOf,
  MAX_OFFSET_MS,
  type MovableTask,
  offsetsWithin,
  suggestedWindowMs,
  windowFor,
  withMoves,
} from '../../../core/movable-task.ts';
import { highestSeconds, peakWith, smooth, smoothingUntilMs } from '../../../core/smoothing.ts';

const FROM_MS = Date.parse('2026-11-21T09:00:00Z');
const SPAN: Span = { fromMs: FROM_MS, seconds: 3 * 3_600 };

/** A task that runs each hour at a minute, from 10:00 on. */
function hourly(id: string, minute: number, extra: Partial<MovableTask> = {}): MovableTask {
  const occurrences = [1, 2].map((hour) => {
    const atMs = FROM_MS + hour * HOUR_MS + minute * MINUTE_MS;
    return { scheduledMs: atMs, dueMs: atMs };
  });
  return {
    id,
    taskType: 'work',
    priority: 'normal',
    durationMs: 3_000,
    windowMs: 5 * MINUTE_MS,
    occurrences,
    ...extra,
  };
}

function rowsOf(tasks: readonly MovableTask[]): PlanRow[] {
  return tasks.flatMap(({ occurrences, taskType, priority, durationMs }) =>
    occurrences.map(({ dueMs }) => ({ atMs: dueMs, taskType, priority, count: 1, durationMs })),
  );
}

const many = (count: number, task: (id: string) => MovableTask): MovableTask[] =>
  Array.from({ length: count }, (_, index) => task(String(index + 1)));

function peakOf(rows: readonly PlanRow[], span: Span, slotsPerReplica: number): number {
  return formulaCurve(rows, span, slotsPerReplica).reduce((most, value) => Math.max(most, value), 0);
}

const ask = (tasks: readonly MovableTask[], rows: readonly PlanRow[], maxMoves = 100, slotsPerReplica = 1) =>
  smooth({ rows, span: SPAN, tasks, slotsPerReplica, maxMoves });

describe('smoothing', () => {
  it('spreads what shares a minute over its windows, and says the peak after each move', () => {
    const tasks = many(12, (id) => hourly(id, 0)); // 36 s of work at one time: 4
    const { peakBefore, peakAfter, moves } = ask(tasks, rowsOf(tasks));
    assert.deepEqual([peakBefore, peakAfter], [4, 1]);
    assert.equal(moves.length, 9, 'three of twelve stay');
    assert.deepEqual(
      moves.map((move) => move.peakAfter),
      [4, 4, 3, 3, 3, 2, 2, 2, 1],
    );
    assert.deepEqual(
      moves.map(({ task }) => task.id),
      ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    );
    assert.ok(moves.every(({ peakAtMs }) => peakAtMs === FROM_MS + HOUR_MS));
    assert.ok(
      moves.slice(0, 3).every(({ offsetMs }) => offsetMs === 10 * SECOND_MS),
      'the nearest places first',
    );
  });

  it('has nothing to say where nothing can be lower, or nothing may move', () => {
    const one = [hourly('1', 0)];
    assert.deepEqual(ask(one, rowsOf(one)), { peakBefore: 1, peakAfter: 1, moves: [] });
    assert.deepEqual(ask([], rowsOf(many(9, (id) => hourly(id, 0)))).moves, []);
    const narrow = many(9, (id) => hourly(id, 0, { windowMs: 0 }));
    assert.deepEqual(ask(narrow, rowsOf(narrow)).moves, []);
    const empty = smooth({
      rows: [],
      span: { fromMs: FROM_MS, seconds: 0 },
      tasks: [],
      slotsPerReplica: 1,
      maxMoves: 5,
    });
    assert.deepEqual(empty, { peakBefore: 0, peakAfter: 0, moves: [] });
    assert.deepEqual(ask(one, []), { peakBefore: 0, peakAfter: 0, moves: [] }, 'no work, no peak');
  });

  it('makes no more moves than it may, and then as many as bring something', () => {
    const tasks = many(40, (id) => hourly(id, 0)); // 14
    const { peakBefore, peakAfter, moves } = ask(tasks, rowsOf(tasks), 12);
    assert.deepEqual([peakBefore, peakAfter, moves.length], [14, 10, 10]);
  });

  it('moves few heavy runs rather than many light ones', () => {
    const light = many(9, (id) => hourly(id, 0, { durationMs: 1_000 }));
    const heavy = hourly('heavy', 0, { durationMs: 9_000 });
    const { moves } = ask([...light, heavy], rowsOf([...light, heavy]));
    assert.deepEqual(
      moves.map(({ task }) => task.id),
      ['heavy'],
    );
  });

  it('does not hide work behind the end of the span', () => {
    const span = { fromMs: FROM_MS, seconds: 60 };
    const at = (second: number) => FROM_MS + second * SECOND_MS;
    const due = (atMs: number) => ({ occurrences: [{ scheduledMs: atMs, dueMs: atMs }] });
    const tasks = many(6, (id) => hourly(id, 0, { ...due(at(50)), windowMs: 30 * SECOND_MS }));
    const beyond = [60, 70, 80].map((second): PlanRow => ({
      atMs: at(second),
      taskType: 'work',
      count: 6,
      durationMs: 3_000,
    }));
    const input = { span, tasks, slotsPerReplica: 1, maxMoves: 10 };
    assert.deepEqual(smooth({ ...input, rows: [...rowsOf(tasks), ...beyond] }).moves, []);
    assert.equal(smooth({ ...input, rows: rowsOf(tasks) }).peakAfter, 1, 'where there is room they go');
    assert.equal(smoothingUntilMs(span), at(60) + 2 * HOUR_MS);
  });

  it('puts what lies at many places to one that is earlier or later', () => {
    const atMs = FROM_MS + HOUR_MS;
    const placed = hourly('placed', 0, {
      occurrences: [
        { scheduledMs: atMs, dueMs: atMs + MINUTE_MS },
        { scheduledMs: atMs + HOUR_MS, dueMs: atMs + HOUR_MS + 4 * MINUTE_MS },
      ],
      durationMs: 9_000,
    });
    const rows: PlanRow[] = [
      ...rowsOf([placed]),
      { atMs: atMs + MINUTE_MS, taskType: 'other', count: 1, durationMs: 9_000 },
      { atMs: atMs + HOUR_MS, taskType: 'other', count: 1, durationMs: 4_500 },
    ];
    const { moves } = ask([placed], rows);
    assert.deepEqual([moves.length, moves[0]?.peakAfter], [1, 1]);
    assert.ok(moves[0] && moves[0].offsetMs !== MINUTE_MS && moves[0].offsetMs >= 10 * SECOND_MS);
  });

  it('gives up where it costs too much', () => {
    const tasks = many(4, (id) => hourly(id, 0));
    const ground = { work: workCurve(rowsOf(tasks), SPAN), seconds: SPAN.seconds };
    const groups = groupTasks(tasks, FROM_MS);
    assert.equal(flatten(ground, groups, 9_000_000, 10, new Effort(0)), undefined);
    assert.equal(flatten(ground, groups, 9_000_000, 10, new Effort(1_000_000))?.length, 1);
  });

  it('tries a bounded number of kinds of tasks for each move', () => {
    const tasks = many(70, (id) => hourly(id, 0, { durationMs: 3_000 + Number(id) }));
    const { moves } = ask(tasks, rowsOf(tasks), 2);
    assert.deepEqual(
      moves.map(({ task }) => task.id),
      ['70', '69'],
      'those with the heaviest runs',
    );
  });

  it('finds the highest seconds apart from each other', () => {
    const row = (minute: number, count: number): PlanRow => ({
      atMs: FROM_MS + minute * MINUTE_MS,
      taskType: 'work',
      count,
      durationMs: 1_000,
    });
    const rows = [row(1, 5), row(2, 9), row(3, 7)];
    assert.deepEqual(highestSeconds(rows, SPAN, 2, 30), [row(2, 0).atMs, row(3, 0).atMs]);
    assert.deepEqual(highestSeconds(rows, SPAN, 9, 30), [row(2, 0).atMs, row(3, 0).atMs, row(1, 0).atMs]);
    assert.deepEqual(highestSeconds(rows, { ...SPAN, seconds: 0 }, 9, 30), []);
  });
});

describe('windows', () => {
  it('have up to 61 places at whole seconds, and none further than an hour', () => {
    assert.deepEqual(offsetsWithin(0), [0]);
    assert.deepEqual(offsetsWithin(2_500), [0, 1_000, 2_000]);
    assert.equal(offsetsWithin(5 * MINUTE_MS).length, 61);
    assert.equal(offsetsWithin(24 * HOUR_MS).at(-1), MAX_OFFSET_MS);
  });

  it('are asked for as narrow as they may be', () => {
    assert.equal(suggestedWindowMs([FROM_MS]), 5 * MINUTE_MS);
    assert.equal(suggestedWindowMs([FROM_MS + MINUTE_MS, FROM_MS]), 30 * SECOND_MS);
    assert.equal(windowFor(61_000), 2 * MINUTE_MS);
    assert.equal(windowFor(MINUTE_MS), MINUTE_MS);
  });

  it('know what a run adds to the curve', () => {
    assert.deepEqual(footprintOf(3_000), { work: 3_000_000, seconds: 10 });
    assert.deepEqual(footprintOf(30_000), { work: 9_000_000, seconds: 34 });
  });
});

describe('smoothing, whatever the work is', () => {
  const occurrences = fc
    .uniqueArray(fc.integer({ min: 30, max: 3_000 }), { minLength: 1, maxLength: 6 })
    .chain((seconds) =>
      fc.tuple(fc.constant(seconds), fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 6, maxLength: 6 })),
    );
  const task = fc.record({
    durationMs: fc.constantFrom(0, 400, 2_500, 9_000, 31_000, 130_000),
    windowMs: fc.constantFrom(90_000, 5 * MINUTE_MS, 3 * HOUR_MS),
    at: fc.oneof(
      fc.constant([
        [600, 1_800],
        [0, 0],
      ] as [number[], number[]]),
      occurrences,
    ),
  });
  const instance = fc.record({
    tasks: fc.array(task, { maxLength: 25 }),
    fixed: fc.array(
      fc.record({
        second: fc.integer({ min: -20, max: 5_000 }),
        count: fc.integer({ min: 1, max: 8 }),
        durationMs: fc.constantFrom(300, 2_500, 9_000, 45_000),
      }),
      { maxLength: 20 },
    ),
    slots: fc.constantFrom(1, 4),
    maxMoves: fc.constantFrom(1, 5, 100),
  });

  it('stays in the windows, never raises the peak, and predicts what the formula says', () => {
    const span = { fromMs: FROM_MS, seconds: 3_600 };
    let lowered = 0;
    const property = fc.property(instance, ({ tasks: drafts, fixed, slots, maxMoves }) => {
      const tasks = drafts.map(({ durationMs, windowMs, at: [seconds, laters] }, index): MovableTask => ({
        id: String(index),
        taskType: `type ${durationMs}`,
        priority: 'normal',
        durationMs,
        windowMs,
        occurrences: seconds.map((second, place) => {
          const scheduledMs = FROM_MS + second * SECOND_MS;
          return { scheduledMs, dueMs: scheduledMs + Number(laters[place]) * SECOND_MS };
        }),
      }));
      const rows = [
        ...rowsOf(tasks),
        ...fixed.map(({ second, count, durationMs }): PlanRow => ({
          atMs: FROM_MS + second * SECOND_MS,
          taskType: `type ${durationMs}`,
          count,
          durationMs,
        })),
      ];
      const input = { rows, span, tasks, slotsPerReplica: slots, maxMoves };
      const { peakBefore, peakAfter, moves } = smooth(input);
      assert.equal(peakBefore, peakOf(rows, span, slots));
      assert.ok(moves.length <= maxMoves);
      assert.equal(new Set(moves.map(({ task }) => task.id)).size, moves.length, 'no task twice');
      for (const { task, offsetMs } of moves) {
        assert.ok(offsetMs >= 0 && offsetMs <= Math.min(task.windowMs, MAX_OFFSET_MS));
      }
      let before = peakBefore;
      for (const [index, move] of moves.entries()) {
        const made = moves.slice(0, index + 1);
        assert.equal(move.peakAfter, peakOf(withMoves(rows, made), span, slots), 'as recomputed');
        assert.equal(move.peakAfter, peakWith(rows, made, span, slots));
        assert.ok(move.peakAfter <= before);
        before = move.peakAfter;
      }
      assert.equal(peakAfter, before);
      assert.ok(moves.length === 0 || peakAfter < peakBefore, 'moves bring something');
      const reach = { fromMs: FROM_MS, seconds: (smoothingUntilMs(span) - FROM_MS) / SECOND_MS };
      assert.ok(peakOf(withMoves(rows, moves), reach, slots) <= Math.max(peakBefore, peakOf(rows, reach, slots)));
      assert.deepEqual(smooth(input), { peakBefore, peakAfter, moves }, 'the same again');
      if (peakAfter < peakBefore) lowered += 1;
    });
    fc.assert(property, { numRuns: 400 });
    assert.ok(lowered > 40, `the peak was lowered ${lowered} times`);
  });
});
