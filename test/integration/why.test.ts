import assert from 'node:assert/strict';

import type { Problem } from '../../api/contract/common.ts';
import type { TaskRevision, Why } from '../../api/contract/ledger.ts';
import type { Occurrence } from '../../api/contract/occurrence.ts';
import type { Task, TaskDraft } from '../../api/contract/task.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, startOfUtcDayMs } from '../../core/duration.ts';
import { writtenFromMs } from '../../core/plan.ts';
import { catchUp } from '../../db/catch-up-store.ts';
import { openTestApi, type TestApi } from '../support/api.ts';

type Schedule = TaskDraft['schedule'];
type Wanted = readonly [verdict: Why['verdict'], rule: Why['rules'][number]['rule'], summary: RegExp];

describe('why', () => {
  let api: TestApi;
  before(async () => {
    api = await openTestApi();
  });
  after(() => api[Symbol.asyncDispose]());

  const run = (text: string, values: readonly unknown[]) => api.database.dataSource.query(text, [...values]);
  const toIso = (atMs: number): string => new Date(atMs).toISOString();
  const inMs = (ms: number): string => toIso(Math.ceil((Date.now() + ms) / 1_000) * 1_000);
  const why = async (taskId: string, at: string): Promise<Why> => {
    const answer = await api.send<Why>('GET', `/api/v1/tasks/${taskId}/why?at=${at}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  /** Demands the verdict, and that exactly one rule decides: the one named. */
  const expectWhy = async (taskId: string, at: string, [verdict, rule, summary]: Wanted): Promise<Why> => {
    const answer = await why(taskId, at);
    const deciding = answer.rules.filter(({ decides }) => decides);
    assert.deepEqual(
      [answer.verdict, deciding.map((one) => one.rule), answer.at],
      [verdict, [rule], at],
      JSON.stringify(answer.rules, null, 1),
    );
    assert.match(answer.summary, summary);
    return answer;
  };
  const change = async (taskId: string, what: string, body: object = {}): Promise<void> => {
    const { status } = await api.send('PUT', `/api/v1/tasks/${taskId}${what}`, { body });
    assert.equal(status, 200);
  };
  const once = (at: string): Schedule => ({ kind: 'once', at });
  const hourly = (extra: object = {}): Schedule => ({ kind: 'interval', everyMs: HOUR_MS, ...extra });
  const yearly = (extra: object = {}): Schedule => ({ kind: 'cron', expressions: ['0 9 24 12 *'], ...extra });
  /** The next 24 December, 09:00 UTC. */
  const christmas = (): string => {
    const year = new Date().getUTCFullYear();
    const thisYear = Date.UTC(year, 11, 24, 9);
    return toIso(thisYear > Date.now() ? thisYear : Date.UTC(year + 1, 11, 24, 9));
  };
  const firstOccurrence = async (taskId: string): Promise<Occurrence> => {
    const [occurrence] = await api.occurrencesOf(taskId);
    assert.ok(occurrence);
    return occurrence;
  };

  describe('an instant that has an occurrence', () => {
    it('will run, as its schedule says', async () => {
      const at = inMs(MINUTE_MS);
      const task = await api.createTask({ schedule: once(at) });
      const answer = await expectWhy(task.id, at, ['will-run', 'schedule', /^It will run: the task runs once: at /]);
      assert.deepEqual([answer.occurrence?.scheduledTime, answer.revision, answer.taskId], [at, 1, task.id]);
    });

    it('runs, ran, or failed for good', async () => {
      const task = await api.createTask({ schedule: { kind: 'immediate' } });
      const { scheduledTime: at } = await firstOccurrence(task.id);
      const attempt = (await api.startDue()).find(({ taskId }) => taskId === task.id);
      assert.ok(attempt);
      await expectWhy(task.id, at, ['running', 'run', /attempt 1 started at .*, on processor-1\.$/]);
      await api.finish(attempt, {});
      const ran = await expectWhy(task.id, at, [
        'ran',
        'run',
        /^It ran: attempt 1 started .* completed within 13 ms\.$/,
      ]);
      assert.equal(ran.occurrence?.status, 'Completed');

      const failing = await api.createTask({ schedule: { kind: 'immediate' } });
      const again = (await api.startDue()).find(({ taskId }) => taskId === failing.id);
      assert.ok(again);
      await api.finish(again, { nextStatus: 'Scheduled', delayMs: HOUR_MS, outcome: 'failed', error: 'no answer' });
      const { scheduledTime } = await firstOccurrence(failing.id);
      await expectWhy(failing.id, scheduledTime, ['will-run', 'retry', /^It will run: it is tried again at /]);
      await run(`update task_schedule set due_at = clock_timestamp() where task_id = $1`, [failing.id]);
      const last = (await api.startDue()).find(({ taskId }) => taskId === failing.id);
      assert.ok(last);
      await api.finish(last, { nextStatus: 'Failed', outcome: 'failed', error: 'still no answer' });
      const failed = await expectWhy(failing.id, scheduledTime, [
        'ran',
        'run',
        /failed for good, as a dead letter: still no answer\.$/,
      ]);
      assert.deepEqual(
        failed.rules.filter(({ rule }) => rule === 'retry').map(({ text }) => text),
        ['Attempt 1 ended as failed: no answer.'],
      );
    });

    it('was asked for, moved, or cancelled by a person', async () => {
      const task = await api.createTask({ schedule: once(inMs(HOUR_MS)) });
      const now = await api.send<Occurrence>('POST', `/api/v1/tasks/${task.id}/run`);
      await expectWhy(task.id, now.body.scheduledTime, ['will-run', 'run', /has been due since/]);
      const answer = await why(task.id, now.body.scheduledTime);
      assert.deepEqual(answer.rules[0], { rule: 'person', decides: false, text: 'A person asked for this run.' });
      await api.send('POST', `/api/v1/occurrences/${now.body.id}/cancel`);
      await expectWhy(task.id, now.body.scheduledTime, ['did-not-run', 'person', /cancelled by a person\.$/]);

      const dueAt = inMs(3 * HOUR_MS);
      const { id, scheduledTime } = (await api.occurrencesOf(task.id)).at(-1) ?? now.body;
      await api.send('PUT', `/api/v1/occurrences/${id}`, { body: { dueAt } });
      for (const at of [scheduledTime, dueAt]) {
        const moved = await expectWhy(task.id, at, ['will-run', 'moved', /: a person moved it at .*, to /]);
        assert.equal(moved.occurrence?.id, id, 'both its time and its new one lead to it');
      }
    });

    it('has its place in a flexible window', async () => {
      const policies = { flexibleWindowMs: DAY_MS / 2, placement: 'hash' } as const;
      const task = await api.createTask({ schedule: hourly(), policies });
      await api.expand();
      const placed = (await api.occurrencesOf(task.id))[1];
      assert.ok(placed?.dueAt);
      for (const at of [placed.scheduledTime, placed.dueAt]) {
        const answer = await expectWhy(task.id, at, [
          'will-run',
          'placement',
          /within its flexible window of 12 h: at /,
        ]);
        assert.equal(answer.occurrence?.id, placed.id, 'both its time and its place lead to it');
      }
    });

    it('was skipped because another one ran, and names it', async () => {
      const task = await api.createTask({ schedule: { kind: 'immediate' }, policies: { overlap: 'skip' } });
      const attempt = (await api.startDue()).find(({ taskId }) => taskId === task.id);
      assert.ok(attempt);
      const blocked = toIso(attempt.scheduledMs + 1);
      await run(
        `insert into task_schedule (task_id, scheduled_time, due_at, revision) values ($1, $2::timestamptz, $2::timestamptz, 1)`,
        [task.id, blocked],
      );
      await api.startDue();
      const answer = await expectWhy(task.id, blocked, ['did-not-run', 'overlap', /: it was skipped: occurrence /]);
      assert.equal(answer.occurrence?.blockedBy, `${task.id}-${attempt.scheduledMs}`);
      assert.match(answer.summary, new RegExp(`occurrence ${task.id}-${attempt.scheduledMs} `));
      await api.finish(attempt, {});
    });

    it('expired', async () => {
      const task = await api.createTask({ schedule: { kind: 'immediate' }, policies: { startExpiryMs: 60_000 } });
      const at = toIso(Date.parse((await firstOccurrence(task.id)).scheduledTime) - HOUR_MS);
      await run(`update task_schedule set scheduled_time = $2::timestamptz where task_id = $1`, [task.id, at]);
      await api.startDue();
      await expectWhy(task.id, at, ['did-not-run', 'start-expiry', /before its start expiry, 1 min after its time\.$/]);
    });

    it('fell into a time when nobody handed out work', async () => {
      const waits = await api.createTask({
        schedule: hourly({ startsAt: inMs(-5 * HOUR_MS) }),
        policies: { misfire: 'skip' },
      });
      const caught = await api.createTask({
        schedule: hourly({ startsAt: inMs(-5 * HOUR_MS) }),
        policies: { misfire: 'all' },
      });
      const ids = [waits.id, caught.id];
      const at = toIso(
        Date.parse(waits.schedule.kind === 'interval' ? String(waits.schedule.startsAt) : '') + 2 * HOUR_MS,
      );
      await run(
        `insert into task_schedule (task_id, scheduled_time, due_at, revision)
         select id, $2::timestamptz, $2::timestamptz, 1 from unnest($1::bigint[]) as t (id)`,
        [ids, at],
      );
      await run(`update tasks set created_at = created_at - interval '1 day' where id = any($1)`, [ids]);
      await run(`update task_revisions set valid_from = valid_from - interval '1 day' where task_id = any($1)`, [ids]);
      await run(`update distribution set catch_up_before = $1::timestamptz + interval '1 second'`, [at]);
      await expectWhy(waits.id, at, ['will-run', 'misfire', /its misfire policy decides about it next\.$/]);
      await api.expand();
      await catchUp(api.database, { graceMs: MINUTE_MS, catchUpPerSecond: 50 });
      await expectWhy(waits.id, at, ['did-not-run', 'misfire', /: it was skipped: missed: /]);
      const answer = await why(caught.id, at);
      assert.deepEqual([answer.verdict, answer.occurrence?.trigger], ['will-run', 'catch-up']);
      assert.match(answer.rules.map(({ text }) => text).join(), /the misfire policy all has it run later, at /);
      await run(`update distribution set catch_up_before = '-infinity'`, []);
    });

    it('was about to start when its task was changed, paused, or deleted', async () => {
      for (const [method, path, rule, reason] of [
        ['PUT', '', 'edit', /the task was edited\.$/],
        ['PUT', '/pause', 'status', /the task was paused\.$/],
        ['PUT', '/inactive', 'status', /the task was deactivated\.$/],
        ['DELETE', '', 'task', /the task was deleted\.$/],
      ] as const) {
        const task = await api.createTask({ schedule: { kind: 'immediate' } });
        const { scheduledTime } = await firstOccurrence(task.id);
        const body = path === '' ? { name: 'other', taskType: 'noop', schedule: once(inMs(HOUR_MS)) } : {};
        await api.send(method, `/api/v1/tasks/${task.id}${path}`, method === 'PUT' ? { body } : {});
        await expectWhy(task.id, scheduledTime, ['did-not-run', rule, reason]);
      }
    });
  });

  describe('an instant that has none', () => {
    it('is not on the schedule, which says where it is', async () => {
      const task = await api.createTask({ schedule: yearly() });
      const at = christmas();
      const wrong = toIso(Date.parse(at) + MINUTE_MS);
      const answer = await expectWhy(task.id, wrong, ['not-scheduled', 'schedule', /because minute 1 is not in 0\.$/]);
      assert.deepEqual([answer.previous, answer.next?.slice(5), answer.occurrence], [at, at.slice(5), null]);
    });

    it('is kept from running by a rule of the schedule', async () => {
      const at = christmas();
      const later = toIso(Date.parse(at) + HOUR_MS);
      const calendar = { title: 'Holidays', rules: [{ kind: 'date', date: at.slice(0, 10), label: 'Christmas Eve' }] };
      const put = await api.send('PUT', '/api/v1/calendars/holidays', { body: calendar });
      assert.equal(put.status, 200);
      const blackouts = [{ kind: 'range', from: at, until: later, label: 'freeze' }];
      for (const [extra, rule, summary] of [
        [{ startsAt: later }, 'start', /: the schedule starts at /],
        [{ calendars: ['holidays'] }, 'exclusion', /: the calendar holidays excludes it: .*, Christmas Eve, until /],
        [{ blackouts }, 'exclusion', /: a blackout window of the task excludes it: .*, freeze, until /],
      ] as const) {
        const task = await api.createTask({ schedule: yearly(extra) });
        await expectWhy(task.id, at, ['not-scheduled', rule, summary]);
      }
      const ended = await api.createTask({ schedule: yearly({ endsAt: later }) });
      const nextYear = at.replace(/^\d+/, (year) => String(Number(year) + 1));
      await expectWhy(ended.id, nextYear, ['not-scheduled', 'end', /: the schedule ends at /]);
      const limited = await api.createTask({ schedule: yearly({ maxRuns: 1 }) });
      await expectWhy(limited.id, at, ['will-run', 'expansion', /its row is written at /]);
      const { next } = await why(limited.id, at);
      assert.ok(next);
      await expectWhy(limited.id, next, ['not-scheduled', 'max-runs', /that its limit allows, the last one at /]);
    });

    it('follows the limit of runs as rows are written', async () => {
      const task = await api.createTask({ schedule: hourly({ maxRuns: 2 }) });
      await api.expand();
      const times = (await api.occurrencesOf(task.id)).map((one) => Date.parse(one.scheduledTime));
      const lastMs = Math.max(...times);
      assert.equal(times.length, 2);
      await expectWhy(task.id, toIso(lastMs + HOUR_MS), ['not-scheduled', 'max-runs', /the last one at /]);
      assert.equal((await why(task.id, toIso(lastMs))).next, null);
    });

    it('meets a change of the clocks', async () => {
      const zone = { timeZone: 'Europe/Rome' };
      const schedule: Schedule = { kind: 'cron', expressions: ['30 2 * * *'], ...zone };
      const [jump, second] = ['2040-03-25T01:00:00.000Z', '2040-10-28T01:30:00.000Z'];
      const shifted = await api.createTask({ schedule });
      const answer = await expectWhy(shifted.id, jump, ['will-run', 'expansion', /its row is written at /]);
      assert.match(answer.rules[1]?.text ?? '', /^02:30 does not exist on that day: .*, so it runs at 03:00\.$/);
      await expectWhy(shifted.id, second, ['not-scheduled', 'time-zone', /twice on that day; this is the second/]);
      const left = await api.createTask({ schedule, policies: { dstGap: 'skip' } });
      await expectWhy(left.id, jump, ['not-scheduled', 'time-zone', /leaves such times out\.$/]);
    });

    it('lies beyond the horizon, and is written when that comes', async () => {
      const at = christmas();
      const task = await api.createTask({ schedule: yearly() });
      await api.expand();
      const answer = await why(task.id, at);
      assert.equal(answer.verdict, 'will-run');
      const writtenMs = writtenFromMs(Date.parse(at));
      if (writtenMs > Date.now()) assert.match(answer.summary, new RegExp(toIso(writtenMs).slice(0, 10)));
    });

    it('falls into a pause, a standstill, or the time after the task', async () => {
      const task = await api.createTask({ schedule: yearly() });
      const at = christmas();
      await change(task.id, '/pause', { reason: 'the bench is moved' });
      await expectWhy(task.id, at, ['not-scheduled', 'status', /has been paused from .*: the bench is moved\.$/]);
      await change(task.id, '/pause', { until: toIso(Date.parse(at) - DAY_MS * 0.5) });
      const goesOn = await expectWhy(task.id, at, ['will-run', 'status', /goes on by itself then\.$/]);
      assert.equal(goesOn.revision, 3);
      await change(task.id, '/inactive', {});
      await expectWhy(task.id, at, ['not-scheduled', 'status', /has been inactive from /]);
      await run(
        `update task_revisions set valid_from = valid_from - interval '3 years', valid_until = valid_until - interval '3 years' where task_id = $1`,
        [task.id],
      );
      const [lastYear] = [toIso(Date.UTC(new Date(at).getUTCFullYear() - 1, 11, 24, 9))];
      await expectWhy(task.id, lastYear, [
        'did-not-run',
        'status',
        /^It did not run: the task has been inactive from /,
      ]);
      await api.send('DELETE', `/api/v1/tasks/${task.id}`);
      await expectWhy(task.id, at, ['not-scheduled', 'task', /^It is not scheduled: the task was deleted at /]);
    });

    it('lies before the task, or before what is known of it', async () => {
      const task = await api.createTask({ schedule: yearly() });
      const answer = await expectWhy(task.id, '2020-12-24T09:00:00.000Z', ['not-scheduled', 'task', /created later/]);
      assert.equal(answer.revision, null);
      await run(`update tasks set created_at = '2019-01-01' where id = $1`, [task.id]);
      await expectWhy(task.id, '2020-12-24T09:00:00.000Z', ['unknown', 'task', /the record .* begins later/]);
    });

    it('can not be expanded, is late, is no longer kept, or is a fault', async () => {
      const at = christmas();
      const broken = await api.createTask({ schedule: yearly() });
      await run(`update tasks set expand_error = 'the zone is gone' where id = $1`, [broken.id]);
      await expectWhy(broken.id, at, ['not-scheduled', 'expansion', /until the task is edited: the zone is gone\.$/]);

      const task = await api.createTask({
        schedule: hourly({ startsAt: toIso(startOfUtcDayMs(Date.now()) - 100 * DAY_MS) }),
      });
      await run(`update task_revisions set valid_from = now() - interval '90 days' where task_id = $1`, [task.id]);
      const today = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
      await expectWhy(task.id, toIso(today - 80 * DAY_MS), [
        'unknown',
        'expansion',
        /kept for 35 days, and this one is older\.$/,
      ]);
      await expectWhy(task.id, toIso(today - 8 * DAY_MS), ['did-not-run', 'expansion', /counts it as unaccounted\.$/]);
      await run(`update tasks set expanded_until = now() - interval '2 days' where id = $1`, [task.id]);
      await expectWhy(task.id, toIso(today - DAY_MS), [
        'did-not-run',
        'misfire',
        /policy is latest, so it is left out/,
      ]);
    });
  });

  it('refuses an instant that is none, and a task that never was', async () => {
    const { id } = await api.createTask({});
    const problem: Problem = await api.refuse('GET', `/api/v1/tasks/${id}/why?at=noon`, 422, 'invalid_input');
    assert.equal(problem.errors?.[0]?.path, 'at');
    await api.refuse('GET', `/api/v1/tasks/${id}/why`, 422, 'invalid_input');
    await api.refuse('GET', '/api/v1/tasks/999999/why?at=2026-01-01T00:00:00Z', 404, 'not_found');
  });

  describe('the revisions of a task', () => {
    interface Page {
      readonly items: TaskRevision[];
      readonly nextCursor: string | null;
    }
    const revisions = async (task: Pick<Task, 'id'>, query = ''): Promise<Page> =>
      (await api.send<Page>('GET', `/api/v1/tasks/${task.id}/revisions${query}`)).body;

    it('say what it was and when, last change first, and outlive it', async () => {
      const task = await api.createTask({ name: 'first', schedule: yearly({ maxRuns: 3 }) });
      await change(task.id, '', {
        name: 'second',
        taskType: 'noop',
        schedule: hourly({ startsAt: '2030-01-01T00:00:00Z' }),
      });
      await change(task.id, '/pause', {});
      await change(task.id, '/active', {});
      await change(task.id, '/inactive', {});
      await api.send('DELETE', `/api/v1/tasks/${task.id}`);
      const { items, nextCursor } = await revisions(task);
      assert.deepEqual(
        items.map(({ revision, change: what, name, status }) => [revision, what, name, status]),
        [
          [6, 'deleted', 'second', 'deleted'],
          [5, 'deactivated', 'second', 'inactive'],
          [4, 'activated', 'second', 'active'],
          [3, 'paused', 'second', 'paused'],
          [2, 'edited', 'second', 'active'],
          [1, 'created', 'first', 'active'],
        ],
      );
      assert.deepEqual(
        [items[0]?.validUntil, ...items.slice(1).map((one) => one.validUntil)],
        [null, ...items.slice(0, -1).map((one) => one.validFrom)],
      );
      assert.equal(items[4]?.scheduleText, 'Every hour, from 2030-01-01 00:00:00 UTC');
      assert.equal(items[5]?.scheduleText, 'At 09:00, on day 24 of the month, only in December (UTC), at most 3 times');
      assert.equal(nextCursor, null);
    });

    it('come page by page', async () => {
      const task = await api.createTask({});
      for (const name of ['a', 'b', 'c', 'd'])
        await change(task.id, '', { name, taskType: 'noop', schedule: yearly() });
      const found: number[] = [];
      let query = '?limit=2';
      for (let page = await revisions(task, query); ; page = await revisions(task, query)) {
        found.push(...page.items.map(({ revision }) => revision));
        if (page.nextCursor === null) break;
        query = `?limit=2&cursor=${page.nextCursor}`;
      }
      assert.deepEqual(found, [5, 4, 3, 2, 1]);
    });

    it('are refused for a task that never was', async () => {
      await api.refuse('GET', '/api/v1/tasks/999999/revisions', 404, 'not_found');
      const { id } = await api.createTask({});
      await api.refuse('GET', `/api/v1/tasks/${id}/revisions?cursor=e30`, 400, 'invalid_cursor');
    });
  });
});
