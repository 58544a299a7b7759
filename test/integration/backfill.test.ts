import assert from 'node:assert/strict';

import type { Backfill } from '../../api/contract/ledger.ts';
import type { Occurrence } from '../../api/contract/occurrence.ts';
import type { Task, TaskDraft } from '../../api/contract/task.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, startOfUtcDayMs } from '../../core/duration.ts';
import { openTestApi, type TestApi } from '../support/api.ts';

describe('backfill', () => {
  let api: TestApi;
  before(async () => {
    api = await openTestApi();
  });
  after(() => api[Symbol.asyncDispose]());

  const toIso = (atMs: number): string => new Date(atMs).toISOString();
  const todayMs = startOfUtcDayMs(Date.now());
  const [fromMs, untilMs] = [todayMs - 10 * DAY_MS, todayMs - 7 * DAY_MS];
  const RANGE = { from: toIso(fromMs), until: toIso(untilMs) };
  const path = ({ id }: Pick<Task, 'id'>): string => `/api/v1/tasks/${id}/backfill`;
  const backfill = async (task: Pick<Task, 'id'>, body: object): Promise<Backfill> => {
    const answer = await api.send<Backfill>('POST', path(task), { body });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    return answer.body;
  };
  const every = (everyMs: number, extra: object = {}): TaskDraft['schedule'] => ({
    kind: 'interval',
    everyMs,
    startsAt: toIso(todayMs - 90 * DAY_MS),
    ...extra,
  });
  const pastOf = async (task: Pick<Task, 'id'>): Promise<Occurrence[]> =>
    (await api.occurrencesOf(task.id)).filter(({ scheduledTime }) => Date.parse(scheduledTime) < todayMs);

  it('counts without writing when it is a dry run', async () => {
    const task = await api.createTask({ schedule: every(HOUR_MS) });
    const report = await backfill(task, { ...RANGE, dryRun: true });
    assert.deepEqual(
      [report.matched, report.existing, report.created, report.first, report.last],
      [72, 0, 72, RANGE.from, toIso(untilMs - HOUR_MS)],
    );
    assert.ok(report.dueUntil);
    assert.deepEqual(await pastOf(task), []);
  });

  it('gives each instant that has no occurrence one, due at the rate that was asked for', async () => {
    const task = await api.createTask({ schedule: every(6 * HOUR_MS) });
    const beforeMs = Date.now();
    const report = await backfill(task, { ...RANGE, perMinute: 30 });
    const afterMs = Date.now();
    const rows = await pastOf(task);
    assert.deepEqual(
      rows.map(({ scheduledTime }) => Date.parse(scheduledTime)),
      Array.from({ length: 12 }, (_, turn) => fromMs + turn * 6 * HOUR_MS),
    );
    assert.ok(rows.every(({ status, trigger }) => status === 'Scheduled' && trigger === 'backfill'));
    const dues = rows.map(({ dueAt }) => Date.parse(String(dueAt)));
    const [firstDue] = dues;
    assert.ok(firstDue !== undefined && firstDue >= beforeMs - 1 && firstDue <= afterMs);
    assert.deepEqual(
      dues.map((due) => due - firstDue),
      Array.from({ length: 12 }, (_, turn) => turn * 2_000),
    );
    assert.deepEqual([report.created, report.dueUntil], [12, rows.at(-1)?.dueAt]);

    const again = await backfill(task, RANGE);
    assert.deepEqual(again, { matched: 12, existing: 12, created: 0, first: null, last: null, dueUntil: null });
    const wider = await backfill(task, { from: toIso(fromMs - DAY_MS), until: RANGE.until, dryRun: true });
    assert.deepEqual([wider.matched, wider.existing, wider.created], [16, 12, 4]);
  });

  it('keeps to the rate of the task when none is asked for', async () => {
    const task = await api.createTask({ schedule: every(DAY_MS), policies: { catchUpPerMinute: 6 } });
    await backfill(task, RANGE);
    const dues = (await pastOf(task)).map(({ dueAt }) => Date.parse(String(dueAt)));
    assert.deepEqual(
      dues.slice(1).map((due, index) => due - Number(dues[index])),
      [10_000, 10_000],
    );
  });

  it('writes into partitions of their own, and runs under the present revision whatever the start expiry', async () => {
    const task = await api.createTask({ schedule: every(DAY_MS), policies: { startExpiryMs: MINUTE_MS } });
    const [fromDayMs] = [todayMs - 20 * DAY_MS];
    await backfill(task, { from: toIso(fromDayMs), until: toIso(fromDayMs + DAY_MS) });
    const rows = await api.database.dataSource.query<{ partition: string; revision: number }[]>(
      'select tableoid::regclass::text as partition, revision from task_schedule where task_id = $1 and scheduled_time < now()',
      [task.id],
    );
    assert.deepEqual(rows, [
      { partition: `task_schedule_${toIso(fromDayMs).slice(0, 10).replaceAll('-', '')}`, revision: 1 },
    ]);
    const started = await api.startDue();
    const attempt = started.find(({ taskId }) => taskId === task.id);
    assert.equal(attempt?.scheduledMs, fromDayMs);
    await api.finish(attempt, {});
    assert.deepEqual(
      (await pastOf(task)).map(({ status }) => status),
      ['Completed'],
    );
  });

  it('keeps to the start, the end and the exclusions of the schedule, not to its limit of runs', async () => {
    const blackouts = [{ kind: 'date', date: toIso(fromMs + DAY_MS).slice(0, 10) }];
    const task = await api.createTask({
      schedule: every(HOUR_MS, { startsAt: toIso(fromMs + 20 * HOUR_MS), blackouts, maxRuns: 2 }),
    });
    const report = await backfill(task, { ...RANGE, dryRun: true });
    assert.equal(report.matched, 4 + 24);
    const cron = await api.createTask({
      schedule: { kind: 'cron', expressions: ['0 9 * * *', '30 9 * * *'], timeZone: 'Asia/Tokyo' },
    });
    const { matched, first } = await backfill(cron, { ...RANGE, dryRun: true });
    assert.deepEqual([matched, first], [6, RANGE.from]);
  });

  it('ends now at the latest, and takes a clock that is a little ahead for now', async () => {
    const task = await api.createTask({ schedule: every(HOUR_MS) });
    await api.expand();
    const report = await backfill(task, { from: toIso(todayMs - DAY_MS), until: toIso(Date.now() + 2_000) });
    const now = await api.database.dataSource.query<{ ms: string }[]>('select extract(epoch from now()) * 1000 as ms');
    const hours = Math.ceil((Number(now[0]?.ms) - todayMs + DAY_MS) / HOUR_MS);
    assert.ok(report.matched === hours || report.matched === hours - 1);
    assert.ok(Date.parse(String(report.last)) < Date.now());
  });

  it('leaves to the scheduler what that has not come to yet', async () => {
    const task = await api.createTask({ schedule: every(HOUR_MS) });
    await api.database.dataSource.query('update tasks set expanded_until = $2 where id = $1', [
      task.id,
      toIso(fromMs + DAY_MS),
    ]);
    assert.equal((await backfill(task, { ...RANGE, dryRun: true })).matched, 24);
  });

  it('is refused for what it can not be', async () => {
    const task = await api.createTask({ schedule: every(1_000) });
    const refuse = async (body: object, status: number, code: string, of: Pick<Task, 'id'> = task) =>
      api.refuse('POST', path(of), status, code, { body });
    const errorsOf = async (body: object): Promise<string[]> =>
      ((await refuse(body, 422, 'invalid_input')).errors ?? []).map(({ path: at, message }) => `${at}: ${message}`);

    assert.match(
      (await errorsOf({ from: RANGE.from, until: toIso(fromMs + 100_001_000) })).join(),
      /^until: the range holds 100001 instants of the schedule; at most 100000 can be backfilled at once$/,
    );
    assert.match(
      (await errorsOf({ from: toIso(todayMs - 30 * DAY_MS), until: RANGE.until })).join(),
      /^until: the range holds more than 1000000 instants/,
    );
    assert.match(
      (await errorsOf({ from: toIso(todayMs - 36 * DAY_MS), until: toIso(Date.now() + HOUR_MS) })).join(),
      /^from: occurrences are kept for 35 days, so none before .*,until: expected an instant in the past/,
    );
    assert.match(
      (await errorsOf({ from: RANGE.until, until: RANGE.from })).join(),
      /^until: expected an instant after from/,
    );
    assert.match((await errorsOf({ ...RANGE, perMinute: 0 })).join(), /^perMinute: /);

    const once = await api.createTask({});
    assert.match(
      (await refuse(RANGE, 422, 'invalid_input', once)).errors?.[0]?.message ?? '',
      /only a task that recurs, with a cron or an interval schedule/,
    );
    await refuse(RANGE, 404, 'not_found', { id: '999999' });
    await api.send('PUT', `/api/v1/tasks/${task.id}/pause`, { body: {} });
    assert.match((await refuse(RANGE, 409, 'conflict')).detail ?? '', /The task is paused: activate it/);
    assert.deepEqual(await pastOf(task), []);
  });

  it('writes each occurrence once when it is asked for twice at once', async () => {
    const task = await api.createTask({ schedule: every(HOUR_MS) });
    const reports = await Promise.all([backfill(task, RANGE), backfill(task, RANGE), backfill(task, RANGE)]);
    assert.deepEqual(
      reports.map(({ created }) => created).sort((a, b) => a - b),
      [0, 0, 72],
    );
    assert.equal((await pastOf(task)).length, 72);
  });
});
