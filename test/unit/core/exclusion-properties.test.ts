import assert from 'node:assert/strict';

import fc from 'fast-check';

import { DAY_MS, HOUR_MS, SECOND_MS, startOfUtcDayMs } from '../../../core/duration.ts';
import { exclusionAt } from '../../../core/exclusion.ts';
import { instantsBetween } from '../../../core/schedule.ts';
import type { ExclusionRule, ExclusionSet, TaskSchedule } from '../../../core/task.ts';
import { openWallClock, type WallClock } from '../../support/zone-oracle.ts';

describe('exclusions, held against the clock on the wall', () => {
  it('agree with it at any instant, and keep their word up to the end that they name', () => {
    fc.assert(
      fc.property(anyMoment, fc.array(anyRule, { minLength: 1, maxLength: 3 }), (moment, rules) => {
        const sets = [
          own(
            moment.timeZone,
            rules.map((rule) => rule(startOfUtcDayMs(moment.atMs))),
          ),
        ];
        const exclusion = exclusionAt(sets, moment.atMs);
        assert.equal(exclusion !== undefined, isExcludedByTheWall(sets, moment.atMs));
        if (exclusion === undefined) return;
        assert.ok(exclusion.untilMs > moment.atMs);
        const stepMs = Math.max(SECOND_MS, (exclusion.untilMs - moment.atMs) / 50);
        for (let atMs = moment.atMs; atMs < exclusion.untilMs; atMs += stepMs) {
          assert.ok(isExcludedByTheWall(sets, atMs), new Date(atMs).toISOString());
        }
        assert.ok(isExcludedByTheWall(sets, exclusion.untilMs - 1));
      }),
      { numRuns: 400 },
    );
  });

  it('leave of a schedule exactly what a look at each instant leaves', () => {
    fc.assert(
      fc.property(
        anyMoment,
        anySchedule,
        fc.array(anyRule, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 * DAY_MS }),
        fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(Infinity)),
        ({ timeZone, atMs }, toSchedule, rules, lengthMs, limit) => {
          const fromMs = atMs - Math.floor(lengthMs / 2);
          const untilMs = fromMs + lengthMs;
          const [first, ...others] = rules.map((rule) => rule(startOfUtcDayMs(atMs)));
          assert.ok(first);
          const sets = [own(timeZone, [first]), { calendar: 'shared', timeZone: 'Asia/Tokyo', rules: others }];
          const all = instantsBetween(toSchedule(timeZone, atMs, []), fromMs, untilMs, Infinity);
          assert.deepEqual(
            instantsBetween(toSchedule(timeZone, atMs, sets), fromMs, untilMs, limit),
            all.filter((one) => !isExcludedByTheWall(sets, one)).slice(0, limit),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

function own(timeZone: string, rules: readonly ExclusionRule[]): ExclusionSet {
  return { calendar: null, timeZone, rules };
}

/** Instants around changes of the clocks, and ordinary ones. */
const anyMoment = fc
  .tuple(
    fc.constantFrom(
      ['Europe/Berlin', '2026-03-29T01:00Z'],
      ['Europe/Berlin', '2026-10-25T01:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
      ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
      ['America/Sao_Paulo', '2018-02-18T02:00Z'], // back at midnight: an hour of the day before comes twice
      ['America/Sao_Paulo', '2018-11-04T03:00Z'], // ahead at midnight: the day begins at 01:00
      ['Pacific/Apia', '2011-12-30T10:00Z'],
      ['Pacific/Kwajalein', '1993-08-21T12:00Z'],
      ['UTC', '2026-06-15T12:00Z'],
    ),
    fc.integer({ min: -3 * 86_400, max: 3 * 86_400 }),
  )
  .map(([[timeZone, change], seconds]) => ({
    timeZone,
    atMs: Date.parse(change) + seconds * SECOND_MS,
  }));

/** Rules with dates and ranges close to a given day. */
const anyRule: fc.Arbitrary<(dayMs: number) => ExclusionRule> = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((days) => (dayMs: number): ExclusionRule => ({
    kind: 'date',
    date: new Date(dayMs + days * DAY_MS).toISOString().slice(0, 10),
    label: null,
  })),
  fc
    .tuple(fc.integer({ min: -3 * DAY_MS, max: 3 * DAY_MS }), fc.integer({ min: 1, max: 3 * DAY_MS }))
    .map(([fromMs, lengthMs]) => (dayMs: number): ExclusionRule => ({
      kind: 'range',
      fromMs: dayMs + fromMs,
      untilMs: dayMs + fromMs + lengthMs,
      label: null,
    })),
  fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 0, max: 6 })),
      fc.integer({ min: 0, max: 1_439 }),
      fc.integer({ min: 0, max: 1_440 }),
    )
    .map(([weekdays, fromMinute, untilMinute]) => (): ExclusionRule => ({
      kind: 'weekly',
      weekdays,
      fromMinute,
      untilMinute,
      label: null,
    })),
);

type ToSchedule = (timeZone: string, aroundMs: number, exclusions: readonly ExclusionSet[]) => TaskSchedule;

const anySchedule: fc.Arbitrary<ToSchedule> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 600, max: 100_000 }), fc.integer({ min: 0, max: 10 * HOUR_MS }))
    .map(([everySeconds, phaseMs]): ToSchedule => (timeZone, aroundMs, exclusions) => ({
      kind: 'interval',
      everyMs: everySeconds * SECOND_MS,
      startsAtMs: aroundMs - 4 * DAY_MS + phaseMs,
      endsAtMs: null,
      timeZone,
      maxRuns: null,
      exclusions,
    })),
  fc
    .constantFrom('*/10 * * * *', '0 0 * * *', '30 2 * * *', '15,45 */3 * * *', '0 12 * * 1-5')
    .map((expression): ToSchedule => (timeZone, _, exclusions) => ({
      kind: 'cron',
      expressions: [expression],
      timeZone,
      startsAtMs: null,
      endsAtMs: null,
      dst: { gap: 'shift', repeat: 'both' },
      maxRuns: null,
      exclusions,
    })),
);

/** The obvious answer: look at the wall, then at each rule. */
function isExcludedByTheWall(sets: readonly ExclusionSet[], atMs: number): boolean {
  return sets.some(({ timeZone, rules }) => {
    let clock = clocks.get(timeZone);
    if (clock === undefined) clocks.set(timeZone, (clock = openWallClock(timeZone)));
    const wall = new Date(clock(Math.floor(atMs / SECOND_MS) * SECOND_MS));
    const minute = wall.getUTCHours() * 60 + wall.getUTCMinutes();
    const weekday = wall.getUTCDay();
    return rules.some((rule) => {
      if (rule.kind === 'range') return rule.fromMs <= atMs && atMs < rule.untilMs;
      if (rule.kind === 'date') return wall.toISOString().slice(0, 10) === rule.date;
      const opensToday = rule.weekdays.includes(weekday) && minute >= rule.fromMinute;
      if (rule.fromMinute < rule.untilMinute) return opensToday && minute < rule.untilMinute;
      return opensToday || (rule.weekdays.includes((weekday + 6) % 7) && minute < rule.untilMinute);
    });
  });
}

const clocks = new Map<string, WallClock>();
