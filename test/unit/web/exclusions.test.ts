import assert from 'node:assert/strict';

import fc from 'fast-check';

import { ExclusionRule } from '../../../api/contract/exclusion.ts';
import { orderedRules } from '../../../web/src/calendars/ruleOrder.ts';
import { rowOfKind, rowOfRule, ruleOfRow, WEEKDAYS } from '../../../web/src/exclusions/ruleRows.ts';
import { daysText, ruleText } from '../../../web/src/exclusions/ruleText.ts';
import { isOfYear, yearOfRules } from '../../../web/src/exclusions/yearOfRules.ts';

const ROME = 'Europe/Rome';

describe('an exclusion in its fields', () => {
  const twoDigits = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
  const timeOfDay = fc.tuple(twoDigits(23), twoDigits(59)).map((parts) => parts.join(':'));
  const instantMs = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2040, 0, 1) });
  const label = fc.option(fc.string({ minLength: 1, maxLength: 20 }), { nil: null });
  const rule: fc.Arbitrary<ExclusionRule> = fc.oneof(
    fc.record({
      kind: fc.constant('date' as const),
      date: instantMs.map((ms) => new Date(ms).toISOString().slice(0, 10)),
      label,
    }),
    fc.record({ fromMs: instantMs, lengthMs: fc.integer({ min: 1, max: 10_000_000_000 }), label }).map((range) => ({
      kind: 'range' as const,
      from: new Date(range.fromMs).toISOString(),
      until: new Date(range.fromMs + range.lengthMs).toISOString(),
      label: range.label,
    })),
    fc.record({
      kind: fc.constant('weekly' as const),
      weekdays: fc.subarray([...WEEKDAYS], { minLength: 1 }),
      from: timeOfDay,
      until: fc.oneof(timeOfDay, fc.constant('24:00')),
      label,
    }),
  );

  it('is the same when nothing was changed, to the millisecond and in any zone', () => {
    fc.assert(
      fc.property(rule, fc.constantFrom('UTC', ROME, 'Australia/Lord_Howe', 'America/Sao_Paulo'), (before, zone) => {
        const after = ruleOfRow(rowOfRule(before, zone), zone);
        assert.deepEqual(after, { rule: { ...before }, problems: [] });
      }),
    );
  });

  it('is one that the contract takes as soon as it is added', () => {
    for (const kind of ['date', 'range', 'weekly'] as const) {
      const { rule: added, problems } = ruleOfRow(rowOfKind(kind, '2026-11-21'), ROME);
      assert.deepEqual(problems, []);
      assert.deepEqual(ExclusionRule.parse(added), added);
    }
  });

  it('keeps its day and what it is when its kind changes', () => {
    const day = { ...rowOfKind('date', '2026-12-25'), label: 'Christmas' };
    const { rule: range } = ruleOfRow(rowOfKind('range', '2026-11-21', day), ROME);
    assert.deepEqual(range, {
      kind: 'range',
      from: '2026-12-24T23:00:00.000Z',
      until: '2026-12-25T11:00:00.000Z',
      label: 'Christmas',
    });
  });

  it('says at which field it can not be read', () => {
    const fieldsOf = (row: Parameters<typeof ruleOfRow>[0]) => ruleOfRow(row, ROME).problems.map(({ field }) => field);
    assert.deepEqual(fieldsOf({ ...rowOfKind('date', '2026-11-21'), date: '' }), ['date']);
    assert.deepEqual(fieldsOf({ ...rowOfKind('weekly', '2026-11-21'), weekdays: [], from: '', until: '' }), [
      'weekdays',
      'from',
      'until',
    ]);
    const range = rowOfKind('range', '2026-11-21');
    assert.deepEqual(fieldsOf({ ...range, until: range.from }), ['until']);
    assert.deepEqual(fieldsOf({ ...range, from: '2027-03-28T02:30' }), ['from']); // the clock jumps over it
  });
});

