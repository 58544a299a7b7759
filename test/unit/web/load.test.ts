import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { LoadCalendar } from '../../../api/contract/load-calendar.ts';
import { loadCells } from '../../../api/contract/load-cells.ts';
import { cellAfterKey, cellSentence, dayRows, topOf, weekRows } from '../../../web/src/load/heatRows.ts';
import { heatColor, heatScale } from '../../../web/src/load/heatScale.ts';
import { basisWords, perDayWords, ratioWords, trendWords } from '../../../web/src/load/overlapWords.ts';

const ROME = 'Europe/Rome';
const minutes = (count: number, busy: Readonly<Record<number, number | null>>): (number | null)[] =>
  Array.from({ length: count }, (_, minute) => (minute in busy ? (busy[minute] ?? null) : 0));
const calendar = (days: LoadCalendar['days']): LoadCalendar => ({
  generatedAt: '2026-03-28T10:00:00.000Z',
  now: '2026-03-28T10:00:00.000Z',
  ageMs: 0,
  pool: 'default',
  timeZone: ROME,
  slotsPerReplica: 1,
  limit: 8,
  writtenUntil: '2026-03-29T00:00:00.000Z',
  tasks: 1,
  peak: null,
  quietest: [],
  busiest: [],
  days,
});
const SHORT_DAY = {
  date: '2026-03-29',
  from: '2026-03-28T23:00:00.000Z',
  until: '2026-03-29T22:00:00.000Z',
  requiredInstances: minutes(1_380, { 0: null, 119: 3, 120: 5, 1_379: 2 }),
};

describe('the heat map of the week', () => {
  it('has cells on the clock: an hour that is jumped over is empty, and what follows stands where it belongs', () => {
    const [row] = weekRows(calendar([SHORT_DAY]), 60);
    assert.equal(row?.text, 'Sun 29 Mar');
    assert.deepEqual(
      row.cells.slice(0, 4).map(({ atMs, value }) => [atMs === null, value]),
      [
        [false, 0],
        [false, 3],
        [true, null],
        [false, 5],
      ],
    );
    assert.deepEqual([row.cells.at(-1)?.value, topOf([row])], [2, 5]);
  });

  it('keeps the greater value of an hour that comes twice', () => {
    const values = minutes(1_500, { 125: 2, 185: 7 });
    const [row] = weekRows(
      calendar([
        {
          date: '2026-10-25',
          from: '2026-10-24T22:00:00.000Z',
          until: '2026-10-25T23:00:00.000Z',
          requiredInstances: values,
        },
      ]),
      15,
    );
    assert.equal(row?.cells[8]?.value, 7);
    assert.equal(row.cells[8].atMs, Date.parse('2026-10-25T00:00:00Z'));
    assert.equal(row.cells.length, 96);
  });

  it('loses no peak, however wide its cells are', () => {
    const value = fc.option(fc.integer({ min: 0, max: 50 }), { nil: null });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1_380, maxLength: 1_500 }),
        fc.constantFrom(1, 2, 15, 30, 60),
        (values, width) => {
          const cells = loadCells(Date.parse('2026-11-28T00:00:00Z'), values, width, () => 0);
          assert.equal(cells.length, 1_440 / width);
          assert.equal(
            cells.reduce((most, cell) => Math.max(most, cell.value ?? -1), -1),
            values.reduce<number>((most, one) => Math.max(most, one ?? -1), -1),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  it('opens a day hour by hour', () => {
    const rows = dayRows(SHORT_DAY, ROME, 1);
    assert.deepEqual([rows.length, rows[3]?.text, rows[3]?.cells.length], [24, '03:00', 60]);
    assert.equal(rows[3]?.cells[0]?.value, 5);
  });

  it('says each cell in a sentence', () => {
    const cell = { clockMinute: 720, atMs: 0, value: 2 };
    assert.equal(cellSentence('Sun 29 Mar', cell, 15), 'Sun 29 Mar, 12:00 to 12:15: at most 2 instances');
    assert.equal(cellSentence('Sun 29 Mar', { ...cell, value: 1 }, 1), 'Sun 29 Mar, 12:00: 1 instance');
    assert.match(cellSentence('Sun', { ...cell, value: 0 }, 15), /nothing to do$/);
    assert.match(cellSentence('Sun', { ...cell, value: null }, 15), /not recorded$/);
    assert.match(cellSentence('Sun', { ...cell, atMs: null, value: null }, 15), /skips this time$/);
  });

  it('is walked with the arrow keys, and not left by them', () => {
    const at = { row: 0, column: 3 };
    const after = (key: string) => cellAfterKey(key, at, 7, 4);
    assert.deepEqual(after('ArrowRight'), at);
    assert.deepEqual(after('ArrowUp'), at);
    assert.deepEqual(after('ArrowLeft'), { row: 0, column: 2 });
    assert.deepEqual(after('ArrowDown'), { row: 1, column: 3 });
    assert.deepEqual([after('Home')?.column, after('End')?.column, after('Tab')], [0, 3, undefined]);
  });
});

describe('the colours of the heat map', () => {
  it('are levels without gaps that grow with the number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), (top) => {
        const { levels, levelOf, ranges } = heatScale(top);
        assert.equal(levelOf(0), 0);
        assert.equal(levelOf(top + 1), levels);
        assert.equal(ranges.at(-1)?.to, Math.max(1, top));
        for (const [index, { level, from, to }] of ranges.entries()) {
          assert.ok(from <= to && from === (ranges[index - 1]?.to ?? 0) + 1);
          assert.deepEqual([levelOf(from), levelOf(to)], [level, level]);
        }
        const colors = Array.from({ length: levels + 1 }, (_, level) => heatColor(level, levels));
        assert.equal(new Set(colors).size, levels + 1);
      }),
    );
  });
});

describe('overlaps in words', () => {
  it('are short, and never say more than is known', () => {
    const trend = { earlierMeanMs: 1, recentMeanMs: 2, changePerDayMs: 1_500 };
    assert.equal(trendWords({ trend }), '+1.5 s a day');
    assert.equal(trendWords({ trend: { ...trend, changePerDayMs: -200 } }), '\u2212200 ms a day');
    assert.equal(trendWords({ trend: { ...trend, changePerDayMs: null } }), 'steady');
    assert.equal(trendWords({ trend: null }), '\u2013');
    assert.equal(basisWords({ basis: 'task', runs: 1_200 }), '1,200 runs of its own');
    assert.equal(basisWords({ basis: 'type', runs: 3 }), '3 runs of its type');
    assert.equal(basisWords({ basis: 'estimate', runs: 0 }), 'declared, no runs yet');
    assert.deepEqual([0.999, 1, 1.44, 12].map(ratioWords), ['99 %', '1.0 \u00d7', '1.4 \u00d7', 'over 10 \u00d7']);
    assert.deepEqual([0, 0.05, 3.21, 1_440.2].map(perDayWords), ['none', 'under 0.1', '3.2', '1,440']);
  });
});
