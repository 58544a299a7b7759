import assert from 'node:assert/strict';

import fc from 'fast-check';

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../core/duration.ts';
import {
  expansionHorizonMs,
  type ExpansionInput,
  type ExpansionOutcome,
  type ExpansionWindow,
  MISSED_REASON,
  planExpansion,
  writtenFromMs,
} from '../../../core/plan.ts';
import { instantsBetween, runsLeft } from '../../../core/schedule.ts';
import { MISFIRE_POLICIES, type MisfirePolicy, type TaskSchedule } from '../../../core/task.ts';

const DAY = Date.UTC(2026, 10, 21);
const at = (hours: number, minutes = 0): number => DAY + hours * HOUR_MS + minutes * MINUTE_MS;
const unlimited = { timeZone: 'UTC', endsAtMs: null, maxRuns: null, exclusions: [] } as const;
const hourly = {
  kind: 'cron',
  expressions: ['0 * * * *'],
  startsAtMs: null,
  dst: { gap: 'shift', repeat: 'first' },
  ...unlimited,
} as const satisfies TaskSchedule;

const NOW = at(22, 30);
const WINDOW: ExpansionWindow = { nowMs: NOW, horizonMs: expansionHorizonMs(NOW), maxInstants: 1_000 };
const INPUT: ExpansionInput = {
  schedule: hourly,
  misfire: 'latest',
  graceMs: 10_000,
  flexibleWindowMs: 0,
  expandedUntilMs: NOW,
  slotsDecided: 0,
};
const plan = (input: Partial<ExpansionInput>, window: Partial<ExpansionWindow> = {}): ExpansionOutcome =>
  planExpansion({ ...INPUT, ...input }, { ...WINDOW, ...window });

describe('expansionHorizonMs', () => {
  it('is the end of the UTC day of three hours from now, so that 22:30 sees past midnight', () => {
    assert.equal(expansionHorizonMs(at(12)), DAY + DAY_MS);
    assert.equal(expansionHorizonMs(at(20, 59)), DAY + DAY_MS);
    assert.equal(expansionHorizonMs(at(21)), DAY + 2 * DAY_MS);
    assert.equal(expansionHorizonMs(at(22, 30)), DAY + 2 * DAY_MS);
  });
});

describe('writtenFromMs', () => {
  it('is three hours before the UTC day of the instant begins', () => {
    assert.equal(writtenFromMs(at(12)), at(-3));
    assert.equal(writtenFromMs(DAY), at(-3));
    assert.equal(writtenFromMs(DAY - 1), at(-27));
  });

  it('is the first moment at which the horizon lies behind the instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (atMs) => {
        assert.ok(expansionHorizonMs(writtenFromMs(atMs)) > atMs);
        assert.ok(expansionHorizonMs(writtenFromMs(atMs) - 1) <= atMs);
      }),
    );
  });
});

