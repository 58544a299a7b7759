import assert from 'node:assert/strict';

import { nextOccurrences, occurrencesBetween, parseCron } from '../../../core/cron.ts';
import { DAY_MS, HOUR_MS } from '../../../core/duration.ts';
import { instantsBetween } from '../../../core/schedule.ts';
import { type DstPolicy } from '../../../core/task.ts';
import { offsetMs, type Transition, transitionsBetween } from '../../../core/time-zone.ts';
import { FIXED_TIME_ZONES, TIME_ZONE_ALIASES } from '../../../core/time-zone-aliases.ts';
import { intervalsAround, randomFrom, schedulesAround } from '../../support/change-schedules.ts';
import { oracleOccurrences, walkClock } from '../../support/cron-oracle.ts';
import {
  changesOfClock,
  openWallClock,
  walkedInterval,
  walkedOccurrences,
  walkSeconds,
} from '../../support/zone-oracle.ts';

const FROM_MS = Date.UTC(2000);
const UNTIL_MS = Date.UTC(2041);
const POLICIES: readonly DstPolicy[] = (['shift', 'skip'] as const).flatMap((gap) =>
  (['first', 'last', 'both'] as const).map((repeat) => ({ gap, repeat })),
);
const DEFAULTS: DstPolicy = { gap: 'shift', repeat: 'first' };

/** New times to try at each run; a failure names the seed, and ALMANAC_TEST_SEED repeats it. */
const seed = Number(process.env.ALMANAC_TEST_SEED ?? Date.now() % 2 ** 31);

