import assert from 'node:assert/strict';

import { MINUTE_MS, SECOND_MS } from '../../../core/duration.ts';
import { exclusionAt, skipExcluded } from '../../../core/exclusion.ts';
import type { ExclusionRule, ExclusionSet } from '../../../core/task.ts';

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];

const date = (day: string): ExclusionRule => ({ kind: 'date', date: day, label: null });
const range = (from: string, until: string): ExclusionRule => ({
  kind: 'range',
  fromMs: Date.parse(from),
  untilMs: Date.parse(until),
  label: null,
});
const weekly = (weekdays: readonly number[], fromHour: number, untilHour: number): ExclusionRule => ({
  kind: 'weekly',
  weekdays,
  fromMinute: fromHour * 60,
  untilMinute: untilHour * 60,
  label: null,
});
const own = (timeZone: string, ...rules: readonly ExclusionRule[]): ExclusionSet => ({
  calendar: null,
  timeZone,
  rules,
});

/** Until when the exclusion at an instant holds, as ISO text; null: there is none. */
function until(set: ExclusionSet, at: string): string | null {
  const exclusion = exclusionAt([set], Date.parse(at));
  return exclusion === undefined ? null : new Date(exclusion.untilMs).toISOString().replace('.000Z', 'Z');
}

describe('exclusionAt', () => {
  it('finds nothing where no rule is', () => {
    assert.equal(exclusionAt([], 0), undefined);
    assert.equal(exclusionAt([own('Europe/Rome')], 0), undefined);
  });

  it('says whose rule it is, the first one when several hold', () => {
    const holiday: ExclusionRule = { kind: 'date', date: '2026-12-25', label: 'Christmas' };
    const sets: readonly ExclusionSet[] = [
      own('UTC', date('2026-12-24')),
      { calendar: 'holidays', timeZone: 'UTC', rules: [date('2026-12-26'), holiday] },
      { calendar: 'works', timeZone: 'UTC', rules: [range('2026-12-20T00:00Z', '2026-12-31T00:00Z')] },
    ];
    assert.deepEqual(exclusionAt(sets, Date.parse('2026-12-25T08:00Z')), {
      calendar: 'holidays',
      label: 'Christmas',
      rule: holiday,
      untilMs: Date.parse('2026-12-26T00:00Z'),
    });
    assert.equal(exclusionAt(sets, Date.parse('2026-12-24T08:00Z'))?.calendar, null);
    assert.equal(exclusionAt(sets, Date.parse('2026-12-27T08:00Z'))?.calendar, 'works');
  });

  it('takes a range with its start and without its end', () => {
    const set = own('Asia/Tokyo', range('2026-05-01T10:00Z', '2026-05-03T00:00Z'));
    assert.equal(until(set, '2026-05-01T09:59:59.999Z'), null);
    assert.equal(until(set, '2026-05-01T10:00Z'), '2026-05-03T00:00:00Z');
    assert.equal(until(set, '2026-05-02T23:59:59.999Z'), '2026-05-03T00:00:00Z');
    assert.equal(until(set, '2026-05-03T00:00Z'), null);
  });

  it('takes a date for the whole local day of its zone', () => {
    const set = own('Asia/Kathmandu', date('2026-05-01')); // 5:45 ahead
    assert.equal(until(set, '2026-04-30T18:14:59.999Z'), null);
    assert.equal(until(set, '2026-04-30T18:15Z'), '2026-05-01T18:15:00Z');
    assert.equal(until(set, '2026-05-01T18:14:59.999Z'), '2026-05-01T18:15:00Z');
    assert.equal(until(set, '2026-05-01T18:15Z'), null);
  });

  it('takes a window of the week by local weekday and time', () => {
    const set = own('America/New_York', weekly([1, 5], 9, 17));
    assert.equal(until(set, '2026-01-05T13:59Z'), null); // Monday 08:59
    assert.equal(until(set, '2026-01-05T14:00Z'), '2026-01-05T22:00:00Z');
    assert.equal(until(set, '2026-01-05T22:00Z'), null);
    assert.equal(until(set, '2026-01-06T15:00Z'), null); // Tuesday
    assert.equal(until(set, '2026-01-09T21:59:59.999Z'), '2026-01-09T22:00:00Z');
  });

  it('lets a window go on over midnight, and counts the day on which it opened', () => {
    const set = own('UTC', weekly([6], 22, 6)); // Saturday night
    assert.equal(until(set, '2026-01-03T21:59Z'), null);
    assert.equal(until(set, '2026-01-03T22:00Z'), '2026-01-04T06:00:00Z');
    assert.equal(until(set, '2026-01-04T05:59Z'), '2026-01-04T06:00:00Z');
    assert.equal(until(set, '2026-01-04T06:00Z'), null);
    assert.equal(until(set, '2026-01-03T05:00Z'), null); // the night before
  });

  it('lets a window end at midnight, last a whole day, and last the whole week', () => {
    assert.equal(until(own('UTC', weekly([3], 18, 24)), '2026-01-07T23:59Z'), '2026-01-08T00:00:00Z');
    assert.equal(until(own('UTC', weekly([3], 18, 24)), '2026-01-08T00:00Z'), null);
    const fromNoon = own('UTC', weekly([3], 12, 12));
    assert.equal(until(fromNoon, '2026-01-08T11:59Z'), '2026-01-08T12:00:00Z');
    assert.equal(until(fromNoon, '2026-01-07T11:59Z'), null);
    const always = own('Pacific/Apia', weekly(EVERY_DAY, 0, 24));
    for (let hour = 0; hour < 7 * 24; hour += 1) {
      assert.ok(exclusionAt([always], Date.UTC(2026, 0, 5, hour)));
    }
  });

  it('follows the clocks on days of 23 and of 25 hours', () => {
    const spring = own('Europe/Berlin', date('2026-03-29'));
    assert.equal(until(spring, '2026-03-28T23:00Z'), '2026-03-29T01:00:00Z'); // asked again when the clocks change
    assert.equal(until(spring, '2026-03-29T01:00Z'), '2026-03-29T22:00:00Z');
    assert.equal(until(spring, '2026-03-29T22:00Z'), null);
    const autumn = own('Europe/Berlin', date('2026-10-25'));
    assert.equal(until(autumn, '2026-10-24T22:00Z'), '2026-10-25T01:00:00Z');
    assert.equal(until(autumn, '2026-10-25T22:59:59Z'), '2026-10-25T23:00:00Z');
    assert.equal(until(autumn, '2026-10-25T23:00Z'), null);
  });

  it('holds in both passes of a repeated time, and not at all in one that is left out', () => {
    const night = own('Europe/Berlin', weekly([0], 2, 3));
    assert.equal(until(night, '2026-10-25T00:30Z'), '2026-10-25T01:00:00Z');
    assert.equal(until(night, '2026-10-25T01:30Z'), '2026-10-25T02:00:00Z');
    assert.equal(until(night, '2026-10-25T02:00Z'), null);
    assert.equal(until(night, '2026-03-29T00:59:59Z'), null);
    assert.equal(until(night, '2026-03-29T01:00Z'), null);
  });

  it('follows a change of half an hour', () => {
    const set = own('Australia/Lord_Howe', date('2026-10-04')); // 02:00 becomes 02:30
    assert.equal(until(set, '2026-10-03T13:29:59Z'), null);
    assert.equal(until(set, '2026-10-03T13:30Z'), '2026-10-03T15:30:00Z');
    assert.equal(until(set, '2026-10-03T15:30Z'), '2026-10-04T13:00:00Z');
    assert.equal(until(set, '2026-10-04T13:00Z'), null);
  });

  it('never holds on a day that a zone left out', () => {
    const set = own('Pacific/Apia', date('2011-12-30'));
    for (let atMs = Date.UTC(2011, 11, 28); atMs < Date.UTC(2012, 0, 2); atMs += 10 * MINUTE_MS) {
      assert.equal(exclusionAt([set], atMs), undefined);
    }
    const before = own('Pacific/Apia', date('2011-12-29'));
    assert.equal(until(before, '2011-12-30T09:59:59Z'), '2011-12-30T10:00:00Z');
    assert.equal(until(before, '2011-12-30T10:00Z'), null);
  });
});

