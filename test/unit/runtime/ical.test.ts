import assert from 'node:assert/strict';

import { DAY_MS } from '../../../core/duration.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import { instantsOfLocalTime } from '../../../core/local-time.ts';
import type { ExclusionRule } from '../../../core/task.ts';
import { readIcal } from '../../../runtime/ical.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00Z');
const OPTIONS = { nowMs: NOW_MS, timeZone: null };

describe('an iCalendar file', () => {
  describe('of public holidays, as Google exports it', () => {
    const text = file(
      'X-WR-CALNAME:Festività in Italia',
      'X-WR-TIMEZONE:Europe/Rome',
      'X-WR-CALDESC:Feste e celebrazioni\\, in Italia',
      ...event(
        'SUMMARY:Natale',
        'DTSTART;VALUE=DATE:20261225',
        'DTEND;VALUE=DATE:20261226',
        'TRANSP:TRANSPARENT',
        'STATUS:CONFIRMED',
      ),
      ...event(
        'SUMMARY:Santo Stefano',
        'DTSTART;VALUE=DATE:20261226',
        'DTEND;VALUE=DATE:20261227',
        'TRANSP:TRANSPARENT',
      ),
      ...event('SUMMARY:Natale', 'DTSTART;VALUE=DATE:20191225', 'DTEND;VALUE=DATE:20191226'),
    );

    it('gives its title, its zone, and a date for each holiday that is not long over', () => {
      const { title, timeZone, rules, leftOut } = readIcal(text, OPTIONS);
      assert.equal(title, 'Festività in Italia');
      assert.equal(timeZone, 'Europe/Rome');
      assert.deepEqual(rules, [date('2026-12-25', 'Natale'), date('2026-12-26', 'Santo Stefano')]);
      assert.deepEqual(leftOut, [
        { summary: 'Natale', reason: 'it does not fall between a year ago and ten years ahead' },
      ]);
    });

    it('reads the same with any ends of lines, folded lines and a byte order mark', () => {
      const folded = `\uFEFF${text.replaceAll('\r\n', '\n').replace('Santo Stefano', 'Santo\n  Stefano').replace('VALUE=DATE:20261225', 'VALUE=DA\n\tTE:20261225')}`;
      assert.deepEqual(readIcal(folded, OPTIONS), readIcal(text, OPTIONS));
    });

    it('is read in the zone of the request when that names one', () => {
      assert.equal(readIcal(text, { ...OPTIONS, timeZone: 'Asia/Tokyo' }).timeZone, 'Asia/Tokyo');
    });
  });

  describe('from Outlook, with zones by their Windows names', () => {
    const zone = [
      'BEGIN:VTIMEZONE',
      'TZID:W. Europe Standard Time',
      'BEGIN:STANDARD',
      'DTSTART:16011028T030000',
      'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'END:STANDARD',
      'BEGIN:DAYLIGHT',
      'DTSTART:16010325T020000',
      'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3',
      'TZOFFSETFROM:+0100',
      'TZOFFSETTO:+0200',
      'END:DAYLIGHT',
      'END:VTIMEZONE',
    ];
    const maintenance = event(
      'SUMMARY;LANGUAGE=de:Wartung\\, Halle 7',
      'DTSTART;TZID="W. Europe Standard Time":20261214T220000',
      'DTEND;TZID="W. Europe Standard Time":20261215T020000',
      'BEGIN:VALARM',
      'TRIGGER:-PT15M',
      'ACTION:DISPLAY',
      'DTSTART:19990101T000000Z',
      'END:VALARM',
    );

    it('gives ranges of instants, and the IANA name of the zone', () => {
      const { timeZone, rules } = readIcal(file(...zone, ...maintenance), OPTIONS);
      assert.equal(timeZone, 'Europe/Berlin');
      assert.deepEqual(rules, [range('2026-12-14T21:00:00Z', '2026-12-15T01:00:00Z', 'Wartung, Halle 7')]);
    });

    it('takes a zone that nobody knows by name from its definition', () => {
      const own = [...zone, ...maintenance].map((line) =>
        line.replace('W. Europe Standard Time', 'Customized Time Zone'),
      );
      const summer = event(
        'SUMMARY:Sommer',
        'DTSTART;TZID=Customized Time Zone:20270701T120000',
        'DURATION:PT1H',
        'RDATE:20270702T100000Z',
      );
      const { timeZone, rules } = readIcal(file(...own, ...summer), OPTIONS);
      assert.equal(timeZone, 'UTC');
      assert.deepEqual(rules, [
        range('2026-12-14T21:00:00Z', '2026-12-15T01:00:00Z', 'Wartung, Halle 7'),
        range('2027-07-01T10:00:00Z', '2027-07-01T11:00:00Z', 'Sommer'),
        range('2027-07-02T10:00:00Z', '2027-07-02T11:00:00Z', 'Sommer'),
      ]);
    });

    it('refuses a zone that nobody knows and that it does not define', () => {
      fails(
        file(...event('DTSTART;TZID=Mars/Base:20261214T220000', 'DURATION:PT1H')),
        /^line 6: there is no time zone Mars\/Base/,
      );
      fails(
        file('X-WR-TIMEZONE:EST', ...event('DTSTART;VALUE=DATE:20261214')),
        /^line 4: X-WR-TIMEZONE: .*abbreviation/,
      );
    });
  });

  describe('all-day events', () => {
    it('make a date of each day, the end exclusive', () => {
      assert.deepEqual(
        datesOf('SUMMARY:Betriebsferien', 'DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20270102').length,
        9,
      );
      assert.deepEqual(datesOf('DTSTART;VALUE=DATE:20261230', 'DURATION:P3D'), [
        '2026-12-30',
        '2026-12-31',
        '2027-01-01',
      ]);
      assert.deepEqual(datesOf('DTSTART;VALUE=DATE:20261230', 'DURATION:P1W').length, 7);
      assert.deepEqual(datesOf('DTSTART;VALUE=DATE:20261230'), ['2026-12-30']);
      assert.deepEqual(datesOf('DTSTART;VALUE=DATE:20261230', 'DTEND;VALUE=DATE:20261230'), ['2026-12-30']);
    });

    it('that come back every year are read from a year ago to ten years ahead', () => {
      const dates = datesOf('DTSTART;VALUE=DATE:19700101', 'RRULE:FREQ=YEARLY');
      assert.deepEqual(
        dates,
        Array.from({ length: 11 }, (_, index) => `${2026 + index}-01-01`),
      );
      assert.deepEqual(datesOf('DTSTART;VALUE=DATE:19701126', 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH').slice(0, 3), [
        '2025-11-27',
        '2026-11-26',
        '2027-11-25',
      ]);
      assert.deepEqual(datesOf('DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY;UNTIL=20330101'), [
        '2028-02-29',
        '2032-02-29',
      ]);
    });

    it('come back by month and week, with instances added and taken out', () => {
      assert.deepEqual(
        datesOf(
          'DTSTART;VALUE=DATE:20261130',
          'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4',
          'EXDATE;VALUE=DATE:20261231',
          'RDATE;VALUE=DATE:20270215,20270216',
        ),
        ['2026-11-30', '2027-01-31', '2027-02-15', '2027-02-16', '2027-02-28'],
      );
      assert.deepEqual(
        datesOf('DTSTART;VALUE=DATE:20261204', 'RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,SA;UNTIL=20261219T000000Z'),
        ['2026-12-04', '2026-12-05', '2026-12-18', '2026-12-19'],
      );
    });

    it('are cut at the ends of the window when they are longer', () => {
      const dates = datesOf('DTSTART;VALUE=DATE:20000101', 'DTEND;VALUE=DATE:20261124');
      assert.equal(dates[0], '2025-11-21');
      assert.equal(dates.at(-1), '2026-11-23');
      assert.equal(dates.length, 368);
    });

    it('on the same day make one date with both names', () => {
      const { rules } = readIcal(
        file(
          ...event('SUMMARY:Pasqua', 'DTSTART;VALUE=DATE:20270328'),
          ...event('SUMMARY:Cambio ora', 'DTSTART;VALUE=DATE:20270328'),
          ...event('SUMMARY:Pasqua', 'DTSTART;VALUE=DATE:20270328'),
        ),
        OPTIONS,
      );
      assert.deepEqual(rules, [date('2027-03-28', 'Pasqua; Cambio ora')]);
    });
  });

  describe('timed events', () => {
    it('keep their time of day and their length over a change of the clocks', () => {
      const rules = rulesOf(
        'SUMMARY:Backup',
        'DTSTART;TZID=America/New_York:20261030T230000',
        'DTEND;TZID=America/New_York:20261031T030000',
        'RRULE:FREQ=DAILY;UNTIL=20261103T040000Z',
        'EXDATE;TZID=America/New_York:20261031T230000',
        'EXDATE:20261102T040000Z',
      );
      assert.deepEqual(rules, [
        range('2026-10-31T03:00:00Z', '2026-10-31T07:00:00Z', 'Backup'),
        range('2026-11-03T04:00:00Z', '2026-11-03T08:00:00Z', 'Backup'),
      ]);
    });

    it('without a zone are meant in that of the calendar', () => {
      const text = file('X-WR-TIMEZONE:Asia/Kolkata', ...event('DTSTART:20261201T090000', 'DURATION:PT90M'));
      assert.deepEqual(readIcal(text, OPTIONS).rules, [range('2026-12-01T03:30:00Z', '2026-12-01T05:00:00Z', null)]);
    });

    it('at a time that the clock jumps over are meant with the offset before, and at one that comes twice the first', () => {
      assert.deepEqual(rulesOf('DTSTART;TZID=Europe/Rome:20270328T023000', 'DURATION:PT1H'), [
        range('2027-03-28T01:30:00Z', '2027-03-28T02:30:00Z', null),
      ]);
      const [first] = instantsOfLocalTime('Europe/Rome', Date.parse('2027-10-31T02:30:00Z'));
      assert.deepEqual(rulesOf('DTSTART;TZID=/citadel.org/20210210_1/Europe/Rome:20271031T023000', 'DURATION:PT1H'), [
        { kind: 'range', fromMs: first, untilMs: Number(first) + 3_600_000, label: null },
      ]);
    });

    it('that another event stands for at one of their times give way to it', () => {
      const master = event(
        'UID:w@x',
        'SUMMARY:Woche',
        'DTSTART:20261207T100000Z',
        'DTEND:20261207T110000Z',
        'RRULE:FREQ=WEEKLY;COUNT=3',
      );
      const moved = event(
        'UID:w@x',
        'SUMMARY:verlegt',
        'RECURRENCE-ID:20261214T100000Z',
        'DTSTART:20261215T100000Z',
        'DTEND:20261215T110000Z',
      );
      const dropped = event(
        'UID:w@x',
        'SUMMARY:Woche',
        'RECURRENCE-ID:20261221T100000Z',
        'DTSTART:20261221T100000Z',
        'STATUS:CANCELLED',
      );
      const { rules, leftOut } = readIcal(file(...master, ...moved, ...dropped), OPTIONS);
      assert.deepEqual(rules, [
        range('2026-12-07T10:00:00Z', '2026-12-07T11:00:00Z', 'Woche'),
        range('2026-12-15T10:00:00Z', '2026-12-15T11:00:00Z', 'verlegt'),
      ]);
      assert.deepEqual(leftOut, [{ summary: 'Woche', reason: 'it is cancelled' }]);
    });
  });

  it('says which events exclude nothing, and why', () => {
    const { leftOut } = readIcal(
      file(
        ...event('SUMMARY:fest', 'DTSTART;VALUE=DATE:20261225'),
        ...event('SUMMARY:abgesagt', 'DTSTART;VALUE=DATE:20261226', 'STATUS:CANCELLED'),
        ...event('SUMMARY:frei', 'DTSTART:20261226T100000Z', 'DURATION:PT1H', 'TRANSP:TRANSPARENT'),
        ...event('SUMMARY:Punkt', 'DTSTART:20261226T100000Z'),
        ...event('SUMMARY:ständig', 'DTSTART:20261226T100000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY'),
        ...event('SUMMARY:alt', 'DTSTART;VALUE=DATE:20261226', 'EXRULE:FREQ=DAILY'),
        ...event('DTSTART;VALUE=DATE:21000101'),
      ),
      OPTIONS,
    );
    assert.deepEqual(
      leftOut.map(({ summary, reason }) => `${summary}: ${reason}`),
      [
        'abgesagt: it is cancelled',
        'frei: it is marked as free time',
        'Punkt: it takes no time',
        'ständig: it comes back within a day; a window that comes back every week can say that',
        'alt: it has an EXRULE, which is no part of iCalendar any more',
        'the event of line 40: it does not fall between a year ago and ten years ahead',
      ],
    );
  });

  it('has labels and titles that can be stored, whatever their length', () => {
    const long = '🎄'.repeat(150);
    const { title, rules } = readIcal(
      file(`X-WR-CALNAME:${long}`, ...event(`SUMMARY:a${long}\\nb`, 'DTSTART;VALUE=DATE:20261225')),
      OPTIONS,
    );
    for (const text of [title, rules[0]?.label]) {
      assert.ok(typeof text === 'string' && text.length <= 200 && text.endsWith('🎄…'));
    }
  });

  describe('that is wrong', () => {
    const cases: readonly [string, string, RegExp][] = [
      ['no calendar at all', '{"a": 1}', /^line 1: expected a property.*“\{"a": 1\}”/],
      ['a web page', '<!doctype html>\n<html>', /^line 1: expected a property/],
      ['nothing', '\n\n', /^line 1: expected BEGIN:VCALENDAR/],
      [
        'an event outside of a calendar',
        event('DTSTART;VALUE=DATE:20261225').join('\n'),
        /^line 1: expected BEGIN:VCALENDAR/,
      ],
      ['no events', file(), /^it has no events/],
      ['an end that is missing', file().replace('END:VCALENDAR', ''), /^line 1: BEGIN:VCALENDAR has no END/],
      ['an end that ends nothing', file('END:VEVENT'), /^line 4: END:VEVENT ends nothing: VCALENDAR of line 1 is open/],
      ['text between', file('hello'), /^line 4: expected a colon and a value after “hello”/],
      ['an event without a start', file(...event('SUMMARY:x')), /^line 4: VEVENT: expected a DTSTART/],
      [
        'a date that is none',
        file(...event('DTSTART;VALUE=DATE:20260230')),
        /^line 6: DTSTART: expected a date or time from 1600 on/,
      ],
      ['a date in another spelling', file(...event('DTSTART;VALUE=DATE:2026-12-25')), /^line 6: DTSTART: expected/],
      [
        'an end before the start',
        file(...event('DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20261224')),
        /^line 7: DTEND: expected an end after/,
      ],
      [
        'an end of another sort',
        file(...event('DTSTART;VALUE=DATE:20261225', 'DTEND:20261225T100000Z')),
        /^line 7: DTEND: expected a date, as/,
      ],
      [
        'a length that is none',
        file(...event('DTSTART:20261225T100000Z', 'DURATION:1 hour')),
        /^line 7: DURATION: expected/,
      ],
      [
        'a rule without a frequency',
        file(...event('DTSTART;VALUE=DATE:20261225', 'RRULE:COUNT=3')),
        /^line 7: RRULE: FREQ=: expected one of DAILY, WEEKLY/,
      ],
      [
        'a rule with an unknown one',
        file(...event('DTSTART;VALUE=DATE:20261225', 'RRULE:FREQ=DAYLY')),
        /^line 7: RRULE: .*DAYLY/,
      ],
      [
        'a rule with an end that is none',
        file(...event('DTSTART;VALUE=DATE:20261225', 'RRULE:FREQ=DAILY;UNTIL=soon')),
        /^line 7: RRULE UNTIL: expected/,
      ],
      [
        'only events that exclude nothing',
        file(...event('SUMMARY:x', 'DTSTART;VALUE=DATE:20001225')),
        /^none of its events excludes anything; the first one, x,/,
      ],
    ];
    for (const [name, text, expected] of cases) {
      it(`is refused with a sentence: ${name}`, () => fails(text, expected));
    }
  });

  describe('that wants too much', () => {
    const daily = (index: number) =>
      event(`DTSTART:2027010${1 + (index % 9)}T10${10 + index}00Z`, 'DURATION:PT1M', 'RRULE:FREQ=DAILY');

    it('is refused: too many rules', () => {
      fails(file(...daily(0), ...daily(1)), /more than 5000 days and ranges/);
    });

    const old = event('SUMMARY:old', 'DTSTART;VALUE=DATE:16000101', 'RRULE:FREQ=DAILY');
    const hostile: readonly [string, readonly string[]][] = [
      ['rules that never hold', repeat(8_000, 'DTSTART;VALUE=DATE:20261225', 'RRULE:FREQ=YEARLY;BYDAY=53MO')],
      ['rules that count from long ago', repeat(50, 'DTSTART;VALUE=DATE:16000101', 'RRULE:FREQ=DAILY;COUNT=1000000')],
      [
        'long events that come back every day',
        repeat(9, 'DTSTART;VALUE=DATE:20250101', 'DURATION:P4000D', 'RRULE:FREQ=DAILY'),
      ],
    ];
    for (const [name, lines] of hostile) {
      it(`is refused: ${name}`, () => fails(file(...lines), /^line \d+: the events of the file repeat too often/));
    }

    it('is read when it only began long ago', () => {
      assert.equal(readIcal(file(...old), OPTIONS).rules.length, 4_018);
    });

    it('is refused: components inside components', () => {
      fails('BEGIN:VCALENDAR\n'.repeat(60_000), /^line 9: components are nested more than 8 deep/);
    });

    it('is read when it is large and sound', () => {
      const lines = Array.from({ length: 4_999 }, (_, index) => {
        const day = new Date(NOW_MS + (index % 2_999) * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
        return event(
          `SUMMARY:event ${index}`,
          `DTSTART;TZID=Europe/Rome:${day}T${String(index % 24).padStart(2, '0')}0000`,
          'DURATION:PT1H',
          'DESCRIPTION:what it is about',
        );
      });
      const text = file(...lines.flat());
      assert.equal(readIcal(text, OPTIONS).rules.length, 4_999);
    });
  });
});

function file(...lines: readonly string[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');
}

function event(...lines: readonly string[]): string[] {
  const uid = lines.some((line) => line.startsWith('UID:')) ? [] : ['UID:1@example.org'];
  return ['BEGIN:VEVENT', ...uid, ...lines, 'END:VEVENT'];
}

function repeat(count: number, ...lines: readonly string[]): string[] {
  return Array.from({ length: count }, () => event(...lines)).flat();
}

function rulesOf(...lines: readonly string[]): readonly ExclusionRule[] {
  return readIcal(file(...event(...lines)), OPTIONS).rules;
}

function datesOf(...lines: readonly string[]): readonly string[] {
  return rulesOf(...lines).map((rule) => (rule.kind === 'date' ? rule.date : rule.kind));
}

function date(text: string, label: string | null): ExclusionRule {
  return { kind: 'date', date: text, label };
}

function range(from: string, until: string, label: string | null): ExclusionRule {
  return { kind: 'range', fromMs: Date.parse(from), untilMs: Date.parse(until), label };
}

function fails(text: string, expected: RegExp): void {
  assert.throws(
    () => readIcal(text, OPTIONS),
    (error) => {
      assert.ok(error instanceof InvalidInputError);
      const [{ path, message } = { path: '', message: '' }] = error.errors;
      assert.equal(path, 'ical');
      assert.match(message, expected);
      return true;
    },
  );
}