describe('every time zone from 2000 to 2040', function () {
  this.timeout(600_000);

  const counts = { zones: 0, changes: 0, comparisons: 0, instants: 0, decidedByGap: 0, decidedByRepeat: 0, pieces: 0 };
  after('say how much was looked at', () => process.stdout.write(`\n    ${JSON.stringify({ seed, ...counts })}\n`));

  it('changes its clock when a look at the clock on each day says so', () => {
    for (const timeZone of zones()) {
      const found = transitionsBetween(timeZone, FROM_MS, UNTIL_MS);
      assert.deepEqual(found, changesOfClock(openWallClock(timeZone), FROM_MS, UNTIL_MS), timeZone);
      counts.zones += 1;
      counts.changes += found.length;
    }
    assert.ok(counts.zones >= 400, `${counts.zones} zones`);
    assert.ok(counts.changes >= 10_000, `${counts.changes} changes`);
  });

  it('fires around each change as a walk through it, second by second, says', () => {
    for (const timeZone of zones()) {
      const clock = openWallClock(timeZone);
      for (const change of changesOf(timeZone)) {
        const random = randomFrom(seed ^ (change.atMs / 1_000));
        const { fromMs, untilMs } = surroundingsOf(change);
        const walk = walkSeconds(clock, fromMs, untilMs);
        for (const expression of schedulesAround(change, random)) {
          const cron = parseCron(expression);
          const expectedUnder = walkedOccurrences(walk, expression);
          for (const dst of POLICIES) {
            const found = occurrencesBetween(cron, timeZone, dst, fromMs, untilMs, Infinity);
            demandEqual(found, expectedUnder(dst), () => [timeZone, change, expression, dst, seed]);
            counts.comparisons += 1;
            counts.instants += found.length;
          }
          const gapsMatter = expectedUnder({ gap: 'skip', repeat: 'both' }).length;
          const repeatsMatter = expectedUnder({ gap: 'shift', repeat: 'first' }).length;
          const most = expectedUnder({ gap: 'shift', repeat: 'both' }).length;
          if (most > gapsMatter) counts.decidedByGap += 1;
          if (most > repeatsMatter) counts.decidedByRepeat += 1;
        }
        for (const { everyMs, startsAtMs } of intervalsAround(change, random)) {
          const limits = { timeZone, endsAtMs: null, maxRuns: null, exclusions: [] };
          const schedule = { kind: 'interval', everyMs, startsAtMs, ...limits } as const;
          const found = instantsBetween(schedule, fromMs, untilMs, Infinity);
          demandEqual(found, walkedInterval(walk, everyMs, startsAtMs), () => [timeZone, change, schedule, seed]);
          counts.comparisons += 1;
        }
      }
    }
    assert.ok(counts.comparisons >= 800_000, `${counts.comparisons} comparisons`);
    assert.ok(counts.decidedByGap >= 10_000, `${counts.decidedByGap} with times in a gap`);
    assert.ok(counts.decidedByRepeat >= 10_000, `${counts.decidedByRepeat} with repeated times`);
  });

  it('gives the same instants in pieces, cut anywhere around a change, as in one', () => {
    for (const timeZone of zones()) {
      for (const change of changesOf(timeZone)) {
        const random = randomFrom(seed ^ (change.atMs / 1_000) ^ 1);
        const { fromMs, untilMs } = surroundingsOf(change);
        for (const expression of schedulesAround(change, random)) {
          const cron = parseCron(expression);
          const dst = POLICIES[Math.floor(random() * POLICIES.length)] ?? DEFAULTS;
          const find = (startMs: number, endMs: number, limit = Infinity) =>
            occurrencesBetween(cron, timeZone, dst, startMs, endMs, limit);
          const whole = find(fromMs, untilMs);
          // At the change itself, at an instant that fires, or anywhere, to the millisecond.
          const anywhereMs = fromMs + Math.floor(random() * (untilMs - fromMs));
          const cutMs = random() < 0.2 ? change.atMs : random() < 0.3 ? (whole.at(-1) ?? anywhereMs) : anywhereMs;
          const context = () => [timeZone, change, expression, dst, new Date(cutMs), seed];
          const rest = find(cutMs, untilMs);
          demandEqual([...find(fromMs, cutMs), ...rest], whole, context);
          demandEqual(find(fromMs, untilMs, 2), whole.slice(0, 2), context);
          demandEqual(nextOccurrences(cron, timeZone, dst, cutMs - 1, rest.length), rest, context);
          counts.pieces += 1;
        }
      }
    }
    assert.ok(counts.pieces >= 130_000, `${counts.pieces} cuts`);
  });

  it('fires once for each date of each year at a fixed time, also when a date is left out', () => {
    for (const timeZone of zones()) {
      const fromMs = FROM_MS - offsetMs(timeZone, FROM_MS);
      const untilMs = UNTIL_MS - offsetMs(timeZone, UNTIL_MS);
      const count = occurrencesBetween(parseCron('0 9 * * *'), timeZone, DEFAULTS, fromMs, untilMs, Infinity).length;
      assert.equal(count, (UNTIL_MS - FROM_MS) / DAY_MS, timeZone);
    }
    const [lordHowe, fromMs] = ['Australia/Lord_Howe', Date.parse('2025-12-31T13:00:00Z')];
    const year = occurrencesBetween(parseCron('0 9 * * *'), lordHowe, DEFAULTS, fromMs, fromMs + 365 * DAY_MS, 1_000);
    assert.equal(year.length, 365);
  });
});

