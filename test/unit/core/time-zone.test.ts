import assert from 'node:assert/strict';

import { HOUR_MS, MINUTE_MS } from '../../../core/duration.ts';
import {
  canonicalTimeZone,
  describeTimeZoneFault,
  formatLocalTime,
  isTimeZone,
  offsetMs,
  transitionsBetween,
} from '../../../core/time-zone.ts';
import { FIXED_TIME_ZONES, TIME_ZONE_ALIASES } from '../../../core/time-zone-aliases.ts';
import { walkClock } from '../../support/cron-oracle.ts';

describe('isTimeZone', () => {
  it('takes every zone that the runtime lists, and every alias, which the runtime understands', () => {
    for (const name of Intl.supportedValuesOf('timeZone')) assert.ok(isTimeZone(name), name);
    for (const name of [...TIME_ZONE_ALIASES.keys(), ...TIME_ZONE_ALIASES.values(), ...FIXED_TIME_ZONES]) {
      assert.ok(isTimeZone(name), name);
      assert.doesNotThrow(() => offsetMs(name, 0), name);
    }
    for (const name of ['UTC', 'Europe/Kyiv', 'Europe/Kiev', 'Asia/Kathmandu', 'Asia/Calcutta', 'US/Pacific']) {
      assert.ok(isTimeZone(name), name);
    }
  });

  const refused = [
    '',
    ' ',
    'Mars/Base',
    '+05:30',
    '-08',
    'EST',
    'CET',
    'GMT',
    'utc',
    'utc ',
    ' UTC',
    'Europe/Rome ',
    'europe/rome',
  ];
  for (const name of [...refused, 'EUROPE/ROME', 'Z', 'local', 'Europe', 'Cuba', 'Etc/Unknown']) {
    it(`refuses ${JSON.stringify(name)}`, () => {
      assert.equal(isTimeZone(name), false);
    });
  }
});