describe('planExpansion', () => {
  it('at 22:30 UTC writes the rest of this day and all of the next', () => {
    const { instants, ...rest } = plan({});
    assert.deepEqual(
      instants.map(({ atMs }) => atMs),
      Array.from({ length: 25 }, (_, index) => at(23 + index)),
    );
    assert.ok(instants.every(({ skipReason }) => skipReason === null));
    assert.deepEqual(rest, { expandedUntilMs: WINDOW.horizonMs, lastSlotMs: null, missedUntilMs: null });
  });

  it('runs the latest of the missed instants, all of them, or none, and names the latest that runs', () => {
    const missedOf = (misfire: MisfirePolicy) => {
      const { instants, missedUntilMs } = plan({ misfire, expandedUntilMs: at(18, 30) });
      const missed = instants.filter(({ atMs }) => atMs < NOW);
      return [missed.map(({ atMs, skipReason }) => (skipReason === MISSED_REASON ? atMs : null)), missedUntilMs];
    };
    assert.deepEqual(missedOf('latest'), [[at(19), at(20), at(21), null], at(22)]);
    assert.deepEqual(missedOf('all'), [[null, null, null, null], at(22)]);
    assert.deepEqual(missedOf('skip'), [[at(19), at(20), at(21), at(22)], null]);
  });

  it('counts what is late by no more than the grace as on time', () => {
    const late = (byMs: number) =>
      plan({ misfire: 'skip', graceMs: 90_000, expandedUntilMs: at(21, 30) }, { nowMs: at(22) + byMs }).instants[0];
    assert.deepEqual(late(90_000), { atMs: at(22), skipReason: null });
    assert.deepEqual(late(90_001), { atMs: at(22), skipReason: MISSED_REASON });
  });

  it('does not take an occurrence for missed while its flexible window is open', () => {
    const input = { misfire: 'skip', flexibleWindowMs: 30 * MINUTE_MS, expandedUntilMs: at(21, 30) } as const;
    const open = plan(input, { nowMs: at(22, 30) + 10_000 });
    assert.deepEqual([open.instants[0]?.skipReason, open.missedUntilMs], [null, null]);
    const over = plan(input, { nowMs: at(22, 30) + 10_001 });
    assert.deepEqual([over.instants[0]?.skipReason, over.missedUntilMs], [MISSED_REASON, null]);
  });

  it('takes none of a cut-off plan for the latest missed one: that is still to come', () => {
    const first = plan({ expandedUntilMs: at(18, 30) }, { maxInstants: 2 });
    assert.ok(first.instants.every(({ skipReason }) => skipReason === MISSED_REASON));
    assert.equal(first.expandedUntilMs, at(21));
    assert.equal(first.missedUntilMs, null);
  });

  it('lets the latest missed one run when the plan is cut off right after it, or the limit of runs is reached by it', () => {
    const cut = plan({ expandedUntilMs: at(20, 30) }, { maxInstants: 2 });
    assert.deepEqual([cut.instants.at(-1), cut.expandedUntilMs], [{ atMs: at(22), skipReason: null }, at(23)]);
    const limited = plan({ schedule: { ...hourly, maxRuns: 2 }, expandedUntilMs: at(18, 30) });
    assert.deepEqual(limited.instants, [
      { atMs: at(19), skipReason: MISSED_REASON },
      { atMs: at(20), skipReason: null },
    ]);
    assert.equal(limited.missedUntilMs, at(20));
  });

  it('ends with the last occurrence that the limit of runs allows', () => {
    const schedule = { ...hourly, maxRuns: 5 };
    const { instants, ...rest } = plan({ schedule, slotsDecided: 2 });
    assert.deepEqual(
      instants.map(({ atMs }) => atMs),
      [at(23), at(24), at(25)],
    );
    assert.deepEqual(rest, { expandedUntilMs: null, lastSlotMs: at(25), missedUntilMs: null });
    const none = { instants: [], expandedUntilMs: null, lastSlotMs: null, missedUntilMs: null };
    assert.deepEqual(plan({ schedule, slotsDecided: 5 }), none);
    assert.deepEqual(plan({ schedule, slotsDecided: 6 }), none);
  });

  it('goes on when the limit of runs lies beyond the horizon or beyond this plan', () => {
    const schedule = { ...hourly, maxRuns: 26 };
    assert.deepEqual([plan({ schedule }).expandedUntilMs, plan({ schedule }).lastSlotMs], [WINDOW.horizonMs, null]);
    const cut = plan({ schedule: { ...hourly, maxRuns: 3 } }, { maxInstants: 2 });
    assert.deepEqual([cut.instants.length, cut.expandedUntilMs, cut.lastSlotMs], [2, at(25), null]);
    const exact = plan({ schedule: { ...hourly, maxRuns: 2 } }, { maxInstants: 2 });
    assert.deepEqual([exact.instants.length, exact.expandedUntilMs, exact.lastSlotMs], [2, null, at(24)]);
  });

  it('is at its end with a one-time task that has been written, and with a range that is over', () => {
    const end = { expandedUntilMs: null, lastSlotMs: null, missedUntilMs: null };
    assert.deepEqual(plan({ schedule: { kind: 'once', atMs: at(23) } }), {
      instants: [{ atMs: at(23), skipReason: null }],
      ...end,
    });
    assert.deepEqual(plan({ schedule: { kind: 'immediate' } }), { instants: [], ...end });
    const watermarkOf = (schedule: TaskSchedule) => plan({ schedule }).expandedUntilMs;
    assert.equal(watermarkOf({ kind: 'once', atMs: at(72) }), WINDOW.horizonMs);
    assert.equal(watermarkOf({ ...hourly, endsAtMs: WINDOW.horizonMs }), null);
    const interval = { kind: 'interval', everyMs: HOUR_MS, startsAtMs: DAY, ...unlimited } as const;
    assert.equal(watermarkOf({ ...interval, endsAtMs: WINDOW.horizonMs + 1 }), WINDOW.horizonMs);
    assert.equal(watermarkOf({ ...interval, endsAtMs: WINDOW.horizonMs }), null);
  });

  it('does not count excluded times, neither as runs nor as missed', () => {
    const rules = [{ kind: 'range', fromMs: at(21), untilMs: at(24), label: null }] as const;
    const schedule = { ...hourly, maxRuns: 3, exclusions: [{ calendar: 'works', timeZone: 'UTC', rules }] };
    const { instants, lastSlotMs } = plan({ schedule, misfire: 'latest', expandedUntilMs: at(18, 30) });
    assert.deepEqual(instants, [
      { atMs: at(19), skipReason: MISSED_REASON },
      { atMs: at(20), skipReason: null },
      { atMs: at(24), skipReason: null },
    ]);
    assert.equal(lastSlotMs, at(24));
  });

  it('decides the same in any number of plans, with any horizons on the way, as the whole in one look', () => {
    fc.assert(
      fc.property(anyInput, anyCuts, (input, { maxInstants, middleMs }) => {
        const expected = expectedOutcome(input, WINDOW);
        assert.deepEqual(expandInSteps(input, WINDOW, maxInstants), expected);
        // The horizon is never in the past: the day turns, and a later plan goes on from there.
        const first = expandInSteps(input, { ...WINDOW, horizonMs: middleMs }, maxInstants);
        if (first.expandedUntilMs === null) {
          assert.deepEqual(first, expected);
          return;
        }
        const second = expandInSteps(
          {
            ...input,
            expandedUntilMs: Math.max(first.expandedUntilMs, input.expandedUntilMs),
            slotsDecided: input.slotsDecided + first.instants.length,
          },
          WINDOW,
          maxInstants,
        );
        assert.deepEqual(
          {
            ...second,
            instants: [...first.instants, ...second.instants],
            missedUntilMs: second.missedUntilMs ?? first.missedUntilMs,
          },
          expected,
        );
      }),
      { numRuns: 300 },
    );
  });
});

