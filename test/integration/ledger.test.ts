import assert from 'node:assert/strict';

import type { Ledger } from '../../api/contract/ledger.ts';
import type { TaskDraft } from '../../api/contract/task.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, startOfUtcDayMs } from '../../core/duration.ts';
import { createCalendarStore } from '../../db/calendar-store.ts';
import { reconcileLedger } from '../../db/ledger-reconciliation.ts';
import { type LedgerFindings, readLedgerBegin } from '../../db/ledger-store.ts';
import { createOccurrenceStore } from '../../db/occurrence-store.ts';
import { ensurePartitions } from '../../db/partition-store.ts';
import { createTaskStore } from '../../db/task-store.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { expandBatch } from '../../scheduler/expander.ts';
import { checkLedger } from '../../scheduler/ledger-check.ts';
import { openTestApi } from '../support/api.ts';
import { createReadyDatabase, definitionOf, type ReadyDatabase } from '../support/database.ts';

const EXPANSION = { batchSize: 100, maxInstantsPerTask: 5_000, maxRowsPerBatch: 50_000, graceMs: MINUTE_MS };
const START = Date.parse('2026-03-10T21:47:13.250Z');

describe('the ledger', () => {
  let ready: ReadyDatabase;
  let nowMs: number;

  beforeEach(async () => {
    ready = await createReadyDatabase({ movableClock: true });
    await moveTo(START);
    await createCalendarStore(ready.database).put(CALENDAR, holidays('2026-03-11'), null);
  });
  afterEach(() => ready[Symbol.asyncDispose]());

  async function moveTo(atMs: number): Promise<void> {
    nowMs = atMs;
    await ready.setClock(new Date(atMs).toISOString());
    await ensurePartitions(ready.database, 4);
  }

  async function expand(): Promise<void> {
    while ((await expandBatch(ready.database, EXPANSION)).more);
  }

  async function create(schedule: TaskDraft['schedule']): Promise<string> {
    const id = await ready.createTask({ schedule });
    await expand();
    return id;
  }

  const edit = (taskId: string, schedule: TaskDraft['schedule']): Promise<void> =>
    createTaskStore(ready.database).replace(taskId, definitionOf({ schedule }), null);

  /** Every day from the first revision to the horizon. */
  async function reconcile(): Promise<LedgerFindings[]> {
    const beginMs = await readLedgerBegin(ready.database);
    assert.ok(beginMs !== undefined);
    const found: LedgerFindings[] = [];
    for (let dayMs = startOfUtcDayMs(beginMs); dayMs < nowMs + 2 * DAY_MS; dayMs += DAY_MS) {
      const range = { fromMs: Math.max(dayMs, beginMs), untilMs: dayMs + DAY_MS };
      found.push(await reconcileLedger(ready.database, range));
    }
    return found;
  }

  /** Nothing is amiss, and what is recorded is what was expected. Answers how many that is. */
  async function assertWhole(what: string): Promise<number> {
    let expected = 0;
    for (const found of await reconcile()) {
      assert.deepEqual(found.problems, [], what);
      assert.equal(found.unaccounted + found.unexpected, 0, what);
      assert.equal(sumOf(found.statuses), found.expected, what);
      expected += found.expected;
    }
    const [row] = await ready.query<{ count: number }>(
      `select count(*)::integer as count from task_schedule where trigger in ('schedule', 'catch-up')`,
    );
    assert.equal(expected, row?.count, `${what}: each recorded occurrence is counted once`);
    return expected;
  }

  it('is whole for fresh tasks of every kind, over the end of a day', async () => {
    for (const schedule of EVERY_KIND) await create(schedule);
    const [today, tomorrow] = await reconcile();
    assert.ok(today && tomorrow);
    assert.ok(today.expected > 7_000, 'the task of every second alone has two hours of today');
    assert.ok(tomorrow.expected > DAY_MS / SECOND_MS);
    assert.equal(today.pending, today.expected);
    await assertWhole('fresh');
    await moveTo(START + 3 * DAY_MS);
    await expand();
    await assertWhole('three days later');
  });

  it('names an occurrence that is gone, and one that nobody called for', async () => {
    const taskId = await create({ kind: 'cron', expressions: ['*/5 * * * *'] });
    const other = await create({ kind: 'cron', expressions: ['*/5 * * * *'] });
    await ready.query('delete from task_schedule where task_id = $1 and scheduled_time = $2', [
      taskId,
      '2026-03-10T22:10:00Z',
    ]);
    await ready.query(
      `insert into task_schedule (task_id, scheduled_time, status, revision) values ($1, $2, 'Completed', 1)`,
      [other, '2026-03-10T22:10:01Z'],
    );
    const [today, ...others] = await reconcile();
    assert.ok(today);
    assert.equal(today.unaccounted, 1);
    assert.equal(today.unexpected, 1);
    assert.deepEqual(
      today.problems.map(({ kind, taskId: id, at }) => ({ kind, id, at })),
      [
        { kind: 'unaccounted', id: taskId, at: '2026-03-10T22:10:00.000Z' },
        { kind: 'unexpected', id: other, at: '2026-03-10T22:10:01.000Z' },
      ],
    );
    assert.equal(sumOf(today.statuses), today.expected - 1 + 1);
    assert.ok(others.every(({ unaccounted, unexpected }) => unaccounted + unexpected === 0));
  });

  it('names occurrences of a task that has no revision, and goes on after the last one that has', async () => {
    const taskId = await create({ kind: 'interval', everyMs: HOUR_MS });
    await ready.query('delete from task_revisions where task_id = $1', [taskId]);
    await create({ kind: 'interval', everyMs: HOUR_MS });
    const [today] = await reconcile();
    assert.equal(today?.unaccounted, 0);
    assert.ok(today.unexpected > 0);
    assert.ok(today.problems.every((problem) => problem.taskId === taskId));
  });

  it('counts nothing of a task whose schedule can not be computed, and says so', async () => {
    const taskId = await create({ kind: 'cron', expressions: ['*/5 * * * *'] });
    await create({ kind: 'cron', expressions: ['0 * * * *'] });
    await ready.query(
      `update task_revisions set definition = jsonb_set(definition, '{time_zone}', '"Atlantis/Capital"') where task_id = $1`,
      [taskId],
    );
    const [today] = await reconcile();
    assert.ok(today);
    assert.equal(today.expected, 2);
    assert.deepEqual([today.unaccounted, today.unexpected], [0, 0]);
    assert.deepEqual(
      today.problems.map(({ kind, taskId: id, at }) => ({ kind, id, at })),
      [{ kind: 'not-recomputable', id: taskId, at: null }],
    );
    assert.match(String(today.problems[0]?.message), /Atlantis/);
  });

  it('holds each limit of runs to the number, also after an edit took occurrences back', async () => {
    const taskId = await create({ kind: 'interval', everyMs: MINUTE_MS, maxRuns: 5 });
    assert.equal(await assertWhole('limited'), 5);
    await moveTo(nowMs + 2 * MINUTE_MS + 1);
    await edit(taskId, { kind: 'interval', everyMs: 30 * SECOND_MS, maxRuns: 6 });
    await expand();
    assert.equal(await assertWhole('edited'), 6);
    await moveTo(nowMs + DAY_MS);
    await expand();
    assert.equal(await assertWhole('a day later'), 6);
  });

  it('knows calendars as they were', async () => {
    const calendars = createCalendarStore(ready.database);
    const taskId = await create({ kind: 'cron', expressions: ['0 * * * *'], calendars: [CALENDAR] });
    assert.equal(await assertWhole('a holiday'), 2);
    await calendars.put(CALENDAR, holidays('2026-03-12'), null);
    await expand();
    assert.equal(await assertWhole('another holiday'), 26);
    await moveTo(START + 2 * DAY_MS);
    await expand();
    await calendars.put(CALENDAR, holidays('2026-03-10'), null);
    await expand();
    assert.equal(await assertWhole('the day before is history'), 2 + 24 + 2 + 24);
    await createTaskStore(ready.database).remove(taskId);
    await assertWhole('removed');
  });

  it('leaves out what a person ran, and knows what a person moved or cancelled before an edit', async () => {
    const occurrences = createOccurrenceStore(ready.database);
    const taskId = await create({ kind: 'cron', expressions: ['0 * * * *'] });
    await occurrences.runNow(taskId);
    const [next, second, third] = [22, 23, 24].map((hour) => Date.UTC(2026, 2, 10, hour)) as [number, number, number];
    await occurrences.reschedule({ taskId, scheduledMs: next }, nowMs + MINUTE_MS);
    await occurrences.cancel({ taskId, scheduledMs: second });
    await occurrences.reschedule({ taskId, scheduledMs: third }, nowMs + MINUTE_MS);
    await assertWhole('moved and cancelled');
    await edit(taskId, { kind: 'cron', expressions: ['30 * * * *'] });
    await expand();
    await assertWhole('edited');
    await createTaskStore(ready.database).pause(taskId, null, nowMs + HOUR_MS);
    await assertWhole('paused');
  });

  it('goes on from before there were revisions', async () => {
    const once = await create({ kind: 'once', at: '2026-03-11T05:00:00Z' });
    const ending = await create({ kind: 'cron', expressions: ['0 * * * *'], endsAt: '2026-03-11T06:00:00Z' });
    await create({ kind: 'cron', expressions: ['0 * * * *'] });
    // As the migration finds and leaves them.
    await moveTo(START + HOUR_MS);
    await ready.query(
      `update task_revisions set
         change = 'migrated', first_at = null, valid_from = date_trunc('milliseconds', clock_timestamp()),
         definition = definition || jsonb_build_object('expanded_until', (
           select case when t.expanded_until is not null then date_trunc('milliseconds', clock_timestamp()) end
           from tasks as t where t.id = task_id
         ))`,
    );
    for (const id of [once, ending]) assert.ok((await ready.occurrences(id)).length > 0);
    for (const found of await reconcile()) assert.deepEqual(found.problems, []);
  });

  it('is checked for each finished day once, whoever does it, and shown by gauges', async () => {
    const taskId = await create({ kind: 'cron', expressions: ['*/10 * * * *'] });
    await moveTo(Date.parse('2026-03-11T00:04:00Z'));
    const [one, other] = [createMetrics({ processMetrics: false }), createMetrics({ processMetrics: false })];
    const check = (metrics: typeof one) =>
      checkLedger({ database: ready.database, log, metrics }, { retentionDays: 35 });
    await check(one);
    assert.deepEqual(await ready.query('select * from ledger_days'), [], 'the day has just ended');

    await moveTo(Date.parse('2026-03-13T00:06:00Z'));
    await expand();
    await ready.query('delete from task_schedule where task_id = $1 and scheduled_time = $2', [
      taskId,
      '2026-03-12T10:00:00Z',
    ]);
    await Promise.all([check(one), check(other)]);
    await Promise.all([check(one), check(other)]);
    const days = await ready.query<{ day: string; expected: string; unaccounted: string; unexpected: string }>(
      'select day::text, expected, unaccounted, unexpected from ledger_days order by day',
    );
    assert.deepEqual(days, [
      { day: '2026-03-10', expected: '13', unaccounted: '0', unexpected: '0' },
      { day: '2026-03-11', expected: '144', unaccounted: '0', unexpected: '0' },
      { day: '2026-03-12', expected: '144', unaccounted: '1', unexpected: '0' },
    ]);
    for (const metrics of [one, other]) {
      const text = await metrics.text();
      assert.match(text, /^almanac_unaccounted_occurrences\{window="day"\} 1$/m);
      assert.match(text, /^almanac_unexpected_occurrences\{window="day"\} 0$/m);
    }
    assert.match(`${await one.text()}${await other.text()}`, /^almanac_unaccounted_occurrences\{window="today"\} 0$/m);
  });
});