describe('canonicalTimeZone', () => {
  const links: readonly (readonly [string, string])[] = [
    ['Europe/Kiev', 'Europe/Kyiv'],
    ['Europe/Zaporozhye', 'Europe/Kyiv'],
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['Asia/Katmandu', 'Asia/Kathmandu'],
    ['Asia/Saigon', 'Asia/Ho_Chi_Minh'],
    ['Asia/Rangoon', 'Asia/Yangon'],
    ['America/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['America/Indianapolis', 'America/Indiana/Indianapolis'],
    ['America/Godthab', 'America/Nuuk'],
    ['Atlantic/Faeroe', 'Atlantic/Faroe'],
    ['Africa/Asmera', 'Africa/Asmara'],
    ['Pacific/Truk', 'Pacific/Chuuk'],
    ['US/Eastern', 'America/New_York'],
    ['US/Pacific', 'America/Los_Angeles'],
    ['Australia/LHI', 'Australia/Lord_Howe'],
    ['Antarctica/South_Pole', 'Antarctica/McMurdo'],
    ['Etc/UTC', 'UTC'],
    ['Etc/Zulu', 'UTC'],
    ['Etc/GMT+0', 'Etc/GMT'],
  ];
  for (const [alias, canonical] of links) {
    it(`is ${canonical} for ${alias} and for itself`, () => {
      assert.equal(canonicalTimeZone(alias), canonical);
      assert.equal(canonicalTimeZone(canonical), canonical);
    });
  }

  it('leaves apart what has a name of its own, even where the clocks agree', () => {
    for (const name of ['Europe/Oslo', 'Europe/Berlin', 'Atlantic/Reykjavik', 'Africa/Abidjan', 'Etc/GMT+5', 'UTC']) {
      assert.equal(canonicalTimeZone(name), name);
    }
  });

  it('is a time zone with the same clock, for every name that is taken', () => {
    const names = [...Intl.supportedValuesOf('timeZone'), ...TIME_ZONE_ALIASES.keys(), ...FIXED_TIME_ZONES];
    const [fromMs, untilMs] = [Date.UTC(2010), Date.UTC(2041)];
    for (const name of names) {
      const canonical = canonicalTimeZone(name);
      assert.ok(isTimeZone(canonical), canonical);
      assert.equal(canonicalTimeZone(canonical), canonical);
      assert.equal(offsetMs(canonical, fromMs), offsetMs(name, fromMs), name);
      assert.deepEqual(transitionsBetween(canonical, fromMs, untilMs), transitionsBetween(name, fromMs, untilMs), name);
    }
  });

  it('gives one name to spellings that the runtime holds for one zone', () => {
    const resolve = (timeZone: string) => new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone;
    const names = [...TIME_ZONE_ALIASES.keys(), ...TIME_ZONE_ALIASES.values()];
    // To a runtime Etc/GMT is UTC; in the IANA database it is a zone of its own.
    for (const name of names.filter((one) => canonicalTimeZone(one) !== 'Etc/GMT')) {
      // Some runtimes answer with the name that they were given; the others' answer must lead to the same name as ours.
      assert.equal(canonicalTimeZone(resolve(name)), canonicalTimeZone(name), name);
    }
  });
});

describe('describeTimeZoneFault', () => {
  const faults: readonly (readonly [string, RegExp])[] = [
    ['utc ', /did you mean UTC\?$/],
    ['europe/rome', /did you mean Europe\/Rome\?$/],
    [' US/Eastern', /did you mean America\/New_York\?$/],
    ['+05:30', /; an offset does not say when the clocks change/],
    ['-08', /; an offset does not say/],
    ['GMT+5', /; an offset does not say/],
    ['UTC-03:00', /; an offset does not say/],
    ['EST', /; an abbreviation stands for several zones/],
    ['cest', /; an abbreviation stands for several zones/],
    ['', /such as Europe\/Rome$/],
    ['Mars/Base', /such as Europe\/Rome$/],
  ];
  for (const [name, message] of faults) {
    it(`helps whoever wrote ${JSON.stringify(name)}`, () => {
      assert.equal(isTimeZone(name), false);
      assert.match(
        describeTimeZoneFault(name),
        /^expected UTC or an IANA time zone in its exact spelling, such as Eur/,
      );
      assert.match(describeTimeZoneFault(name), message);
    });
  }
});

describe('offsetMs', () => {
  it('is local time minus UTC', () => {
    assert.equal(offsetMs('UTC', 0), 0);
    assert.equal(offsetMs('Asia/Kathmandu', Date.UTC(2026, 5, 1)), 5.75 * HOUR_MS);
    assert.equal(offsetMs('America/New_York', Date.UTC(2026, 0, 1, 0, 0, 0, 123)), -5 * HOUR_MS);
    assert.equal(offsetMs('Antarctica/Troll', Date.UTC(2026, 6, 1)), 2 * HOUR_MS);
    assert.equal(offsetMs('Africa/Monrovia', Date.UTC(1970)), -(44 * MINUTE_MS + 30_000));
  });

  it('throws for a zone that does not exist', () => {
    assert.throws(() => offsetMs('Mars/Base', 0), RangeError);
  });
});

describe('transitionsBetween', () => {
  const changes = (timeZone: string, fromYear: number, untilYear: number) =>
    transitionsBetween(timeZone, Date.UTC(fromYear), Date.UTC(untilYear)).map(
      ({ atMs, beforeOffsetMs, afterOffsetMs }) =>
        `${new Date(atMs).toISOString().slice(0, 19)} ${beforeOffsetMs / HOUR_MS} ${afterOffsetMs / HOUR_MS}`,
    );

  it('knows the ordinary, the half-hour and the two-hour change', () => {
    assert.deepEqual(changes('Europe/Berlin', 2026, 2027), ['2026-03-29T01:00:00 1 2', '2026-10-25T01:00:00 2 1']);
    assert.deepEqual(changes('Australia/Lord_Howe', 2026, 2027), [
      '2026-04-04T15:00:00 11 10.5',
      '2026-10-03T15:30:00 10.5 11',
    ]);
    assert.deepEqual(changes('Antarctica/Troll', 2026, 2027), ['2026-03-29T01:00:00 0 2', '2026-10-25T01:00:00 2 0']);
    assert.deepEqual(changes('UTC', 2000, 2030), []);
  });

  it('knows the zones that left out a day', () => {
    assert.deepEqual(changes('Pacific/Apia', 2011, 2012), [
      '2011-04-02T14:00:00 -10 -11',
      '2011-09-24T14:00:00 -11 -10',
      '2011-12-30T10:00:00 -10 14',
    ]);
    assert.deepEqual(changes('Pacific/Kwajalein', 1993, 1994), ['1993-08-21T12:00:00 -12 12']);
  });

  it('includes a change at the very first instant and excludes one at the last', () => {
    const atMs = Date.parse('2026-03-29T01:00:00Z');
    assert.equal(transitionsBetween('Europe/Berlin', atMs, atMs + 1).length, 1);
    assert.equal(transitionsBetween('Europe/Berlin', atMs - 1, atMs).length, 0);
    assert.equal(transitionsBetween('Europe/Berlin', atMs, atMs).length, 0);
  });

  // Two changes a week apart, four in a year, at odd hours, at the turn of the year.
  const scanned: readonly (readonly [string, number])[] = [
    ['Asia/Gaza', 2040],
    ['America/Recife', 2000],
    ['Africa/Casablanca', 2026],
    ['Africa/Cairo', 2010],
    ['Africa/Cairo', 2026],
    ['America/Argentina/Tucuman', 2004],
    ['Antarctica/Casey', 2020],
    ['America/Danmarkshavn', 1996],
    ['Pacific/Kiritimati', 1994],
    ['Asia/Pyongyang', 2015],
    ['Africa/Juba', 2021],
  ];
  for (const [timeZone, year] of scanned) {
    it(`finds what an hourly look at the clock finds in ${timeZone} in ${year}`, () => {
      const jumps: string[] = [];
      let previousMs: number | undefined;
      for (const { atMs, wallMs } of walkClock(timeZone, Date.UTC(year) - HOUR_MS, Date.UTC(year + 1), HOUR_MS)) {
        const currentMs = wallMs - atMs;
        if (previousMs !== undefined && currentMs !== previousMs) {
          const hour = new Date(atMs).toISOString().slice(0, 13);
          jumps.push(`${hour} ${previousMs / HOUR_MS} ${currentMs / HOUR_MS}`);
        }
        previousMs = currentMs;
      }
      const found = transitionsBetween(timeZone, Date.UTC(year), Date.UTC(year + 1)).map((transition) => {
        const seenMs = Math.ceil(transition.atMs / HOUR_MS) * HOUR_MS; // the first full hour that shows the new offset
        const hour = new Date(seenMs).toISOString().slice(0, 13);
        return `${hour} ${transition.beforeOffsetMs / HOUR_MS} ${transition.afterOffsetMs / HOUR_MS}`;
      });
      assert.deepEqual(found, jumps);
    });
  }
});

describe('formatLocalTime', () => {
  it('writes the wall clock with its offset', () => {
    assert.equal(formatLocalTime('Europe/Berlin', Date.parse('2026-03-29T01:00:00Z')), '2026-03-29 03:00:00 +02:00');
    assert.equal(formatLocalTime('UTC', Date.parse('2026-03-29T01:02:03Z')), '2026-03-29 01:02:03 +00:00');
    assert.equal(formatLocalTime('America/St_Johns', Date.parse('2026-01-01T00:00:00Z')), '2025-12-31 20:30:00 -03:30');
    assert.equal(formatLocalTime('Africa/Monrovia', 0), '1969-12-31 23:15:30 -00:44:30');
  });
});