describe('a time zone with an unusual change', () => {
  const unusual: readonly (readonly [string, string, number])[] = [
    ['Pacific/Apia', '2011-12-30T10:00:00Z', 24],
    ['Pacific/Fakaofo', '2011-12-30T11:00:00Z', 24],
    ['Pacific/Kwajalein', '1993-08-21T12:00:00Z', 24],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00Z', -0.5],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', 0.5],
    ['Antarctica/Troll', '2026-03-29T01:00:00Z', 2],
    ['Antarctica/Casey', '2020-10-03T16:01:00Z', 3],
    ['America/Sao_Paulo', '2018-11-04T03:00:00Z', 1],
    ['America/Sao_Paulo', '2019-02-17T02:00:00Z', -1],
    ['America/St_Johns', '2006-10-29T02:31:00Z', -1],
    ['America/Caracas', '2007-12-09T07:00:00Z', -0.5],
    ['Africa/Casablanca', '2026-02-15T02:00:00Z', -1],
    ['Africa/Casablanca', '2026-03-22T02:00:00Z', 1],
    ['Asia/Pyongyang', '2015-08-14T15:00:00Z', -0.5],
    ['Asia/Pyongyang', '2018-05-04T15:00:00Z', 0.5],
    ['Europe/Istanbul', '2016-03-27T01:00:00Z', 1],
  ];
  for (const [timeZone, at, hours] of unusual) {
    it(`fires as a walk says that asks the clock at each second: ${timeZone} at ${at}`, function () {
      this.timeout(120_000);
      const atMs = Date.parse(at);
      const [change, ...others] = transitionsBetween(timeZone, atMs - 3 * DAY_MS, atMs + 3 * DAY_MS);
      assert.ok(change !== undefined && others.length === 0);
      assert.deepEqual([change.atMs, change.afterOffsetMs - change.beforeOffsetMs], [atMs, hours * HOUR_MS]);
      const { fromMs, untilMs } = surroundingsOf(change);
      const ticks = walkClock(timeZone, fromMs, untilMs, 1_000);
      const expressions = [...schedulesAround(change, randomFrom(seed)), '30 2 * * *', '* * * * *', '0 0 * * *'];
      for (const expression of expressions) {
        for (const dst of POLICIES) {
          const found = occurrencesBetween(parseCron(expression), timeZone, dst, fromMs, untilMs, Infinity);
          const context = () => [timeZone, change, expression, dst, seed];
          demandEqual(found, oracleOccurrences(ticks, expression, dst), context);
        }
      }
    });
  }

  it('keeps the clock that it had on the day its rules ended', () => {
    assert.deepEqual(transitionsBetween('Europe/Istanbul', Date.UTC(2016, 4), UNTIL_MS), []);
    assert.deepEqual(transitionsBetween('America/Sao_Paulo', Date.UTC(2019, 3), UNTIL_MS), []);
    const winterMs = Date.parse('2016-11-06T06:00:00Z');
    const found = occurrencesBetween(
      parseCron('0 9 * * *'),
      'Europe/Istanbul',
      DEFAULTS,
      winterMs,
      winterMs + DAY_MS,
      9,
    );
    assert.deepEqual(found, [winterMs]);
  });
});

/** Every zone that the runtime knows; names that it resolves to one and the same are walked once. */
function zones(): readonly string[] {
  const names = ['UTC', ...Intl.supportedValuesOf('timeZone'), ...TIME_ZONE_ALIASES.keys(), ...FIXED_TIME_ZONES];
  return [
    ...new Set(names.map((timeZone) => new Intl.DateTimeFormat('en-GB', { timeZone }).resolvedOptions().timeZone)),
  ];
}

/** For a zone without any, an instant at which nothing happens but the calendar, so that no zone is left out. */
function changesOf(timeZone: string): readonly Transition[] {
  const changes = transitionsBetween(timeZone, FROM_MS, UNTIL_MS);
  if (changes.length > 0) return changes;
  const atMs = Date.UTC(2028, 1, 29);
  const currentMs = offsetMs(timeZone, atMs);
  return [{ atMs, beforeOffsetMs: currentMs, afterOffsetMs: currentMs }];
}

/** What is left out or repeated, with two hours more on both sides. */
function surroundingsOf({ atMs, beforeOffsetMs, afterOffsetMs }: Transition) {
  const reachMs = Math.abs(afterOffsetMs - beforeOffsetMs) + 2 * HOUR_MS;
  return { fromMs: atMs - reachMs, untilMs: atMs + reachMs };
}

/** As `deepEqual`, and strictly increasing; a million times without a message. */
function demandEqual(found: readonly number[], expected: readonly number[], context: () => readonly unknown[]): void {
  const isEqual =
    found.length === expected.length &&
    found.every((atMs, index) => atMs === expected[index] && (index === 0 || atMs > Number(found[index - 1])));
  if (isEqual) return;
  const write = (instants: readonly number[]) => instants.map((atMs) => new Date(atMs).toISOString());
  assert.deepEqual(write(found), write(expected), JSON.stringify(context()));
  assert.fail(`not strictly increasing: ${JSON.stringify([...context(), found])}`);
}
