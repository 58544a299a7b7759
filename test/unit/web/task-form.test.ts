import assert from 'node:assert/strict';

import fc from 'fast-check';

import { type Task, TaskInput } from '../../../api/contract/task.ts';
import type { TaskTypeInfo } from '../../../web/src/api/shapes.ts';
import { rowOfKind } from '../../../web/src/exclusions/ruleRows.ts';
import { cronWithTime, timeOfCron } from '../../../web/src/tasks/cronText.ts';
import { parseDurationText, writeDurationText } from '../../../web/src/tasks/durationText.ts';
import { fieldOfPath, pathInPayload } from '../../../web/src/tasks/fieldOfPath.ts';
import { payloadFields } from '../../../web/src/tasks/payloadFields.ts';
import { payloadProblems } from '../../../web/src/tasks/payloadProblems.ts';
import { planQuestion } from '../../../web/src/tasks/planQuestion.ts';
import { draftOfValues } from '../../../web/src/tasks/taskDraft.ts';
import { newTaskValues, type TaskFormValues, valuesOfTask } from '../../../web/src/tasks/taskFormValues.ts';

const NOW_MS = Date.parse('2026-11-21T07:20:00Z');

function valuesWith(changes: Partial<TaskFormValues>): TaskFormValues {
  return { ...newTaskValues('Europe/Rome', NOW_MS), name: 'pH of batch 7', taskType: 'http.request', ...changes };
}

function taskWith(schedule: Task['schedule']): Task {
  const input = TaskInput.parse({
    name: 'pH of batch 7',
    taskType: 'http.request',
    payload: { url: 'http://127.0.0.1:9000/ph' },
    schedule,
    policies: {
      misfire: 'all',
      misfireGraceMs: 90_000,
      catchUpLimit: 12,
      catchUpPerMinute: 7,
      overlap: 'terminate-other',
      dstGap: 'skip',
      dstRepeat: 'both',
      startExpiryMs: 3_600_000,
      flexibleWindowMs: 1_800_000,
      placement: 'hash',
    },
    retry: { maxAttempts: 5, backoff: 'fixed', firstDelayMs: 1_500, maxDelayMs: 90_000 },
    timeoutMs: 90_000,
    labels: { experiment: 'E-12' },
    recipients: ['lab@example.org'],
    key: 'ph-7',
  });
  return {
    ...input,
    schedule,
    id: '7',
    pool: 'default',
    scheduleText: '',
    status: 'active',
    statusReason: null,
    pausedUntil: null,
    revision: 3,
    advisedPlace: null,
    expandError: null,
    nextRuns: [],
    lastRun: null,
    averageElapsedMs: null,
    createdAt: '2026-11-01T00:00:00.000Z',
    updatedAt: '2026-11-01T00:00:00.000Z',
  };
}

const EVERY_HOUR = {
  kind: 'interval',
  everyMs: 3_600_000,
  timeZone: 'UTC',
  startsAt: null,
  endsAt: null,
  maxRuns: null,
  calendars: [],
  blackouts: [],
} satisfies Task['schedule'];

