import assert from 'node:assert/strict';

import fc from 'fast-check';

import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/duration.ts';
import { expansionHorizonMs, MISSED_REASON, planExpansion } from '../../../core/plan.ts';
import { instantsBetween } from '../../../core/schedule.ts';
import type { MisfirePolicy, TaskSchedule } from '../../../core/task.ts';

const DAY = Date.UTC(2026, 10, 21);
const at = (hours: number, minutes = 0): number => DAY + hours * HOUR_MS + minutes * MINUTE_MS;
const hourly = {
  kind: 'cron',
  expressions: ['0 * * * *'],
  timeZone: 'UTC',
  startsAtMs: null,
  endsAtMs: null,
  dst: { gap: 'shift', repeat: 'first' },
} as const satisfies TaskSchedule;

describe('expansionHorizonMs', () => {
  it('is the end of the UTC day of three hours from now, so that 22:30 sees past midnight', () => {
    assert.equal(expansionHorizonMs(at(12)), DAY + DAY_MS);
    assert.equal(expansionHorizonMs(at(20, 59)), DAY + DAY_MS);
    assert.equal(expansionHorizonMs(at(21)), DAY + 2 * DAY_MS);
    assert.equal(expansionHorizonMs(at(22, 30)), DAY + 2 * DAY_MS);
  });
});

describe('planExpansion', () => {
  const window = { nowMs: at(22, 30), horizonMs: expansionHorizonMs(at(22, 30)), graceMs: 10_000, maxInstants: 1_000 };
  const plan = (
    expandedUntilMs: number,
    misfire: MisfirePolicy = 'latest',
    schedule: TaskSchedule = hourly,
    maxInstants = 1_000,
  ) => planExpansion({ schedule, misfire, expandedUntilMs }, { ...window, maxInstants });

  it('at 22:30 UTC writes the rest of this day and all of the next', () => {
    const { instants, expandedUntilMs } = plan(at(22, 30));
    assert.deepEqual(
      instants.map(({ atMs }) => atMs),
      Array.from({ length: 25 }, (_, index) => at(23 + index)),
    );
    assert.ok(instants.every(({ skipReason }) => skipReason === null));
    assert.equal(expandedUntilMs, window.horizonMs);
  });

  it('runs the latest of the missed instants, all of them, or none', () => {
    const skippedOf = (misfire: MisfirePolicy): (number | null)[] =>
      plan(at(18, 30), misfire)
        .instants.filter(({ atMs }) => atMs < window.nowMs)
        .map(({ atMs, skipReason }) => (skipReason === MISSED_REASON ? atMs : null));
    assert.deepEqual(skippedOf('latest'), [at(19), at(20), at(21), null]);
    assert.deepEqual(skippedOf('all'), [null, null, null, null]);
    assert.deepEqual(skippedOf('skip'), [at(19), at(20), at(21), at(22)]);
  });

  it('counts what is late by no more than the grace as on time', () => {
    const late = { ...window, nowMs: at(22) + 10_000 };
    const { instants } = planExpansion({ schedule: hourly, misfire: 'skip', expandedUntilMs: at(21, 30) }, late);
    assert.deepEqual(instants[0], { atMs: at(22), skipReason: null });
    const later = { ...late, nowMs: at(22) + 10_001 };
    assert.equal(
      planExpansion({ schedule: hourly, misfire: 'skip', expandedUntilMs: at(21, 30) }, later).instants[0]?.skipReason,
      MISSED_REASON,
    );
  });

  it('takes none of a cut-off plan for the latest missed one: that is still to come', () => {
    const first = plan(at(18, 30), 'latest', hourly, 2);
    assert.ok(first.instants.every(({ skipReason }) => skipReason === MISSED_REASON));
    assert.equal(first.expandedUntilMs, at(21));
  });

  it('is at its end with a one-time task that has been written, and with a range that is over', () => {
    const once: TaskSchedule = { kind: 'once', atMs: at(23) };
    assert.deepEqual(plan(at(22), 'latest', once), {
      instants: [{ atMs: at(23), skipReason: null }],
      expandedUntilMs: null,
    });
    assert.equal(plan(at(22), 'latest', { kind: 'once', atMs: at(72) }).expandedUntilMs, window.horizonMs);
    assert.equal(plan(at(22), 'latest', { ...hourly, endsAtMs: window.horizonMs }).expandedUntilMs, null);
    const interval: TaskSchedule = {
      kind: 'interval',
      everyMs: HOUR_MS,
      startsAtMs: DAY,
      endsAtMs: window.horizonMs + 1,
    };
    assert.equal(plan(at(22), 'latest', interval).expandedUntilMs, window.horizonMs);
    assert.deepEqual(plan(at(22), 'latest', { kind: 'immediate' }), { instants: [], expandedUntilMs: null });
  });

  it('loses and repeats nothing, however it is cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 30 }), (maxInstants, hoursBehind) => {
        const fromMs = at(22, 30) - hoursBehind * HOUR_MS;
        const written: number[] = [];
        for (let untilMs: number | null = fromMs; untilMs !== null && untilMs < window.horizonMs;) {
          const outcome = plan(untilMs, 'all', hourly, maxInstants);
          written.push(...outcome.instants.map(({ atMs }) => atMs));
          untilMs = outcome.expandedUntilMs;
        }
        assert.deepEqual(written, instantsBetween(hourly, fromMs, window.horizonMs, Infinity));
      }),
    );
  });

  it('under the policy `latest` lets exactly the last missed instant run, however the plan is cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 30 }), (maxInstants, hoursBehind) => {
        const running: number[] = [];
        for (
          let untilMs: number | null = at(22, 30) - hoursBehind * HOUR_MS;
          untilMs !== null && untilMs < window.horizonMs;
        ) {
          const outcome = plan(untilMs, 'latest', hourly, maxInstants);
          running.push(...outcome.instants.filter(({ skipReason }) => skipReason === null).map(({ atMs }) => atMs));
          untilMs = outcome.expandedUntilMs;
        }
        assert.deepEqual(
          running.filter((atMs) => atMs < window.nowMs),
          [at(22)],
        );
      }),
    );
  });
});
