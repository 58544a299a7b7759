import assert from 'node:assert/strict';

import type { LoadCalendar } from '../../api/contract/load-calendar.ts';
import { LoadCalendar as LoadCalendarSchema, LoadCalendarQuery } from '../../api/contract/load-calendar.ts';
import type { TaskDraft } from '../../api/contract/task.ts';
import { createForecastReader } from '../../api/forecast-reader.ts';
import { createLoadCalendarReader } from '../../api/load-calendar-reader.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import { formulaCurve, maxPerStep } from '../../core/forecast.ts';
import { ensurePartitions } from '../../db/partition-store.ts';
import { createTaskStore } from '../../db/task-store.ts';
import { expandBatch } from '../../scheduler/expander.ts';
import { createReadyDatabase, type ReadyDatabase } from '../support/database.ts';

const CONFIG = { batchSize: 1_000, maxInstantsPerTask: 5_000, maxRowsPerBatch: 50_000, graceMs: MINUTE_MS };
const SETTINGS = {
  slotsPerReplica: 1,
  minReplicas: 1,
  maxReplicas: 8,
  leadTimeMs: 15_000,
  tailMs: 10_000,
  closingMs: 60_000,
};
const ROME = 'Europe/Rome';
/** The Saturday before the clocks of Rome go ahead. */
const NOW = '2026-03-28T10:00:00Z';
const SECONDS: Readonly<Record<string, number>> = { 'test.long': 3_000, 'test.journal': 25_000, 'test.hang': 40 };

/** One of each kind: what the scheduler makes of them is what the calendar has to say before. */
const DRAFTS: readonly Partial<TaskDraft>[] = [
  { schedule: { kind: 'cron', expressions: ['*/10 * * * *'], timeZone: ROME } },
  {
    schedule: { kind: 'cron', expressions: ['30 2 * * *', '0 9,17 * * 1-5'], timeZone: ROME },
    taskType: 'test.journal',
  },
  {
    schedule: { kind: 'cron', expressions: ['30 2 * * *'], timeZone: ROME },
    policies: { dstGap: 'skip' },
    taskType: 'test.long',
  },
  {
    schedule: { kind: 'cron', expressions: ['0 */2 * * *'], timeZone: 'Australia/Lord_Howe' },
    taskType: 'test.journal',
  },
  { schedule: { kind: 'interval', everyMs: 7 * MINUTE_MS }, taskType: 'test.long' },
  { schedule: { kind: 'interval', everyMs: 7 * MINUTE_MS }, taskType: 'test.long' },
  {
    schedule: {
      kind: 'interval',
      everyMs: 90_500,
      startsAt: '2026-03-30T00:00:00.250Z',
      endsAt: '2026-03-31T12:00:00Z',
    },
  },
  { schedule: { kind: 'once', at: '2026-04-01T00:15:00Z' }, taskType: 'test.journal' },
  {
    schedule: {
      kind: 'cron',
      expressions: ['* * * * *'],
      startsAt: '2026-03-31T12:00:00Z',
      endsAt: '2026-03-31T18:00:00Z',
    },
  },
  { schedule: { kind: 'cron', expressions: ['0 * * * *'], maxRuns: 50 }, taskType: 'test.long' },
  { schedule: { kind: 'interval', everyMs: HOUR_MS, maxRuns: 30 }, taskType: 'test.journal' },
  {
    schedule: { kind: 'cron', expressions: ['*/15 * * * *'], calendars: ['holidays'], timeZone: ROME },
    taskType: 'test.long',
  },
  {
    schedule: {
      kind: 'cron',
      expressions: ['*/5 * * * *'],
      timeZone: ROME,
      blackouts: [{ kind: 'weekly', weekdays: ['mon', 'tue'], from: '22:00', until: '06:00' }],
    },
    taskType: 'test.long',
  },
  {
    schedule: { kind: 'cron', expressions: ['0 6 * * *'] },
    policies: { flexibleWindowMs: HOUR_MS, placement: 'hash' },
    taskType: 'test.journal',
  },
  {
    schedule: { kind: 'cron', expressions: ['0 6 * * *'] },
    policies: { flexibleWindowMs: HOUR_MS, placement: 'hash' },
    taskType: 'test.journal',
  },
];