describe('the task form', () => {
  const schedules: readonly Task['schedule'][] = [
    { kind: 'immediate' },
    { kind: 'once', at: '2026-11-24T09:00:00.000Z' },
    { kind: 'once', at: '2026-10-25T01:30:00.250Z' }, // the second 02:30 of that day in Rome, and not on a full second
    {
      kind: 'interval',
      everyMs: 90_000,
      timeZone: 'UTC',
      startsAt: '2026-11-24T09:00:00.789Z', // as the server's clock gave it
      endsAt: null,
      maxRuns: null,
      calendars: [],
      blackouts: [{ kind: 'date', date: '2026-12-25', label: 'Christmas' }],
    },
    {
      kind: 'cron',
      expressions: ['0 9 * * 1-5', '30 17 * * 5'],
      timeZone: 'America/Los_Angeles',
      startsAt: null,
      endsAt: '2027-03-01T12:00:00.000Z',
      maxRuns: 500,
      calendars: ['holidays-us', 'maintenance'],
      blackouts: [
        { kind: 'weekly', weekdays: ['sun', 'sat'], from: '22:00', until: '24:00', label: null },
        { kind: 'range', from: '2026-11-01T08:30:00.000Z', until: '2026-11-01T09:30:00.500Z', label: 'Both 01:30' },
      ],
    },
  ];
  for (const schedule of schedules) {
    it(`saves a task with the schedule ${JSON.stringify(schedule).slice(0, 60)} unchanged when nothing was changed`, () => {
      const task = taskWith(schedule);
      const { draft, problems } = draftOfValues(valuesOfTask(task, 'Europe/Rome', NOW_MS));
      assert.deepEqual(problems, []);
      const { name, taskType, payload, policies, retry, timeoutMs, priority, labels, recipients, securityGroup, key } =
        task;
      assert.deepEqual(TaskInput.parse(draft), {
        name,
        taskType,
        payload,
        schedule,
        policies,
        retry,
        timeoutMs,
        priority,
        labels,
        recipients,
        securityGroup,
        key,
      });
    });
  }

  it('reads a one-time task on the wall clock of its zone', () => {
    const { draft } = draftOfValues(valuesWith({ when: 'once', onceAt: '2026-11-21T09:00' }));
    assert.deepEqual(draft.schedule, { kind: 'once', at: '2026-11-21T08:00:00.000Z' });
  });

  it('means the one that was chosen of a time that comes twice', () => {
    const at = (onceWhich: 'first' | 'second') =>
      draftOfValues(valuesWith({ when: 'once', onceAt: '2026-10-25T02:30', onceWhich })).draft.schedule;
    assert.deepEqual(at('first'), { kind: 'once', at: '2026-10-25T00:30:00.000Z' });
    assert.deepEqual(at('second'), { kind: 'once', at: '2026-10-25T01:30:00.000Z' });
  });

  it('takes the other one of a time that comes twice when that is chosen later', () => {
    const values = valuesOfTask(taskWith({ kind: 'once', at: '2026-10-25T01:30:00.000Z' }), 'Europe/Rome', NOW_MS);
    assert.equal(values.onceWhich, 'second');
    const { draft } = draftOfValues({ ...values, onceWhich: 'first' });
    assert.deepEqual(draft.schedule, { kind: 'once', at: '2026-10-25T00:30:00.000Z' });
  });

  it('reads the bounds anew when the zone is changed', () => {
    const values = valuesOfTask(
      taskWith({ ...EVERY_HOUR, timeZone: 'Europe/Rome', startsAt: '2026-11-24T09:00:00.000Z' }),
      'UTC',
      NOW_MS,
    );
    const { draft } = draftOfValues({ ...values, timeZone: 'America/New_York' });
    assert.equal('startsAt' in draft.schedule && draft.schedule.startsAt, '2026-11-24T15:00:00.000Z');
  });

  it('refuses a wall-clock time that the clock jumps over, at its field', () => {
    const { problems } = draftOfValues(valuesWith({ when: 'once', onceAt: '2027-03-28T02:30' }));
    assert.deepEqual(
      problems.map(({ field }) => field),
      ['onceAt'],
    );
  });

  it('says where the fields can not be read', () => {
    const { problems } = draftOfValues(
      valuesWith({
        when: 'recurring',
        repeat: 'interval',
        every: 'often',
        startsAt: '2026-11-25T09:00',
        endsAt: '2026-11-24T09:00',
        payloadText: '[1]',
        timeout: 'long',
        maxRuns: 'many',
        catchUpLimit: '',
        flexibleWindow: 'wide',
        blackouts: [
          { ...rowOfKind('weekly', '2026-11-21'), weekdays: [] },
          { ...rowOfKind('range', '2027-03-28'), from: '2027-03-28T02:30' },
        ],
        ownRetry: true,
        maxAttempts: 'three',
        labels: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
      }),
    );
    assert.deepEqual(problems.map(({ field }) => field).sort(), [
      'blackouts.0.weekdays',
      'blackouts.1.from',
      'catchUpLimit',
      'endsAt',
      'every',
      'flexibleWindow',
      'labels.1.key',
      'maxAttempts',
      'maxRuns',
      'payloadText',
      'timeout',
    ]);
  });

  it('puts what the server found at the field that shows it', () => {
    assert.equal(fieldOfPath('schedule.expressions.1'), 'expressions.1.text');
    assert.equal(fieldOfPath('/schedule/timeZone'), 'timeZone');
    assert.equal(fieldOfPath('payload.headers.accept'), 'payloadText');
    assert.equal(fieldOfPath('recipients.2'), 'recipients');
    assert.equal(fieldOfPath('labels.b', ['a', 'b']), 'labels.1.value');
    assert.equal(fieldOfPath(['policies', 'startExpiryMs']), 'startExpiry');
    assert.equal(fieldOfPath(['schedule', 'blackouts', 2, 'until']), 'blackouts.2.until');
    assert.equal(fieldOfPath('schedule.calendars.1'), 'calendars');
    assert.equal(fieldOfPath('policies.catchUpLimit'), 'catchUpLimit');
    assert.equal(fieldOfPath('something.new'), 'root');
    assert.equal(pathInPayload('payload.headers.accept'), 'headers.accept');
  });
});

