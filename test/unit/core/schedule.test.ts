import assert from 'node:assert/strict';

import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/duration.ts';
import {
  checkSchedule,
  cronInstantsBetween,
  cronKey,
  type CronSchedule,
  instantsBetween,
  isExpandable,
  nextInstants,
} from '../../../core/schedule.ts';
import { type TaskSchedule } from '../../../core/task.ts';

const START_MS = Date.parse('2026-06-01T00:00:00Z');
const interval = { kind: 'interval', everyMs: 90 * MINUTE_MS, startsAtMs: START_MS + 7, endsAtMs: null } as const;
const cron = {
  kind: 'cron',
  expressions: ['0 9 * * *'],
  timeZone: 'UTC',
  startsAtMs: null,
  endsAtMs: null,
  dst: { gap: 'shift', repeat: 'first' },
} as const satisfies CronSchedule;

describe('instantsBetween', () => {
  it('has none for an immediate schedule, whose row is written at creation', () => {
    assert.deepEqual(instantsBetween({ kind: 'immediate' }, 0, Infinity, 10), []);
  });

  it('has the one instant of a schedule that runs once', () => {
    const once: TaskSchedule = { kind: 'once', atMs: START_MS };
    assert.deepEqual(instantsBetween(once, START_MS, START_MS + 1, 10), [START_MS]);
    assert.deepEqual(instantsBetween(once, START_MS - 1, START_MS, 10), []);
    assert.deepEqual(instantsBetween(once, START_MS + 1, START_MS + 2, 10), []);
    assert.deepEqual(instantsBetween(once, START_MS, START_MS + 1, 0), []);
  });

  it('keeps the phase of an interval, wherever the window begins', () => {
    const nth = (turn: number) => START_MS + 7 + turn * 90 * MINUTE_MS;
    assert.deepEqual(instantsBetween(interval, 0, START_MS + 4 * HOUR_MS, 10), [nth(0), nth(1), nth(2)]);
    assert.deepEqual(instantsBetween(interval, nth(1), nth(2), 10), [nth(1)]);
    assert.deepEqual(instantsBetween(interval, nth(1) + 1, nth(3), 10), [nth(2)]);
    assert.deepEqual(instantsBetween(interval, nth(16_000_000) - 1, Infinity, 2), [nth(16_000_000), nth(16_000_001)]);
  });

  it('excludes the end of an interval', () => {
    const ending = { ...interval, endsAtMs: START_MS + 7 + 180 * MINUTE_MS };
    assert.equal(instantsBetween(ending, 0, Infinity, 10).length, 2);
    assert.equal(instantsBetween({ ...ending, endsAtMs: ending.endsAtMs + 1 }, 0, Infinity, 10).length, 3);
  });

  it('merges cron expressions, each instant once', () => {
    const both = { ...cron, expressions: ['0 */6 * * *', '0 9,12 * * *'] };
    const hours = instantsBetween(both, START_MS, START_MS + DAY_MS, 100).map((atMs) => (atMs - START_MS) / HOUR_MS);
    assert.deepEqual(hours, [0, 6, 9, 12, 18]);
    assert.equal(instantsBetween(both, START_MS, START_MS + DAY_MS, 3).length, 3);
  });

  it('includes the start of a cron schedule and excludes its end', () => {
    const nineMs = START_MS + 9 * HOUR_MS;
    const bounded = { ...cron, startsAtMs: nineMs, endsAtMs: nineMs + DAY_MS };
    assert.deepEqual(instantsBetween(bounded, 0, START_MS + 10 * DAY_MS, 100), [nineMs]);
    assert.deepEqual(instantsBetween({ ...bounded, startsAtMs: nineMs + 1 }, 0, START_MS + 10 * DAY_MS, 100), []);
    assert.deepEqual(instantsBetween(bounded, nineMs + 1, START_MS + 10 * DAY_MS, 100), []);
  });
});

