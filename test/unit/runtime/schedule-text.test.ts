import assert from 'node:assert/strict';

import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/duration.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import { type RecurrenceLimits } from '../../../core/task.ts';
import { describeCron, describeSchedule } from '../../../runtime/schedule-text.ts';

const unlimited = { timeZone: 'UTC', endsAtMs: null, maxRuns: null, exclusions: [] } as const;
const NO_LIMITS = { timeZone: 'UTC', endsAtMs: null, maxRuns: null, exclusions: [] } as const;
const atMs = Date.parse('2026-11-21T09:00:00Z');

describe('describeSchedule', () => {
  it('says when a task that runs once does so', () => {
    assert.equal(describeSchedule({ kind: 'immediate' }), 'Once, immediately');
    assert.equal(describeSchedule({ kind: 'once', atMs }), 'Once, at 2026-11-21 09:00:00 UTC');
  });

  it('says how long an interval is', () => {
    const every = (everyMs: number) =>
      describeSchedule({ kind: 'interval', everyMs, startsAtMs: atMs, ...unlimited }).split(',')[0];
    assert.equal(every(DAY_MS), 'Every day');
    assert.equal(every(30_000), 'Every 30 seconds');
    assert.equal(every(HOUR_MS + 30 * MINUTE_MS), 'Every 1 hour 30 minutes');
    assert.equal(every(1_500), 'Every 1 second 500 milliseconds');
    assert.equal(
      describeSchedule({
        ...unlimited,
        kind: 'interval',
        everyMs: MINUTE_MS,
        startsAtMs: atMs,
        endsAtMs: atMs + DAY_MS,
      }),
      'Every minute, from 2026-11-21 09:00:00 UTC, until 2026-11-22 09:00:00 UTC',
    );
  });

  it('says when a cron schedule runs, and where', () => {
    const cron = {
      ...unlimited,
      kind: 'cron',
      expressions: ['0 9 * * MON-FRI', '@weekly'],
      timeZone: 'Europe/Rome',
      startsAtMs: null,
      dst: { gap: 'shift', repeat: 'first' },
    } as const;
    const words = 'At 09:00, Monday through Friday; At 00:00, only on Sunday (Europe/Rome)';
    assert.equal(describeSchedule(cron), words);
    assert.equal(
      describeSchedule({ ...cron, startsAtMs: atMs, endsAtMs: atMs + HOUR_MS }),
      `${words}, from 2026-11-21 09:00:00 UTC, until 2026-11-21 10:00:00 UTC`,
    );
  });
});

describe('the limits of a schedule', () => {
  const hourly = { kind: 'interval', everyMs: HOUR_MS, startsAtMs: atMs, ...NO_LIMITS } as const;
  const limitsOf = (limits: Partial<RecurrenceLimits>): string =>
    describeSchedule({ ...hourly, ...limits }).replace('Every hour, from 2026-11-21 09:00:00 UTC', '');

  it('say how often it runs at most', () => {
    assert.equal(limitsOf({ maxRuns: 1 }), ', at most once');
    assert.equal(
      limitsOf({ maxRuns: 12, endsAtMs: atMs + DAY_MS }),
      ', until 2026-11-22 09:00:00 UTC, at most 12 times',
    );
  });

  it('name what it stays out of', () => {
    const set = (calendar: string | null) => ({ calendar, timeZone: 'UTC', rules: [] });
    assert.equal(limitsOf({ exclusions: [set(null)] }), ', outside of its blackout windows');
    assert.equal(
      limitsOf({ exclusions: [set(null), set('holidays-it'), set('maintenance')] }),
      ', outside of its blackout windows, the calendar holidays-it and the calendar maintenance',
    );
  });
});

describe('describeCron', () => {
  it('says that either day field suffices when both are set', () => {
    assert.equal(
      describeCron(['30 14 13 * 5'], 'UTC'),
      'At 14:30, on day 13 of the month, and on Friday (runs when either day matches) (UTC)',
    );
  });

  it('refuses an expression that is not valid', () => {
    assert.throws(() => describeCron(['H * * * *'], 'UTC'), InvalidInputError);
  });
});