describe('GET /api/v1/ledger', () => {
  const counts = ({ expected, accounted, pending, unaccounted, unexpected }: Ledger | Ledger['days'][number]) => ({
    expected,
    accounted,
    pending,
    unaccounted,
    unexpected,
  });

  it('answers the last 24 hours, day by day, with what is amiss', async () => {
    await using api = await openTestApi();
    const taskId = (await api.createTask({ schedule: { kind: 'immediate' } })).id;
    await api.createTask({ schedule: { kind: 'immediate' } });
    const [attempt] = await api.startDue();
    assert.ok(attempt);
    await api.finish(attempt, {});
    const answer = await api.send<Ledger>('GET', '/api/v1/ledger');
    assert.equal(answer.status, 200);
    const { body } = answer;
    assert.equal(Date.parse(body.until) - Date.parse(body.from), DAY_MS);
    assert.deepEqual(counts(body), { expected: 2, accounted: 1, pending: 1, unaccounted: 0, unexpected: 0 });
    assert.deepEqual(body.statuses, { Completed: 1, Running: 1 });
    assert.equal(
      body.days.reduce((sum, { expected }) => sum + expected, 0),
      2,
    );
    assert.ok(body.days.every(({ source }) => source === 'recomputed'));

    await api.database.dataSource.query('delete from task_schedule where task_id = $1', [taskId]);
    const { body: lost } = await api.send<Ledger>('GET', '/api/v1/ledger');
    assert.equal(lost.unaccounted, 1);
    assert.equal(lost.problems[0]?.taskId, taskId);
  });

  it('answers days that are no longer kept from what the nightly check found, and leaves out those that nobody checked', async () => {
    await using api = await openTestApi();
    await api.createTask({ schedule: { kind: 'immediate' } });
    await ensurePartitions(api.database, 1);
    await api.database.dataSource.query(
      `insert into ledger_days (day, expected, unaccounted, unexpected, statuses, problems)
       values ('2026-01-02', 10, 2, 1, '{"Completed": 7, "Skipped": 1, "Running": 1}',
               '[{"kind": "unaccounted", "taskId": "7", "at": "2026-01-02T10:00:00.000Z", "message": "lost"}]')`,
    );
    const { body } = await api.send<Ledger>(
      'GET',
      '/api/v1/ledger?from=2026-01-01T12:00:00Z&until=2026-01-03T00:00:00Z',
    );
    const recorded = { expected: 10, accounted: 7, pending: 1, unaccounted: 2, unexpected: 1 };
    assert.deepEqual(counts(body), recorded);
    assert.deepEqual(body.days, [{ day: '2026-01-02', source: 'recorded', ...recorded }]);
    assert.equal(body.problems.length, 1);
  });

  it('refuses a range that ends before it begins, and one of more than 31 days', async () => {
    await using api = await openTestApi();
    const backwards = await api.refuse(
      'GET',
      '/api/v1/ledger?from=2026-01-02T00:00:00Z&until=2026-01-02T00:00:00Z',
      422,
      'invalid_input',
    );
    assert.equal(backwards.errors?.[0]?.path, 'from');
    await api.refuse(
      'GET',
      '/api/v1/ledger?from=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00.001Z',
      422,
      'invalid_input',
    );
    assert.equal(
      (await api.send('GET', '/api/v1/ledger?from=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z')).status,
      200,
    );
  });
});