describe('nextInstants', () => {
  it('begins after the instant that it is given', () => {
    assert.deepEqual(nextInstants({ kind: 'once', atMs: START_MS }, START_MS, 5), []);
    assert.deepEqual(nextInstants({ kind: 'once', atMs: START_MS }, START_MS - 1, 5), [START_MS]);
    assert.deepEqual(nextInstants(interval, START_MS + 7, 1), [START_MS + 7 + 90 * MINUTE_MS]);
    assert.deepEqual(nextInstants(interval, 0, 1), [START_MS + 7]);
    assert.deepEqual(nextInstants(cron, START_MS + 9 * HOUR_MS, 2), [START_MS + 33 * HOUR_MS, START_MS + 57 * HOUR_MS]);
  });

  it('respects the start and the end', () => {
    const nineMs = START_MS + 9 * HOUR_MS;
    assert.deepEqual(nextInstants({ ...cron, startsAtMs: nineMs }, 0, 1), [nineMs]);
    assert.deepEqual(nextInstants({ ...cron, endsAtMs: nineMs + 1 }, START_MS, 5), [nineMs]);
    assert.deepEqual(nextInstants({ ...cron, endsAtMs: nineMs }, START_MS, 5), []);
  });

  it('merges several expressions', () => {
    const both = { ...cron, expressions: ['0 9 * * *', '30 9 * * *', '0 9 1 * *'] };
    const minutes = nextInstants(both, START_MS, 3).map((atMs) => (atMs - START_MS) / MINUTE_MS);
    assert.deepEqual(minutes, [540, 570, 1980]);
  });
});

describe('cronInstantsBetween', () => {
  it('does not look at the start and the end', () => {
    const bounded = { ...cron, startsAtMs: START_MS, endsAtMs: START_MS + 1 };
    assert.equal(cronInstantsBetween(bounded, START_MS - DAY_MS, START_MS + DAY_MS, 100).length, 2);
  });
});

describe('cronKey', () => {
  it('is equal for schedules with the same instants', () => {
    const one = cronKey({ ...cron, expressions: ['0 9 * * MON', '@daily'] });
    assert.equal(one, cronKey({ ...cron, expressions: ['0 0 0 * * ?', ' 0  9 * * 1', '0 0 * * *'] }));
  });

  it('differs by expression, zone and policy', () => {
    const keys = [
      cron,
      { ...cron, expressions: ['0 8 * * *'] },
      { ...cron, timeZone: 'Europe/Rome' },
      { ...cron, dst: { gap: 'skip', repeat: 'first' } as const },
      { ...cron, dst: { gap: 'shift', repeat: 'both' } as const },
    ].map(cronKey);
    assert.equal(new Set(keys).size, keys.length);
  });
});

describe('isExpandable', () => {
  it('is false only for an immediate schedule', () => {
    assert.equal(isExpandable({ kind: 'immediate' }), false);
    assert.equal(isExpandable({ kind: 'once', atMs: 0 }), true);
    assert.equal(isExpandable(interval), true);
    assert.equal(isExpandable(cron), true);
  });
});

describe('checkSchedule', () => {
  const pathsOf = (schedule: TaskSchedule) => checkSchedule(schedule).errors.map(({ path }) => path);

  it('finds nothing wrong with what is right', () => {
    const bounded = { startsAtMs: START_MS, endsAtMs: START_MS + 1 };
    const right: readonly TaskSchedule[] = [
      { kind: 'immediate' },
      { kind: 'once', atMs: START_MS },
      { ...interval, ...bounded },
      { ...cron, ...bounded },
      { ...cron, endsAtMs: 0 },
    ];
    for (const schedule of right) assert.deepEqual(checkSchedule(schedule), { errors: [], warnings: [] });
  });

  it('names the path of each fault', () => {
    const bad = { ...cron, expressions: ['@daily', '60 * * 13 *', ''], timeZone: 'EST', startsAtMs: 5, endsAtMs: 5 };
    assert.deepEqual(pathsOf(bad), ['expressions.1', 'expressions.1', 'expressions.2', 'timeZone', 'endsAt']);
    assert.deepEqual(pathsOf({ ...cron, expressions: [] }), ['expressions']);
    assert.deepEqual(pathsOf({ ...interval, everyMs: 999, endsAtMs: START_MS }), ['everyMs', 'endsAt']);
    assert.deepEqual(pathsOf({ ...interval, everyMs: 1_000.5 }), ['everyMs']);
  });

  it('passes on the warnings of its expressions, each once', () => {
    const { warnings } = checkSchedule({ ...cron, expressions: ['0 0 31 * *', '0 9 31 * *', '*/7 * * * *'] });
    assert.equal(warnings.length, 2);
  });
});
