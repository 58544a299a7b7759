import assert from 'node:assert/strict';

import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/duration.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import { describeCron, describeSchedule } from '../../../runtime/schedule-text.ts';

const atMs = Date.parse('2026-11-21T09:00:00Z');

describe('describeSchedule', () => {
  it('says when a task that runs once does so', () => {
    assert.equal(describeSchedule({ kind: 'immediate' }), 'Once, immediately');
    assert.equal(describeSchedule({ kind: 'once', atMs }), 'Once, at 2026-11-21 09:00:00 UTC');
  });

  it('says how long an interval is', () => {
    const every = (everyMs: number) =>
      describeSchedule({ kind: 'interval', everyMs, startsAtMs: atMs, endsAtMs: null }).split(',')[0];
    assert.equal(every(DAY_MS), 'Every day');
    assert.equal(every(30_000), 'Every 30 seconds');
    assert.equal(every(HOUR_MS + 30 * MINUTE_MS), 'Every 1 hour 30 minutes');
    assert.equal(every(1_500), 'Every 1 second 500 milliseconds');
    assert.equal(
      describeSchedule({ kind: 'interval', everyMs: MINUTE_MS, startsAtMs: atMs, endsAtMs: atMs + DAY_MS }),
      'Every minute, from 2026-11-21 09:00:00 UTC, until 2026-11-22 09:00:00 UTC',
    );
  });

  it('says when a cron schedule runs, and where', () => {
    const cron = {
      kind: 'cron',
      expressions: ['0 9 * * MON-FRI', '@weekly'],
      timeZone: 'Europe/Rome',
      startsAtMs: null,
      endsAtMs: null,
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
