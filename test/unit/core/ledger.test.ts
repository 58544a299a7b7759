import assert from 'node:assert/strict';

import fc from 'fast-check';

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../core/duration.ts';
import {
  compareOccurrences,
  expectedInstants,
  fingerprintOf,
  isSameFingerprint,
  joinFingerprints,
  type RecordedOccurrence,
  rememberInstants,
  type RevisionInForce,
} from '../../../core/ledger.ts';
import { instantsBetween } from '../../../core/schedule.ts';
import type { TaskSchedule } from '../../../core/task.ts';

const DAY = Date.parse('2026-03-29T00:00:00Z');
const NEXT_DAY = DAY + DAY_MS;
const atHour = (hour: number): number => DAY + hour * HOUR_MS;
const whole = (schedule: TaskSchedule, fromMs: number, untilMs: number) =>
  instantsBetween(schedule, fromMs, untilMs, Infinity);

describe('expectedInstants', () => {
  const expected = (...revisions: readonly RevisionInForce[]) => expectedInstants(revisions, DAY, NEXT_DAY, whole);

  it('are none without a revision', () => {
    assert.deepEqual(expected(), []);
  });

  it('are those of the schedule from the watermark that the revision began with until the next revision', () => {
    const revision = hourly({ fromMs: atHour(3) + 1, untilMs: atHour(6) });
    assert.deepEqual(expected(revision), [atHour(4), atHour(5)]);
  });

  it('are those of the whole day when the revision was in force before and after', () => {
    assert.equal(expected(hourly({ fromMs: DAY - 10 * DAY_MS })).length, 24);
  });

  it('are none when the revision ended before, or begins after', () => {
    assert.deepEqual(expected(hourly({ untilMs: DAY })), []);
    assert.deepEqual(expected(hourly({ fromMs: NEXT_DAY })), []);
  });

  it('end where the scheduler has decided so far', () => {
    assert.deepEqual(expected(hourly({ decidedUntilMs: atHour(2) })), [atHour(0), atHour(1)]);
  });

  it('have the one occurrence that was written with the revision, unless the next revision came before it', () => {
    assert.deepEqual(expected(single({ firstMs: atHour(5), untilMs: null })), [atHour(5)]);
    assert.deepEqual(expected(single({ firstMs: atHour(5), untilMs: atHour(5) + 1 })), [atHour(5)]);
    assert.deepEqual(expected(single({ firstMs: atHour(5), untilMs: atHour(5) })), []);
    assert.deepEqual(expected(single({ firstMs: DAY - 1, untilMs: null })), []);
    assert.deepEqual(expected(single({ firstMs: null, untilMs: null })), []);
  });

  it('name an instant once that two revisions called for', () => {
    const edited = single({ firstMs: atHour(2), untilMs: null });
    assert.deepEqual(expected(edited, hourly({ fromMs: atHour(1), untilMs: atHour(3) })), [atHour(1), atHour(2)]);
  });

  it('are as many as the limit of runs left, counted from the watermark', () => {
    const limited = (maxRuns: number, slotsDecided: number, fromMs: number) =>
      expected(hourly({ fromMs, slotsDecided }, { maxRuns })).map((atMs) => (atMs - DAY) / HOUR_MS);
    assert.deepEqual(limited(3, 0, atHour(5)), [5, 6, 7]);
    assert.deepEqual(limited(10, 7, atHour(5)), [5, 6, 7]);
    assert.deepEqual(limited(26, 0, DAY - DAY_MS), [0, 1]);
    assert.deepEqual(limited(24, 0, DAY - DAY_MS), []);
    assert.deepEqual(limited(24, 24, atHour(5)), []);
    assert.equal(limited(1_000_000, 0, DAY - DAY_MS).length, 24);
  });

  it('count a limit of runs over more instants than are held at once', () => {
    const everySecond = interval(SECOND_MS, { maxRuns: 90_000 });
    const revision = inForce({ schedule: everySecond, fromMs: DAY - DAY_MS });
    assert.deepEqual(
      expected(revision),
      Array.from({ length: 3_600 }, (_, second) => DAY + second * SECOND_MS),
    );
  });
});

describe('fingerprintOf', () => {
  const Instants = fc.uniqueArray(fc.integer({ min: DAY, max: NEXT_DAY - 1 }), { maxLength: 50 });

  it('is the same for the same instants in any order', () => {
    fc.assert(
      fc.property(Instants, (instants) => {
        assert.deepEqual(fingerprintOf(instants), fingerprintOf(instants.toReversed()));
      }),
    );
  });

  it('changes when an instant is left out, added or moved', () => {
    fc.assert(
      fc.property(Instants, fc.integer({ min: DAY, max: NEXT_DAY - 1 }), (instants, other) => {
        fc.pre(instants.length > 0 && !instants.includes(other));
        const whole = fingerprintOf(instants);
        assert.equal(isSameFingerprint(whole, fingerprintOf(instants.slice(1))), false);
        assert.equal(isSameFingerprint(whole, fingerprintOf([...instants, other])), false);
        assert.equal(isSameFingerprint(whole, fingerprintOf([other, ...instants.slice(1)])), false);
      }),
    );
  });

  it('tells sets apart that have the same size and the same sum', () => {
    const one = fingerprintOf([DAY + 1, DAY + 5]);
    const other = fingerprintOf([DAY + 2, DAY + 4]);
    assert.equal(one.sum, other.sum);
    assert.equal(isSameFingerprint(one, other), false);
  });

  it('of two parts joins to that of the whole', () => {
    fc.assert(
      fc.property(Instants, fc.nat(50), (instants, cut) => {
        const [one, other] = [instants.slice(0, cut), instants.slice(cut)];
        assert.deepEqual(joinFingerprints(fingerprintOf(one), fingerprintOf(other)), fingerprintOf(instants));
      }),
    );
  });
});

