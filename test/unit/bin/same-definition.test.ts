import assert from 'node:assert/strict';

import type { Calendar } from '../../../api/contract/calendar.ts';
import type { Schedule, Task, TaskDraft } from '../../../api/contract/task.ts';
import { TaskInput } from '../../../api/contract/task.ts';
import { calendarDifferences, taskDifferences } from '../../../bin/same-definition.ts';

const CRON = { kind: 'cron' as const, expressions: ['0 9 * * *'] };
const CRON_ANSWER: Extract<Schedule, { kind: 'cron' }> = {
  kind: 'cron',
  expressions: ['0 9 * * *'],
  timeZone: 'UTC',
  startsAt: null,
  endsAt: null,
  maxRuns: null,
  calendars: [],
  blackouts: [],
};

describe('taskDifferences', () => {
  const same: readonly (readonly [string, TaskDraft['schedule'], Schedule])[] = [
    ['everything left out', CRON, CRON_ANSWER],
    ['nulls written out', { ...CRON, maxRuns: null, startsAt: null }, CRON_ANSWER],
    ['an old name of a time zone', { ...CRON, timeZone: 'Europe/Kiev' }, { ...CRON_ANSWER, timeZone: 'Europe/Kyiv' }],
    ['calendars in another order', { ...CRON, calendars: ['b', 'a'] }, { ...CRON_ANSWER, calendars: ['a', 'b'] }],
    [
      'instants with another offset',
      { ...CRON, endsAt: '2027-01-01T01:00:00+01:00' },
      { ...CRON_ANSWER, endsAt: '2027-01-01T00:00:00.000Z' },
    ],
    [
      'a blackout window with its days in another order and without a label',
      {
        ...CRON,
        blackouts: [{ kind: 'weekly', weekdays: ['tue', 'sun'], from: '22:00', until: '06:00' }],
      },
      {
        ...CRON_ANSWER,
        blackouts: [{ kind: 'weekly', weekdays: ['sun', 'tue'], from: '22:00', until: '06:00', label: null }],
      },
    ],
    [
      'a local time',
      { kind: 'once', at: '2026-12-01T09:00', timeZone: 'Europe/Rome' },
      { kind: 'once', at: '2026-12-01T08:00:00.000Z' },
    ],
    [
      'an interval that begins by itself',
      { kind: 'interval', everyMs: 60_000 },
      {
        kind: 'interval',
        everyMs: 60_000,
        timeZone: 'UTC',
        startsAt: '2026-11-21T09:00:00.123Z',
        endsAt: null,
        maxRuns: null,
        calendars: [],
        blackouts: [],
      },
    ],
  ];
  for (const [what, schedule, answer] of same) {
    it(`finds none in ${what}`, () => {
      const draft = draftOf({ schedule });
      assert.deepEqual(taskDifferences(taskOf(draft, answer), draft), []);
    });
  }

  it('names what differs by its path', () => {
    const before = draftOf({ schedule: { kind: 'cron', expressions: ['0 9 * * *'] }, payload: { a: 1, b: { c: 2 } } });
    const task = taskOf(before, CRON_ANSWER);
    const schedule = { kind: 'cron' as const, expressions: ['0 10 * * *'], maxRuns: 5 };
    const draft = draftOf({
      schedule,
      payload: { a: 1, b: { c: 3 } },
      policies: { overlap: 'allow' },
      labels: { x: 'y' },
    });
    assert.deepEqual(taskDifferences(task, draft), [
      'payload.b.c',
      'schedule.expressions',
      'schedule.maxRuns',
      'policies.overlap',
      'labels.x',
    ]);
  });

  it('takes a local time that does not exist for another one, so that the server is asked about it', () => {
    const draft = draftOf({ schedule: { kind: 'once', at: '2027-03-28T02:30', timeZone: 'Europe/Rome' } });
    const task = taskOf(draft, { kind: 'once', at: '2027-03-28T01:30:00.000Z' });
    assert.deepEqual(taskDifferences(task, draft), ['schedule.at']);
  });
});

describe('calendarDifferences', () => {
  const calendar: Calendar = {
    name: 'closures',
    title: 'Closures',
    timeZone: 'Europe/Rome',
    rules: [{ kind: 'range', from: '2026-08-09T22:00:00.000Z', until: '2026-08-19T22:00:00.000Z', label: null }],
    revision: 3,
    tasks: 2,
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
  const input = { title: 'Closures', timeZone: 'Europe/Rome', rules: calendar.rules };

  it('finds none in the same instants with another offset', () => {
    const rules = [{ kind: 'range' as const, from: '2026-08-10T00:00:00+02:00', until: '2026-08-20T00:00:00+02:00' }];
    assert.deepEqual(calendarDifferences(calendar, { ...input, rules }), []);
  });

  it('names what differs', () => {
    assert.deepEqual(calendarDifferences(calendar, { ...input, title: 'Other', rules: [] }), ['title', 'rules']);
  });
});

function draftOf(draft: Partial<TaskDraft>): TaskDraft {
  return { name: 'a', taskType: 'noop', schedule: { kind: 'immediate' }, key: 'a', ...draft };
}

/** A task as the server answers it after `draft` was posted. */
function taskOf(draft: TaskDraft, schedule: Schedule): Task {
  return {
    ...TaskInput.parse(draft),
    schedule,
    id: '1',
    pool: 'default',
    scheduleText: '',
    status: 'active',
    statusReason: null,
    pausedUntil: null,
    revision: 1,
    advisedPlace: null,
    expandError: null,
    nextRuns: [],
    lastRun: null,
    averageElapsedMs: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
}
