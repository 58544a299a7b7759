import assert from 'node:assert/strict';

import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/duration.ts';
import {
  checkSchedule,
  cronInstantsBetween,
  type CronSchedule,
  instantsBetween,
  isExpandable,
  nextInstants,
  runsLeft,
} from '../../../core/schedule.ts';
import type { ExclusionSet, TaskSchedule } from '../../../core/task.ts';

const START_MS = Date.parse('2026-06-01T00:00:00Z');
const unlimited = { timeZone: 'UTC', endsAtMs: null, maxRuns: null, exclusions: [] } as const;
const interval = { kind: 'interval', everyMs: 90 * MINUTE_MS, startsAtMs: START_MS + 7, ...unlimited } as const;
const cron = {
  kind: 'cron',
  expressions: ['0 9 * * *'],
  startsAtMs: null,
  dst: { gap: 'shift', repeat: 'first' },
  ...unlimited,
} as const satisfies CronSchedule;
const weekend: ExclusionSet = {
  calendar: null,
  timeZone: 'Europe/Rome',
  rules: [{ kind: 'weekly', weekdays: [6, 0], fromMinute: 0, untilMinute: 1_440, label: null }],
};
const thirdOfJune: ExclusionSet = {
  calendar: 'holidays',
  timeZone: 'UTC',
  rules: [{ kind: 'date', date: '2026-06-03', label: null }],
};

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

  it('leaves out what is excluded, and fills the limit from what comes after', () => {
    const daysOf = (schedule: TaskSchedule, limit: number) =>
      instantsBetween(schedule, START_MS, START_MS + 9 * DAY_MS, limit).map((atMs) => new Date(atMs).getUTCDate());
    const exclusions = [weekend, thirdOfJune];
    assert.deepEqual(daysOf({ ...cron, exclusions }, 100), [1, 2, 4, 5, 8, 9]);
    assert.deepEqual(daysOf({ ...cron, exclusions }, 3), [1, 2, 4]);
    const daily = { ...interval, everyMs: DAY_MS, startsAtMs: START_MS + 23 * HOUR_MS, exclusions };
    // 23:00 UTC is the next day in Rome: there the weekend begins on Friday, and ends before Sunday does in UTC.
    assert.deepEqual(daysOf(daily, 100), [1, 2, 4, 7, 8, 9]);
    assert.deepEqual(daysOf({ ...daily, endsAtMs: START_MS + 7 * DAY_MS }, 100), [1, 2, 4, 7]);
  });

  it('does not count against the limit of runs: only the caller knows what has been', () => {
    assert.equal(instantsBetween({ ...cron, maxRuns: 1 }, START_MS, START_MS + 3 * DAY_MS, 100).length, 3);
  });
});

describe('nextInstants', () => {
  it('begins after the instant that it is given', () => {
    assert.deepEqual(nextInstants({ kind: 'immediate' }, START_MS, 5), []);
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
    const farMs = Date.UTC(2090);
    assert.deepEqual(nextInstants({ ...interval, startsAtMs: farMs }, START_MS, 1), [farMs]);
    assert.deepEqual(nextInstants({ ...cron, startsAtMs: farMs }, START_MS, 1), [farMs + 9 * HOUR_MS]);
  });

  it('leaves out what is excluded, and is empty when everything is for as long as it looks', () => {
    const workdays = nextInstants({ ...cron, exclusions: [weekend] }, START_MS + 4 * DAY_MS, 2);
    assert.deepEqual(workdays, [START_MS + 4 * DAY_MS + 9 * HOUR_MS, START_MS + 7 * DAY_MS + 9 * HOUR_MS]);
    const everyDay: ExclusionSet = {
      calendar: null,
      timeZone: 'UTC',
      rules: [{ kind: 'weekly', weekdays: [0, 1, 2, 3, 4, 5, 6], fromMinute: 0, untilMinute: 1_440, label: null }],
    };
    assert.deepEqual(nextInstants({ ...interval, everyMs: 1_000, exclusions: [everyDay] }, START_MS, 10), []);
    assert.deepEqual(nextInstants({ ...cron, exclusions: [everyDay] }, START_MS, 1), []);
  });

  it('merges several expressions', () => {
    const both = { ...cron, expressions: ['0 9 * * *', '30 9 * * *', '0 9 1 * *'] };
    const minutes = nextInstants(both, START_MS, 3).map((atMs) => (atMs - START_MS) / MINUTE_MS);
    assert.deepEqual(minutes, [540, 570, 1980]);
  });
});