describe('the question about the next runs', () => {
  const type = {
    name: 'noop',
    examplePayload: { sleepMs: 5 },
  } as unknown as TaskTypeInfo;

  it('asks about the times, whatever else is still missing in the form', () => {
    const { draft, problem } = planQuestion(
      valuesWith({ name: '', taskType: '', when: 'recurring', payloadText: '{', timeout: 'long', maxRuns: '3' }),
      type,
    );
    assert.equal(problem, null);
    const asked = TaskInput.parse(draft);
    assert.equal(asked.taskType, 'noop');
    assert.deepEqual(asked.payload, { sleepMs: 5 });
    assert.deepEqual(asked.schedule, {
      kind: 'cron',
      expressions: ['0 9 * * 1-5'],
      timeZone: 'Europe/Rome',
      startsAt: null,
      endsAt: null,
      maxRuns: 3,
      calendars: [],
      blackouts: [],
    });
  });

  it('is not asked while the times themselves are wrong, and says what is', () => {
    const { draft, problem } = planQuestion(
      valuesWith({ when: 'recurring', startsAt: '2026-11-25T09:00', endsAt: '2026-11-24T09:00' }),
      type,
    );
    assert.equal(draft, null);
    assert.equal(problem, 'The end must be after the start.');
  });

  it('is not asked about a task that does not recur', () => {
    assert.deepEqual(planQuestion(valuesWith({ when: 'once' }), type), { draft: null, problem: null });
  });
});

describe('durations as people write them', () => {
  it('are read with or without units', () => {
    const read = ['30', '90 s', '5min', '1 h 30 min', '1.5h', '250 ms', '2 days'].map(parseDurationText);
    assert.deepEqual(read, [30_000, 90_000, 300_000, 5_400_000, 5_400_000, 250, 172_800_000]);
  });

  it('are refused when they are none', () => {
    for (const text of ['', 'soon', '5 parsecs', '-3 s', '1 h and more']) {
      assert.equal(parseDurationText(text), undefined, text);
    }
  });

  it('are written so that reading them gives the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 604_800_000 }), (ms) => {
        assert.equal(parseDurationText(writeDurationText(ms)), ms);
      }),
    );
  });
});

describe('the time of day beside a cron expression', () => {
  it('is shown only when there is exactly one', () => {
    assert.equal(timeOfCron('5 9 * * 1-5'), '09:05');
    for (const text of ['*/5 * * * *', '0 9,17 * * *', '0 * * * *', '0 25 * * *', '0 0 9 * * *']) {
      assert.equal(timeOfCron(text), undefined, text);
    }
  });

  it('changes the time and nothing else', () => {
    assert.equal(cronWithTime('0 9 1 * *', '17:45'), '45 17 1 * *');
    assert.equal(cronWithTime('*/5 * * * *', '17:45'), '*/5 * * * *');
  });
});

describe('the hints at a payload', () => {
  const schema = {
    type: 'object',
    properties: { url: { type: 'string', description: 'where to' }, method: { enum: ['GET', 'POST'], default: 'GET' } },
    required: ['url', 'method'],
  };

  it('describe the fields of the type', () => {
    assert.deepEqual(payloadFields(schema), [
      { name: 'url', text: 'string, required, where to' },
      { name: 'method', text: '"GET" or "POST", optional, default "GET"' },
    ]);
  });

  it('say what does not fit, and nothing about text that is no JSON yet', () => {
    assert.deepEqual(payloadProblems('{"method":"GET"}', schema), ['url: is missing']);
    assert.deepEqual(payloadProblems('{"url":"x","method":"GET"}', schema), []);
    assert.deepEqual(payloadProblems('{"url":', schema), []);
  });
});