const CALENDAR = 'holidays';
const log = createLogger('test', 'silent');

const EVERY_KIND: readonly TaskDraft['schedule'][] = [
  { kind: 'immediate' },
  { kind: 'once', at: '2026-03-10T23:59:59.999Z' },
  { kind: 'once', at: '2026-03-12T00:00:00Z' },
  { kind: 'cron', expressions: ['* * * * * *'] },
  { kind: 'cron', expressions: ['*/7 * * * *', '0 0 * * *'], timeZone: 'Australia/Lord_Howe' },
  { kind: 'cron', expressions: ['0 * * * *'], calendars: [CALENDAR] },
  { kind: 'cron', expressions: ['0 * * * *'], endsAt: '2026-03-11T05:00:00Z' },
  { kind: 'interval', everyMs: 90 * SECOND_MS },
  { kind: 'interval', everyMs: 777_777, startsAt: '2026-03-10T23:30:00.123Z' },
  { kind: 'interval', everyMs: HOUR_MS, maxRuns: 4 },
  {
    kind: 'interval',
    everyMs: MINUTE_MS,
    timeZone: 'Asia/Kathmandu',
    blackouts: [{ kind: 'weekly', from: '22:00', until: '06:00' }],
  },
];

function holidays(...dates: readonly string[]) {
  return {
    title: 'Holidays',
    timeZone: 'UTC',
    rules: dates.map((date) => ({ kind: 'date' as const, date, label: null })),
  };
}

function sumOf(statuses: LedgerFindings['statuses']): number {
  return Object.values(statuses).reduce((total, count) => total + count, 0);
}
