import assert from 'node:assert/strict';

import fc from 'fast-check';

import { DAY_MS, HOUR_MS, SECOND_MS } from '../../../core/duration.ts';
import { previousInstant } from '../../../core/previous-instant.ts';
import { instantsBetween } from '../../../core/schedule.ts';
import { type TaskSchedule } from '../../../core/task.ts';

const MAY = Date.parse('2026-05-01T00:00:00Z');
const LIMITS = { timeZone: 'Europe/Rome', endsAtMs: null, maxRuns: null, exclusions: [] } as const;
const dst = { gap: 'shift', repeat: 'first' } as const;
const cron = (...expressions: string[]): TaskSchedule => ({
  kind: 'cron',
  expressions,
  startsAtMs: null,
  dst,
  ...LIMITS,
});

describe('previousInstant', () => {
  it('is the last of the instants before, for whatever schedule', () => {
    const schedules = [
      cron('*/7 * * * * *'),
      cron('0 9 * * 1-5', '30 22 1 * *'),
      { kind: 'interval', everyMs: 90_001, startsAtMs: MAY - 20 * DAY_MS, ...LIMITS } as const,
      {
        ...cron('* * * * *'),
        exclusions: [{ calendar: null, timeZone: 'UTC', rules: [{ kind: 'date', date: '2026-04-29', label: null }] }],
      } as TaskSchedule,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...schedules), fc.integer({ min: 0, max: 3 * DAY_MS }), (schedule, backMs) => {
        const beforeMs = MAY - backMs;
        const expected = instantsBetween(schedule, beforeMs - 7 * DAY_MS, beforeMs, Infinity).at(-1);
        assert.equal(previousInstant(schedule, beforeMs), expected);
      }),
      { numRuns: 60 },
    );
  });

  it('looks back over years, and over long exclusions', () => {
    assert.equal(previousInstant(cron('0 0 29 2 *'), MAY), Date.parse('2024-02-28T23:00:00Z'));
    const rules = [{ kind: 'range', fromMs: MAY - 400 * DAY_MS, untilMs: MAY, label: null }] as const;
    const schedule = { ...cron('* * * * * *'), exclusions: [{ calendar: 'closed', timeZone: 'UTC', rules }] };
    assert.equal(previousInstant(schedule as TaskSchedule, MAY), MAY - 400 * DAY_MS - SECOND_MS);
  });

  it('is the one time of a task that runs once, and none before the start', () => {
    assert.equal(previousInstant({ kind: 'once', atMs: MAY }, MAY), undefined);
    assert.equal(previousInstant({ kind: 'once', atMs: MAY }, MAY + 1), MAY);
    const hourly = { kind: 'interval', everyMs: HOUR_MS, startsAtMs: MAY, ...LIMITS } as const;
    assert.equal(previousInstant(hourly, MAY), undefined);
    assert.equal(previousInstant(hourly, MAY + 2 * HOUR_MS), MAY + HOUR_MS);
  });
});