/** What a scheduler does: plan after plan, each from where the last one stopped. */
function expandInSteps(input: ExpansionInput, window: ExpansionWindow, maxInstants: number): ExpansionOutcome {
  const instants: ExpansionOutcome['instants'][number][] = [];
  let lastSlotMs: number | null = null;
  let missedUntilMs: number | null = null;
  let untilMs: number | null = input.expandedUntilMs;
  while (untilMs !== null && untilMs < window.horizonMs) {
    const outcome: ExpansionOutcome = planExpansion(
      { ...input, expandedUntilMs: untilMs, slotsDecided: input.slotsDecided + instants.length },
      { ...window, maxInstants },
    );
    assert.ok(outcome.instants.length <= maxInstants);
    assert.ok(outcome.expandedUntilMs === null || outcome.expandedUntilMs > untilMs, 'every plan gets on');
    assert.ok(lastSlotMs === null, 'nothing comes after the last');
    instants.push(...outcome.instants);
    ({ lastSlotMs } = outcome);
    missedUntilMs = outcome.missedUntilMs ?? missedUntilMs;
    untilMs = outcome.expandedUntilMs;
  }
  return { instants, expandedUntilMs: untilMs, lastSlotMs, missedUntilMs };
}

/** The same, from the words of the policies. */
function expectedOutcome(input: ExpansionInput, window: ExpansionWindow): ExpansionOutcome {
  const { schedule, misfire } = input;
  const left = runsLeft(schedule, input.slotsDecided);
  const times = instantsBetween(schedule, input.expandedUntilMs, window.horizonMs, Infinity).slice(0, left);
  const isMissed = (atMs: number) => window.nowMs - atMs > input.graceMs + input.flexibleWindowMs;
  const missed = times.filter(isMissed);
  const skipped = misfire === 'all' ? [] : misfire === 'skip' ? missed : missed.slice(0, -1);
  const isUsedUp = times.length === left;
  const isOver = 'endsAtMs' in schedule && schedule.endsAtMs !== null && schedule.endsAtMs <= window.horizonMs;
  return {
    instants: times.map((atMs) => ({ atMs, skipReason: skipped.includes(atMs) ? MISSED_REASON : null })),
    expandedUntilMs: isUsedUp || isOver ? null : window.horizonMs,
    lastSlotMs: isUsedUp ? (times.at(-1) ?? null) : null,
    missedUntilMs: misfire === 'skip' ? null : (missed.at(-1) ?? null),
  };
}

const anyLimits = fc.record({
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe'),
  endsAtMs: fc.option(fc.integer({ min: -10, max: 60 }).map((hours) => at(22 + hours))),
  maxRuns: fc.option(fc.integer({ min: 1, max: 60 })),
  exclusions: fc.constantFrom(
    [],
    [
      {
        calendar: null,
        timeZone: 'Europe/Berlin',
        rules: [
          { kind: 'date', date: '2026-11-21', label: null },
          { kind: 'weekly', weekdays: [0, 6], fromMinute: 20 * 60, untilMinute: 90, label: null },
        ] as const,
      },
    ],
  ),
});

const anySchedule: fc.Arbitrary<TaskSchedule> = fc.oneof(
  anyLimits.chain((limits) =>
    fc
      .constantFrom(['0 * * * *'], ['*/20 * * * *'], ['0 9 * * *', '30 */4 * * *'])
      .map((expressions): TaskSchedule => ({ ...hourly, ...limits, expressions })),
  ),
  anyLimits.chain((limits) =>
    fc.integer({ min: 600, max: 50_000 }).map((seconds): TaskSchedule => ({
      kind: 'interval',
      everyMs: seconds * SECOND_MS,
      startsAtMs: at(3) + 123,
      ...limits,
    })),
  ),
);

const anyInput: fc.Arbitrary<ExpansionInput> = fc.record({
  schedule: anySchedule,
  misfire: fc.constantFrom(...MISFIRE_POLICIES),
  graceMs: fc.constantFrom(0, 10_000, 60_000, HOUR_MS),
  flexibleWindowMs: fc.constantFrom(0, MINUTE_MS, 2 * HOUR_MS),
  expandedUntilMs: fc.integer({ min: -30 * 60, max: 10 * 60 }).map((minutes) => NOW + minutes * MINUTE_MS),
  slotsDecided: fc.integer({ min: 0, max: 20 }),
});

const anyCuts = fc.record({
  maxInstants: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(1_000)),
  middleMs: fc.integer({ min: 0, max: 25 * 60 }).map((minutes) => NOW + minutes * MINUTE_MS),
});