describe('an exclusion in words', () => {
  it('names the day, the stretch, or the days and hours', () => {
    assert.equal(ruleText({ kind: 'date', date: '2026-12-25' }, ROME), 'Fri 25 Dec 2026');
    assert.equal(
      ruleText({ kind: 'range', from: '2026-12-31T12:00:00Z', until: '2027-01-02T06:00:00Z' }, ROME),
      'Thu 31 Dec 2026, 13:00 to Sat 2 Jan 2027, 07:00',
    );
    assert.equal(
      ruleText({ kind: 'range', from: '2026-12-31T12:00:00Z', until: '2026-12-31T13:30:00Z' }, ROME),
      'Thu 31 Dec 2026, 13:00 to 14:30',
    );
    const weekly = { kind: 'weekly', weekdays: ['sat', 'sun'] } as const;
    assert.equal(
      ruleText({ ...weekly, weekdays: [...weekly.weekdays], from: '22:00', until: '06:00' }, ROME),
      'Sat and Sun, 22:00 to 06:00 on the next day',
    );
    assert.equal(
      ruleText({ ...weekly, weekdays: [...weekly.weekdays], from: '00:00', until: '24:00' }, ROME),
      'Sat and Sun, all day',
    );
  });

  it('says days as people do', () => {
    assert.equal(daysText(['fri', 'mon', 'tue', 'wed', 'thu']), 'Mon to Fri');
    assert.equal(daysText(['mon', 'wed', 'fri']), 'Mon, Wed and Fri');
    assert.equal(daysText([...WEEKDAYS]), 'every day');
    assert.equal(daysText(['sun']), 'Sun');
  });
});

describe('the year at a glance', () => {
  const marked = (rules: readonly ExclusionRule[], zone: string, year: number) =>
    yearOfRules(rules, zone, year)
      .flat()
      .flatMap(({ date, extent }) => (extent === 'free' ? [] : [`${date} ${extent}`]));

  it('has every day of the year once', () => {
    assert.equal(yearOfRules([], ROME, 2028).flat().length, 366);
    assert.equal(yearOfRules([], ROME, 2028)[1]?.length, 29);
  });

  it('fills whole days and outlines the first and last of a stretch, on the local clock and over the end of a year', () => {
    const rules: ExclusionRule[] = [
      { kind: 'date', date: '2026-12-25', label: 'Christmas' },
      { kind: 'range', from: '2026-12-31T12:00:00Z', until: '2027-01-02T06:00:00Z', label: null },
    ];
    assert.deepEqual(marked(rules, ROME, 2026), ['2026-12-25 whole', '2026-12-31 part']);
    assert.deepEqual(marked(rules, ROME, 2027), ['2027-01-01 whole', '2027-01-02 part']);
    // Midnight in Rome is still the day before in New York, and the range ends there within the first of January.
    const night: ExclusionRule = { kind: 'range', from: '2026-05-09T22:00:00Z', until: '2026-05-10T22:00:00Z' };
    assert.deepEqual(marked([night], ROME, 2026), ['2026-05-10 whole']);
    assert.deepEqual(marked([night], 'America/New_York', 2026), ['2026-05-09 part', '2026-05-10 part']);
  });

  it('repeats a window of every week, and its morning after', () => {
    const days = marked([{ kind: 'weekly', weekdays: ['sun'], from: '22:00', until: '06:00' }], ROME, 2026);
    assert.equal(days.length, 2 * 52);
    assert.deepEqual(days.slice(0, 2), ['2026-01-04 part', '2026-01-05 part']);
    const allDay = marked([{ kind: 'weekly', weekdays: ['sun'], from: '00:00', until: '24:00' }], ROME, 2026);
    assert.deepEqual(allDay.slice(0, 2), ['2026-01-04 whole', '2026-01-11 whole']);
  });

  it('says what a day is left out for', () => {
    const [december] = yearOfRules([{ kind: 'date', date: '2026-12-25', label: 'Christmas' }], ROME, 2026).slice(11);
    assert.equal(december?.[24]?.text, 'Fri 25 Dec 2026: Christmas');
  });

  it('lists the rules of a year in their order, weekly ones first, and remembers their places', () => {
    const rules: ExclusionRule[] = [
      { kind: 'date', date: '2027-01-01' },
      { kind: 'date', date: '2026-12-25' },
      { kind: 'weekly', weekdays: ['sun'], from: '00:00', until: '24:00' },
    ];
    assert.deepEqual(
      orderedRules(rules).map(({ place }) => place),
      [2, 1, 0],
    );
    assert.deepEqual(
      rules.map((rule) => isOfYear(rule, ROME, 2027)),
      [true, false, true],
    );
  });
});