describe('the load calendar', function () {
  this.timeout(60_000);
  let ready: ReadyDatabase;

  beforeEach(async () => {
    ready = await createReadyDatabase({ movableClock: true });
    await ready.setClock(NOW);
    await ensurePartitions(ready.database, 3);
    await ready.query(
      `insert into calendars (name, title, time_zone, rules) values
       ('holidays', 'Holidays', 'Europe/Rome', '[{"kind": "date", "date": "2026-03-30", "label": null}]')`,
    );
    for (const [name, ms] of Object.entries(SECONDS)) {
      await ready.query('update task_types set estimate_ms = $2 where name = $1', [name, ms]);
    }
  });
  afterEach(() => ready[Symbol.asyncDispose]());

  async function expandAll(): Promise<void> {
    while ((await expandBatch(ready.database, CONFIG)).more);
  }

  async function read(query: Partial<Record<string, string>> = {}): Promise<LoadCalendar> {
    const reader = createLoadCalendarReader(ready.database, SETTINGS, MINUTE_MS);
    return LoadCalendarSchema.parse(await reader.read(LoadCalendarQuery.parse(query)));
  }

  /** Required instances by minute, from the rows that are written. */
  async function fromRows(fromMs: number, untilMs: number, pool = 'default'): Promise<number[]> {
    const rows = await ready.query<{ at_ms: number; ms: number }>(
      `select (extract(epoch from date_trunc('second', s.due_at)) * 1000)::float8 as at_ms, tt.estimate_ms as ms
       from task_schedule as s join tasks as t on t.id = s.task_id join task_types as tt on tt.name = t.task_type
       where s.due_at is not null and tt.pool = $1`,
      [pool],
    );
    const demand = rows.map((row) => ({ atMs: row.at_ms, count: 1, durationMs: row.ms }));
    return maxPerStep(formulaCurve(demand, { fromMs, seconds: (untilMs - fromMs) / 1_000 }, 1), 60);
  }

  function minutesOf({ days }: LoadCalendar): { fromMs: number; untilMs: number; values: (number | null)[] } {
    return {
      fromMs: Date.parse(days[0]?.from ?? ''),
      untilMs: Date.parse(days.at(-1)?.until ?? ''),
      values: days.flatMap((day) => day.requiredInstances),
    };
  }

  it('says today what the rows of the week will say once the scheduler has written them', async () => {
    await ready.query(`update task_types set pool = 'other' where name = 'test.throw'`);
    for (const draft of DRAFTS) await ready.createTask({ taskType: 'test.hang', ...draft });
    await ready.createTask({
      taskType: 'test.throw',
      schedule: { kind: 'cron', expressions: ['0 * * * *'] },
      policies: { flexibleWindowMs: HOUR_MS, placement: 'load' },
    });
    await expandAll();
    const before = await read({ timeZone: ROME });
    const other = await read({ timeZone: ROME, pool: 'other' });
    assert.equal(before.tasks, DRAFTS.length);

    for (let day = 0; day <= 7; day += 1) {
      await ready.setClock(new Date(Date.parse(NOW) + day * DAY_MS + 12 * HOUR_MS).toISOString());
      await expandAll();
    }
    const { fromMs, untilMs, values } = minutesOf(before);
    assert.equal(values.length, 7 * 1_440 - 60, 'an hour of the second day is not there');
    assert.deepEqual(
      before.days.map(({ requiredInstances }) => requiredInstances.length),
      [1_440, 1_380, 1_440, 1_440, 1_440, 1_440, 1_440],
    );
    const past = (Date.parse(NOW) - fromMs) / MINUTE_MS;
    assert.deepEqual(values.slice(past), (await fromRows(fromMs, untilMs)).slice(past));
    assert.ok(
      values.slice(0, past).every((value) => value === null),
      'nobody recorded what was before',
    );
    assert.ok(new Set(values.slice(past)).size > 4, 'it is not all the same');
    assert.deepEqual(minutesOf(other).values.slice(past), (await fromRows(fromMs, untilMs, 'other')).slice(past));
  });

  it('shows the number that the forecast shows, for minutes that both have', async () => {
    for (const draft of DRAFTS) await ready.createTask({ taskType: 'test.hang', ...draft });
    await expandAll();
    await ready.setClock('2026-03-28T21:30:30Z'); // what was due meanwhile is overdue, and the horizon moves by a day
    await expandAll();
    const calendar = await read();
    const forecast = await createForecastReader(ready.database, { ...SETTINGS, leadFloorMs: 0, periodMs: 0 })({
      hours: 24,
      pastMinutes: 0,
      pool: 'default',
    });
    const { fromMs, values } = minutesOf(calendar);
    const first = (Date.parse(forecast.steps[0]?.at ?? '') - fromMs) / MINUTE_MS;
    const both = forecast.steps.filter(({ at }) => Date.parse(at) < Date.parse(calendar.writtenUntil));
    assert.equal(both.length, 1_440);
    assert.deepEqual(
      both.slice(1).map(({ requiredInstances }) => requiredInstances),
      values.slice(first + 1, first + both.length),
    );
    assert.ok(Number(values[first]) > 10, 'overdue work counts for now');
  });

  it('has what was recorded for the minutes of today that are past', async () => {
    await ready.query(
      `insert into capacity_samples (pool, at, required_instances) values
       ('default', '2026-03-28T08:30:05Z', 3), ('default', '2026-03-28T08:30:35Z', 5), ('other', '2026-03-28T08:31:00Z', 9)`,
    );
    const [today] = (await read()).days;
    assert.deepEqual(today?.requiredInstances.slice(8 * 60 + 29, 8 * 60 + 32), [null, 5, null]);
    assert.equal(today.requiredInstances[600], 0);
  });

  it('names the peak, and the quietest and busiest windows', async () => {
    for (const expression of ['0 12 * * *', '0 12 * * 0', '30 12 * * 0']) {
      await ready.createTask({ taskType: 'test.journal', schedule: { kind: 'cron', expressions: [expression] } });
    }
    await expandAll();
    const calendar = await read({ windowMinutes: '60' });
    assert.deepEqual(calendar.peak, {
      from: '2026-03-29T12:00:00.000Z',
      until: '2026-03-29T12:01:00.000Z',
      requiredInstances: 2,
      meanInstances: 2,
    });
    const [busiest] = calendar.busiest;
    assert.deepEqual([busiest?.from, busiest?.requiredInstances], ['2026-03-29T11:31:00.000Z', 2]);
    assert.deepEqual(
      calendar.quietest.map(({ from, requiredInstances }) => [from, requiredInstances]),
      [
        ['2026-03-28T10:00:00.000Z', 0],
        ['2026-03-28T11:00:00.000Z', 0],
        ['2026-03-28T12:01:00.000Z', 0],
      ],
    );
  });

  it('counts a paused task from the end of its pause on, and one that is stopped not at all', async () => {
    const store = createTaskStore(ready.database, MINUTE_MS);
    const hourly: Partial<TaskDraft> = {
      taskType: 'test.journal',
      schedule: { kind: 'cron', expressions: ['30 * * * *'] },
    };
    const [paused, stopped] = [await ready.createTask(hourly), await ready.createTask(hourly)];
    await expandAll();
    await store.pause(paused, null, Date.parse('2026-03-29T03:00:00Z'));
    await store.deactivate(stopped, null);
    const { values, fromMs } = minutesOf(await read({ days: '2' }));
    const busy = [...values.entries()]
      .filter(([, value]) => (value ?? 0) > 0)
      .map(([minute]) => fromMs + minute * MINUTE_MS);
    assert.equal(new Date(Number(busy[0])).toISOString(), '2026-03-29T03:30:00.000Z');
    assert.equal(busy.length, 21);
  });

  it('sees a change at once, and is worked out once for all who ask together', async () => {
    const reader = createLoadCalendarReader(ready.database, SETTINGS, MINUTE_MS);
    const query = LoadCalendarQuery.parse({ days: 1 });
    const first = await reader.read(query);
    assert.equal(first.peak, null);
    await ready.createTask({ taskType: 'test.journal', schedule: { kind: 'once', at: '2026-03-28T20:00:00Z' } });
    const answers = await Promise.all([reader.read(query), reader.read(query), reader.read({ ...query, days: 7 })]);
    assert.deepEqual(
      answers.map(({ peak }) => peak?.from),
      Array.from({ length: 3 }, () => '2026-03-28T20:00:00.000Z'),
    );
    assert.equal(new Set(answers.map(({ generatedAt }) => generatedAt)).size, 1);
    assert.equal((await reader.read(query)).generatedAt, answers[0].generatedAt);
  });

  it('looks at a later week, and refuses the past and zones that there are not', async () => {
    await ready.createTask({ taskType: 'test.journal', schedule: { kind: 'cron', expressions: ['0 12 1 * *'] } });
    await expandAll();
    const later = await read({ from: '2026-04-29T23:00:00Z', timeZone: ROME, days: '3' });
    assert.deepEqual(
      [later.days[0]?.date, later.peak?.from, later.days[0]?.requiredInstances.includes(null)],
      ['2026-04-30', '2026-05-01T12:00:00.000Z', false],
    );
    for (const query of [{ from: '2026-03-27T23:59:59Z' }, { from: '2027-03-28T00:00:00Z' }, { timeZone: 'Rome' }]) {
      await assert.rejects(read(query), { name: 'InvalidInputError' });
    }
  });
});