describe('cronInstantsBetween', () => {
  it('does not look at the start, the end and the exclusions', () => {
    const bounded = { ...cron, startsAtMs: START_MS, endsAtMs: START_MS + 1, exclusions: [weekend, thirdOfJune] };
    assert.equal(cronInstantsBetween(bounded, START_MS - DAY_MS, START_MS + DAY_MS, 100).length, 2);
  });
});

describe('cronInstantsBetween, asked about more expressions than it remembers', () => {
  it('answers what each of them says', () => {
    for (let second = 0; second < 20_100; second += 1) {
      const [seconds, minutes, hours] = [second % 60, Math.floor(second / 60) % 60, Math.floor(second / 3_600)];
      const schedule = { ...cron, expressions: [`${seconds} ${minutes} ${hours} * * *`] };
      assert.deepEqual(cronInstantsBetween(schedule, START_MS, START_MS + DAY_MS, 2), [START_MS + second * 1_000]);
    }
  });
});

describe('runsLeft', () => {
  it('is what the limit of runs leaves, and never less than none', () => {
    const limited = { ...cron, maxRuns: 3 };
    assert.deepEqual(
      [0, 2, 3, 5].map((slotsDecided) => runsLeft(limited, slotsDecided)),
      [3, 1, 0, 0],
    );
    assert.equal(runsLeft({ ...interval, maxRuns: 3 }, 1), 2);
  });

  it('is without end when there is no limit', () => {
    assert.equal(runsLeft(interval, 1_000), Infinity);
    assert.equal(runsLeft(cron, 1_000), Infinity);
    assert.equal(runsLeft({ kind: 'once', atMs: 0 }, 1), Infinity);
    assert.equal(runsLeft({ kind: 'immediate' }, 1), Infinity);
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
    assert.deepEqual(pathsOf({ ...interval, timeZone: 'CET' }), ['timeZone']);
    assert.match(checkSchedule({ ...interval, timeZone: 'europe/rome' }).errors[0]?.message ?? '', /Europe\/Rome\?$/);
  });

  it('passes on the warnings of its expressions, each once', () => {
    const { warnings } = checkSchedule({ ...cron, expressions: ['0 0 31 * *', '0 9 31 * *', '*/7 * * * *'] });
    assert.equal(warnings.length, 2);
  });

  it('refuses what would run more often in a day than is allowed, all of its expressions together', () => {
    const faultsOf = (schedule: TaskSchedule, maxRunsPerDay: number) =>
      checkSchedule(schedule, { maxRunsPerDay }).errors.map(({ path, message }) => `${path}: ${message}`);
    const everyMinute = { ...cron, expressions: ['* * * * *'] };
    assert.deepEqual(faultsOf(everyMinute, 1_440), []);
    assert.deepEqual(faultsOf(everyMinute, 1_439), [
      'expressions: it runs 1440 times a day; at most 1439 are allowed here',
    ]);
    assert.deepEqual(faultsOf({ ...cron, expressions: ['*/2 * * * *', '0 9 * * *'] }, 720), [
      'expressions: it runs 721 times a day; at most 720 are allowed here',
    ]);
    assert.deepEqual(faultsOf({ ...interval, everyMs: 60_000 }, 1_440), []);
    assert.deepEqual(faultsOf({ ...interval, everyMs: 59_999 }, 1_440), [
      'everyMs: it runs 1441 times a day; at most 1440 are allowed here',
    ]);
    assert.deepEqual(faultsOf({ kind: 'immediate' }, 0), []);
  });
});