describe('skipExcluded', () => {
  const everySecond = (fromMs: number, count: number, untilMs = Infinity): readonly number[] => {
    const first = Math.ceil(fromMs / SECOND_MS) * SECOND_MS;
    const left = Math.max(0, Math.min(count, Math.ceil((untilMs - first) / SECOND_MS)));
    return Array.from({ length: left }, (_, index) => first + index * SECOND_MS);
  };

  it('asks once when nothing is excluded', () => {
    const asked: (readonly [number, number])[] = [];
    const generate = (fromMs: number, count: number) => {
      asked.push([fromMs, count]);
      return everySecond(fromMs, count);
    };
    assert.deepEqual(skipExcluded(generate, [own('UTC')], 500, 2), [1_000, 2_000]);
    assert.deepEqual(asked, [[500, 2]]);
  });

  it('steps over a long exclusion instead of walking through it', () => {
    let made = 0;
    const generate = (fromMs: number, count: number) => {
      const instants = everySecond(fromMs, count, Date.UTC(2027));
      made += instants.length;
      return instants;
    };
    const whole = own('Europe/Rome', weekly(EVERY_DAY, 0, 24));
    assert.deepEqual(skipExcluded(generate, [whole], Date.UTC(2026), 10), []);
    assert.ok(made <= 10 * 370, `${made} instants were looked at in a year`);
  });

  it('ends at an exclusion without an end', () => {
    const forever: ExclusionRule = { kind: 'range', fromMs: 5_000, untilMs: Infinity, label: null };
    assert.deepEqual(skipExcluded(everySecond, [own('UTC', forever)], 3_000, 10), [3_000, 4_000]);
    assert.deepEqual(skipExcluded(everySecond, [own('UTC', forever)], 3_000, 1), [3_000]);
    assert.deepEqual(skipExcluded(everySecond, [own('UTC', forever)], 3_000, 0), []);
  });
});