describe('compareOccurrences', () => {
  const compare = (
    expected: readonly number[],
    occurrences: readonly RecordedOccurrence[],
    ...revisions: readonly RevisionInForce[]
  ) => {
    const { matched, missing, excess } = compareOccurrences(expected, occurrences, revisions);
    return { matched: matched.map(({ atMs }) => atMs), missing, excess: excess.map(({ atMs }) => atMs) };
  };

  it('finds what is missing, and what nobody called for', () => {
    const found = compare([1, 2, 3], [recorded(1), recorded(3), recorded(4)]);
    assert.deepEqual(found, { matched: [1, 3], missing: [2], excess: [4] });
  });

  it('takes what a person or a backfill made for an expected instant, and leaves it out otherwise', () => {
    const found = compare([1], [recorded(1, { isFromSchedule: false }), recorded(2, { isFromSchedule: false })]);
    assert.deepEqual(found, { matched: [1], missing: [], excess: [] });
  });

  it('lets an occurrence outlive its revision that ended without a run, or that a person moved', () => {
    const replaced = hourly({ untilMs: atHour(2) });
    for (const kept of [
      { status: 'Cancelled' },
      { status: 'Skipped' },
      { status: 'Expired' },
      { isMoved: true },
    ] as const) {
      assert.deepEqual(compare([], [recorded(atHour(5), kept)], replaced).excess, [], JSON.stringify(kept));
    }
    assert.deepEqual(compare([], [recorded(atHour(5))], replaced).excess, [atHour(5)]);
    assert.deepEqual(compare([], [recorded(atHour(5), { status: 'Scheduled' })], replaced).excess, [atHour(5)]);
  });

  it('does not take what no revision ever called for, however it ended', () => {
    const found = compare([], [recorded(atHour(5) + 1, { status: 'Cancelled' })], hourly({ untilMs: atHour(2) }));
    assert.deepEqual(found.excess, [atHour(5) + 1]);
  });

  it('takes an occurrence at the very instant of the change, and one that is written before it counts as decided', () => {
    assert.deepEqual(compare([], [recorded(atHour(2))], hourly({ untilMs: atHour(2) })).excess, []);
    assert.deepEqual(compare([], [recorded(atHour(2))], hourly({ decidedUntilMs: atHour(1) })).excess, []);
  });
});

describe('rememberInstants', () => {
  it('answers any part of its window as the schedule itself does, however little it can hold', () => {
    const schedules: readonly TaskSchedule[] = [
      cron('*/7 * * * *', 'UTC'),
      cron('30 2 * * *', 'Europe/Rome'),
      cron('0 4 1 1 *', 'UTC'),
      interval(11 * MINUTE_MS),
      { kind: 'once', atMs: atHour(3) },
    ];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(4), fc.nat(DAY_MS), fc.nat(DAY_MS)), { maxLength: 20 }),
        fc.integer({ min: 0, max: 500 }),
        (questions, capacity) => {
          const remembered = rememberInstants(DAY, NEXT_DAY, capacity);
          for (const [index, one, other] of questions) {
            const schedule = schedules[index];
            assert.ok(schedule);
            const [fromMs, untilMs] = [DAY + Math.min(one, other), DAY + Math.max(one, other)];
            assert.deepEqual(remembered(schedule, fromMs, untilMs), whole(schedule, fromMs, untilMs));
          }
        },
      ),
    );
  });

  it('computes a schedule once for all tasks that have it', () => {
    const remembered = rememberInstants(DAY, NEXT_DAY);
    const first = remembered(cron('* * * * *', 'UTC'), DAY, NEXT_DAY);
    assert.equal(remembered(cron('* * * * *', 'UTC'), DAY, NEXT_DAY), first);
  });
});

function inForce(given: Partial<RevisionInForce>): RevisionInForce {
  return {
    schedule: interval(HOUR_MS),
    firstMs: null,
    fromMs: DAY,
    untilMs: null,
    decidedUntilMs: null,
    slotsDecided: 0,
    ...given,
  };
}

function hourly(given: Partial<RevisionInForce>, limits: { maxRuns?: number } = {}): RevisionInForce {
  return inForce({ schedule: interval(HOUR_MS, limits), ...given });
}

function single(given: Pick<RevisionInForce, 'firstMs' | 'untilMs'>): RevisionInForce {
  return inForce({ schedule: { kind: 'immediate' }, fromMs: null, ...given });
}

function interval(everyMs: number, { maxRuns = null }: { maxRuns?: number | null } = {}): TaskSchedule {
  const startsAtMs = DAY - 30 * DAY_MS;
  return { kind: 'interval', everyMs, startsAtMs, timeZone: 'UTC', endsAtMs: null, maxRuns, exclusions: [] };
}

function cron(expression: string, timeZone: string): TaskSchedule {
  return {
    kind: 'cron',
    expressions: [expression],
    startsAtMs: null,
    dst: { gap: 'shift', repeat: 'first' },
    timeZone,
    endsAtMs: null,
    maxRuns: null,
    exclusions: [],
  };
}

function recorded(atMs: number, given: Partial<RecordedOccurrence> = {}): RecordedOccurrence {
  return { atMs, status: 'Completed', isFromSchedule: true, isMoved: false, ...given };
}
