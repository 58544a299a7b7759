import assert from 'node:assert/strict';

import type { z } from 'zod';

import type { Occurrence } from '../../api/contract/occurrence.ts';
import type { Task, TaskDraft, TaskDryRun, TaskPage } from '../../api/contract/task.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../core/duration.ts';
import { DRAFT, openTestApi, type TestApi } from '../support/api.ts';

const TASKS = '/api/v1/tasks';

describe('the tasks API', () => {
  let api: TestApi;
  before(async () => {
    api = await openTestApi();
  });
  after(() => api[Symbol.asyncDispose]());

  const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
  const rowsOf = async (taskId: string): Promise<string[]> =>
    (await api.occurrencesOf(taskId)).map((occurrence) => `${occurrence.scheduledTime} ${occurrence.status}`);

  describe('POST /tasks', () => {
    it('answers 201 with the task, where it is, and its tag', async () => {
      const { status, headers, body } = await api.send<Task>('POST', TASKS, {
        body: {
          name: ' pH of batch 7 🧪 ',
          taskType: 'http.request',
          payload: { url: 'https://example.org/', method: 'GET' },
          schedule: { kind: 'cron', expressions: ['0 9 * * 1-5'], timeZone: 'Europe/Rome' },
          labels: { experiment: 'E-12' },
          recipients: ['lab@example.org'],
        } satisfies TaskDraft,
      });
      assert.equal(status, 201);
      assert.equal(headers.get('location'), `${TASKS}/${body.id}`);
      assert.equal(headers.get('etag'), '"1"');
      assert.equal(body.name, 'pH of batch 7 🧪');
      assert.equal(body.status, 'active');
      assert.deepEqual(body.policies, {
        misfire: 'latest',
        misfireGraceMs: null,
        catchUpLimit: 1_000,
        catchUpPerMinute: 60,
        overlap: 'skip',
        dstGap: 'shift',
        dstRepeat: 'first',
        startExpiryMs: null,
        flexibleWindowMs: 0,
        placement: 'load',
      });
      assert.match(body.scheduleText, /09:00.*Europe\/Rome/);
      assert.equal(body.nextRuns.length, 5);
      assert.equal(body.averageElapsedMs, 300);
      assert.deepEqual((await api.send('GET', `${TASKS}/${body.id}`)).body, body);
    });

    it('writes the occurrence of an immediate task with it, due at once', async () => {
      const task = await api.createTask({ schedule: { kind: 'immediate' } });
      const [occurrence, ...others] = await api.occurrencesOf(task.id);
      assert.equal(others.length, 0);
      assert.equal(occurrence?.status, 'Scheduled');
      assert.equal(occurrence.dueAt, occurrence.scheduledTime);
      assert.deepEqual(task.nextRuns, [occurrence.scheduledTime]);
    });

    it('writes the occurrence of a one-time task at once when it is near, and leaves a far one to the scheduler', async () => {
      const near = inMs(HOUR_MS);
      assert.deepEqual(await rowsOf((await api.createTask({ schedule: { kind: 'once', at: near } })).id), [
        `${near} Scheduled`,
      ]);
      const far = await api.createTask({ schedule: { kind: 'once', at: inMs(5 * DAY_MS) } });
      assert.deepEqual(await rowsOf(far.id), []);
      assert.equal(far.nextRuns.length, 1);
    });

    it('runs a one-time task that lies a moment back at once', async () => {
      const at = inMs(-2 * SECOND_MS);
      assert.deepEqual(await rowsOf((await api.createTask({ schedule: { kind: 'once', at } })).id), [
        `${at} Scheduled`,
      ]);
    });

    it('starts an interval without a start when it is written, and names the instants that the scheduler then writes', async () => {
      const task = await api.createTask({ schedule: { kind: 'interval', everyMs: HOUR_MS } });
      assert.ok(task.schedule.kind === 'interval');
      const startMs = Date.parse(task.schedule.startsAt ?? '');
      assert.ok(Math.abs(startMs - Date.now()) < 10 * SECOND_MS);
      await api.expand();
      const waiting = (await api.occurrencesOf(task.id)).map((one) => one.scheduledTime).filter((at) => at > inMs(0));
      assert.deepEqual(task.nextRuns.slice(0, 2), waiting.slice(0, 2));
    });

    it('gives the same next runs before the scheduler has expanded a cron task and after', async () => {
      const task = await api.createTask({
        schedule: { kind: 'cron', expressions: ['17 * * * *', '43 * * * *'], timeZone: 'Asia/Kathmandu' },
      });
      await api.expand();
      const rows = (await api.occurrencesOf(task.id)).map((occurrence) => occurrence.scheduledTime);
      assert.deepEqual(task.nextRuns.slice(0, 3), rows.slice(0, 3));
      assert.deepEqual((await api.send<Task>('GET', `${TASKS}/${task.id}`)).body.nextRuns, task.nextRuns);
    });

    it('with dryRun=plan says when it would run, and writes nothing', async () => {
      const before = await api.send<TaskPage>('GET', TASKS);
      const { status, body } = await api.send<z.infer<typeof TaskDryRun>>('POST', `${TASKS}?dryRun=plan`, {
        body: { ...DRAFT, schedule: { kind: 'cron', expressions: ['0 0 13 * 5'] } },
      });
      assert.equal(status, 200);
      assert.equal(body.nextRuns.length, 5);
      assert.equal(body.averageElapsedMs, 5);
      assert.equal(body.warnings.length, 1);
      assert.match(body.scheduleText, /either day/);
      assert.equal((await api.send<TaskPage>('GET', TASKS)).body.total, before.body.total);
    });

    it('keeps keys unique among tasks that are not deleted', async () => {
      const { id } = await api.createTask({ key: 'lab.ph' });
      const problem = await api.refuse('POST', TASKS, 409, 'conflict', { body: { ...DRAFT, key: 'lab.ph' } });
      assert.match(problem.detail ?? '', /lab\.ph/);
      assert.equal((await api.send('DELETE', `${TASKS}/${id}`)).status, 204);
      await api.createTask({ key: 'lab.ph' });
    });
  });

  describe('GET /tasks', () => {
    let ids: string[];
    before(async () => {
      ids = [];
      for (const [index, name] of ['Éclair', 'beta', 'Alpha', 'alpha', 'beta'].entries()) {
        const labels = { batch: 'list', part: String(index) };
        const schedule =
          index === 4
            ? { kind: 'cron' as const, expressions: ['0 0 1 1 *'] }
            : // Within three hours, or its row is not written yet in the last hours of a day.
              { kind: 'once' as const, at: inMs((HOUR_MS / 2) * (4 - index)) };
        ids.push((await api.createTask({ name, labels, schedule })).id);
      }
    });

    const walk = async (query: string): Promise<string[]> => {
      const found: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: TaskPage = (
          await api.send<TaskPage>(
            'GET',
            `${TASKS}?label=batch%3Dlist&limit=2${query}${cursor === '' ? '' : `&cursor=${cursor}`}`,
          )
        ).body;
        assert.equal(page.total, 5);
        assert.ok(page.items.length <= 2);
        found.push(...page.items.map((task) => task.id));
        cursor = page.nextCursor;
      }
      return found;
    };

    it('walks through every task once, in every order, and backwards', async () => {
      for (const sort of ['id', 'name', 'updatedAt']) {
        const forward = await walk(`&sort=${sort}`);
        assert.deepEqual([...forward].sort(), [...ids].sort(), sort);
        assert.deepEqual(await walk(`&sort=-${sort}`), [...forward].reverse(), sort);
      }
      assert.deepEqual(await walk('&sort=id'), ids);
      const [eclair, beta, alpha, alphaSmall, betaLast] = ids;
      assert.deepEqual(await walk('&sort=name'), [alpha, alphaSmall, beta, betaLast, eclair]);
    });

    it('sorts by the next run that waits, with tasks without one last either way', async () => {
      const [first, second, third, fourth, never] = ids;
      assert.deepEqual(await walk('&sort=nextRun'), [fourth, third, second, first, never]);
      assert.deepEqual(await walk('&sort=-nextRun'), [first, second, third, fourth, never]);
    });

    it('jumps to a page by its number', async () => {
      const page = await api.send<TaskPage>('GET', `${TASKS}?label=batch%3Dlist&limit=2&page=1&sort=id`);
      assert.deepEqual(
        page.body.items.map((task) => task.id),
        ids.slice(2, 4),
      );
      const behind = await api.send<TaskPage>('GET', `${TASKS}?label=batch%3Dlist&limit=2&page=9&sort=id`);
      assert.deepEqual([behind.body.items, behind.body.nextCursor], [[], null]);
    });

    it('filters by part of the name, status, type, kind of schedule and label', async () => {
      const count = async (query: string): Promise<number> =>
        (await api.send<TaskPage>('GET', `${TASKS}?${query}`)).body.total;
      assert.equal(await count('label=batch%3Dlist&q=ALPH'), 2);
      assert.equal(await count('label=batch%3Dlist&q=%25'), 0);
      assert.equal(await count('label=batch%3Dlist&scheduleKind=cron'), 1);
      assert.equal(await count('label=part%3D3'), 1);
      assert.equal(await count('label=batch%3Dlist&status=paused'), 0);
      assert.equal(await count('label=batch%3Dlist&taskType=http.request'), 0);
      assert.equal(await count('label=batch%3Dlist&taskType=noop&status=active'), 5);
    });

    it('names one next run in a list, and computes it when no row waits yet', async () => {
      const { body } = await api.send<TaskPage>('GET', `${TASKS}?label=part%3D4`);
      assert.match(body.items[0]?.nextRuns.join() ?? '', /^\d{4}-01-01T00:00:00\.000Z$/);
    });
  });

  describe('PUT /tasks/:taskId', () => {
    it('replaces the definition, takes back what has not started and writes it anew', async () => {
      const [before, after] = [inMs(HOUR_MS), inMs(HOUR_MS + 1)];
      const task = await api.createTask({ schedule: { kind: 'once', at: before }, labels: { a: '1' } });
      const { status, headers, body } = await api.send<Task>('PUT', `${TASKS}/${task.id}`, {
        body: { ...DRAFT, name: 'renamed', schedule: { kind: 'once', at: after } },
      });
      assert.equal(status, 200);
      assert.equal(headers.get('etag'), '"2"');
      assert.deepEqual([body.name, body.revision, body.labels], ['renamed', 2, {}]);
      assert.deepEqual(await rowsOf(task.id), [`${after} Scheduled`]);
    });

    it('lets one of two editors through and tells the other that the task was changed', async () => {
      const task = await api.createTask({});
      const edit = (name: string) =>
        api.send<Task>('PUT', `${TASKS}/${task.id}`, { body: { ...DRAFT, name }, headers: { 'if-match': '"1"' } });
      const answers = await Promise.all([edit('first'), edit('second')]);
      assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 412]);
      const winner = answers.find((answer) => answer.status === 200)?.body;
      const now = (await api.send<Task>('GET', `${TASKS}/${task.id}`)).body;
      assert.deepEqual([now.name, now.revision], [winner?.name, 2]);
    });

    it('refuses an outdated or unreadable tag and takes * for any', async () => {
      const { id } = await api.createTask({});
      for (const tag of ['"2"', 'W/"1"', '1', 'nonsense']) {
        await api.refuse('PUT', `${TASKS}/${id}`, 412, 'revision_mismatch', {
          body: DRAFT,
          headers: { 'if-match': tag },
        });
      }
      assert.equal(
        (await api.send('PUT', `${TASKS}/${id}`, { body: DRAFT, headers: { 'if-match': '*' } })).status,
        200,
      );
    });

    it('leaves alone what runs, and does not repeat an immediate run that has been', async () => {
      const task = await api.createTask({ schedule: { kind: 'immediate' } });
      const [attempt] = await api.startDue().then((started) => started.filter((one) => one.taskId === task.id));
      assert.ok(attempt);
      const edit = (name: string) =>
        api.send<Task>('PUT', `${TASKS}/${task.id}`, { body: { ...DRAFT, name, schedule: { kind: 'immediate' } } });
      await edit('while it runs');
      const running = await api.occurrencesOf(task.id);
      assert.deepEqual(
        running.map((one) => one.status),
        ['Running'],
      );
      await api.finish(attempt, {});
      await edit('after it ran');
      const done = await api.occurrencesOf(task.id);
      assert.deepEqual(
        done.map((one) => one.status),
        ['Completed'],
      );
    });

    it('goes on under the new definition with what is due, and cancels it when its time is not in the new schedule', async () => {
      const task = await api.createTask({ schedule: { kind: 'immediate' } });
      const edit = async (schedule: TaskDraft['schedule']) => {
        await api.send<Task>('PUT', `${TASKS}/${task.id}`, { body: { ...DRAFT, name: 'edited', schedule } });
        return api.occurrencesOf(task.id);
      };
      const [before] = await api.occurrencesOf(task.id);
      const kept = await edit({ kind: 'immediate' });
      assert.deepEqual(
        kept.map(({ scheduledTime, status }) => [scheduledTime, status]),
        [[before?.scheduledTime, 'Scheduled']],
      );
      const [attempt] = (await api.startDue()).filter((one) => one.taskId === task.id);
      assert.ok(attempt, 'it still starts');
      await api.finish(attempt, {});

      const other = await api.createTask({ schedule: { kind: 'immediate' } });
      const later = inMs(HOUR_MS);
      await api.send('PUT', `${TASKS}/${other.id}`, { body: { ...DRAFT, schedule: { kind: 'once', at: later } } });
      assert.deepEqual(
        (await api.occurrencesOf(other.id))
          .sort((one, two) => one.scheduledTime.localeCompare(two.scheduledTime))
          .map(({ status, reason }) => [status, reason]),
        [
          ['Cancelled', 'the task was edited'],
          ['Scheduled', null],
        ],
      );
    });

    it('keeps the phase of an interval whose start is not posted again', async () => {
      const schedule = { kind: 'interval', everyMs: HOUR_MS } as const;
      const task = await api.createTask({ schedule });
      const { body } = await api.send<Task>('PUT', `${TASKS}/${task.id}`, {
        body: { ...DRAFT, name: 'renamed', schedule },
      });
      assert.deepEqual(body.schedule, task.schedule);
      assert.deepEqual(body.nextRuns, task.nextRuns);
    });

    it('takes an unchanged schedule whose time is over, and refuses a new one that is', async () => {
      const task = await api.createTask({ schedule: { kind: 'once', at: inMs(-SECOND_MS) } });
      await api.database.dataSource.query("update tasks set run_at = '2020-01-01Z' where id = $1", [task.id]);
      const edit = (at: string) => ({ body: { ...DRAFT, schedule: { kind: 'once', at } } });
      assert.equal((await api.send('PUT', `${TASKS}/${task.id}`, edit('2020-01-01T00:00:00Z'))).status, 200);
      const problem = await api.refuse(
        'PUT',
        `${TASKS}/${task.id}`,
        422,
        'invalid_input',
        edit('2020-01-01T00:00:01Z'),
      );
      assert.deepEqual(
        problem.errors?.map((error) => error.path),
        ['schedule.at'],
      );
    });

    it('forgets why a schedule could not be expanded', async () => {
      const { id } = await api.createTask({});
      await api.database.dataSource.query("update tasks set expand_error = 'broken' where id = $1", [id]);
      const broken = (await api.send<Task>('GET', `${TASKS}/${id}`)).body;
      assert.deepEqual([broken.expandError, broken.nextRuns], ['broken', []]);
      assert.equal((await api.send<Task>('PUT', `${TASKS}/${id}`, { body: DRAFT })).body.expandError, null);
    });
  });

  describe('a task that is stopped', () => {
    const cron: TaskDraft['schedule'] = { kind: 'cron', expressions: ['* * * * *'] };

    it('has no occurrence left and goes on from the instant at which it is activated', async () => {
      const task = await api.createTask({ schedule: cron });
      await api.expand();
      assert.ok((await api.occurrencesOf(task.id)).length > 100);
      const stopped = await api.send<Task>('PUT', `${TASKS}/${task.id}/inactive`, { body: { reason: 'maintenance' } });
      assert.deepEqual(
        [stopped.body.status, stopped.body.statusReason, stopped.body.nextRuns],
        ['inactive', 'maintenance', []],
      );
      assert.deepEqual(
        (await rowsOf(task.id)).filter((row) => row.endsWith('Scheduled')),
        [],
      );
      await api.expand();
      assert.deepEqual(
        (await rowsOf(task.id)).filter((row) => row.endsWith('Scheduled')),
        [],
      );
      await api.refuse('POST', `${TASKS}/${task.id}/run`, 409, 'conflict');
      await api.refuse('PUT', `${TASKS}/${task.id}/pause`, 409, 'conflict');

      const active = await api.send<Task>('PUT', `${TASKS}/${task.id}/active`);
      assert.deepEqual([active.body.status, active.body.statusReason], ['active', null]);
      await api.expand();
      const [first] = (await api.occurrencesOf(task.id)).filter((one) => one.status === 'Scheduled');
      assert.equal(first?.scheduledTime, active.body.nextRuns[0]);
    });

    it('may be asked to stop twice: the second time changes nothing', async () => {
      const { id } = await api.createTask({});
      const once = await api.send<Task>('PUT', `${TASKS}/${id}/inactive`);
      const twice = await api.send<Task>('PUT', `${TASKS}/${id}/inactive`);
      assert.deepEqual([once.body.revision, twice.body.revision], [2, 2]);
      assert.equal((await api.send<Task>('PUT', `${TASKS}/${id}/active`)).body.revision, 3);
      assert.equal((await api.send<Task>('PUT', `${TASKS}/${id}/active`)).body.revision, 3);
    });

    it('is paused for a reason and until an instant, which must lie ahead', async () => {
      const { id } = await api.createTask({});
      const until = inMs(HOUR_MS);
      const paused = await api.send<Task>('PUT', `${TASKS}/${id}/pause`, { body: { reason: 'calibration', until } });
      assert.deepEqual(
        [paused.body.status, paused.body.statusReason, paused.body.pausedUntil],
        ['paused', 'calibration', until],
      );
      await api.refuse('PUT', `${TASKS}/${id}/pause`, 422, 'invalid_input', { body: { until: inMs(-HOUR_MS) } });
      await api.refuse('POST', `${TASKS}/${id}/run`, 409, 'conflict');
    });

    it('can be activated when its one time lies ahead, and not when it is over', async () => {
      const at = inMs(HOUR_MS);
      const { id } = await api.createTask({ schedule: { kind: 'once', at } });
      await api.send('PUT', `${TASKS}/${id}/inactive`);
      assert.deepEqual(await rowsOf(id), []);
      await api.send('PUT', `${TASKS}/${id}/active`);
      assert.deepEqual(await rowsOf(id), [`${at} Scheduled`]);
      await api.send('PUT', `${TASKS}/${id}/inactive`);
      await api.database.dataSource.query("update tasks set run_at = '2020-01-01Z' where id = $1", [id]);
      await api.refuse('PUT', `${TASKS}/${id}/active`, 409, 'conflict');
    });
  });

  describe('DELETE /tasks/:taskId', () => {
    it('takes back what has not started, keeps the history and is not there any more', async () => {
      const task = await api.createTask({ schedule: { kind: 'immediate' } });
      const { status, body } = await api.send('DELETE', `${TASKS}/${task.id}`);
      assert.deepEqual([status, body], [204, '']);
      const [occurrence] = await api.occurrencesOf(task.id);
      assert.deepEqual(
        [occurrence?.status, occurrence?.reason, occurrence?.dueAt],
        ['Cancelled', 'the task was deleted', null],
      );
      for (const [method, path] of [
        ['GET', ''],
        ['PUT', ''],
        ['DELETE', ''],
        ['PUT', '/inactive'],
        ['PUT', '/active'],
        ['PUT', '/pause'],
        ['POST', '/run'],
        ['GET', '/occurrences'],
      ] as const) {
        const withBody = method === 'PUT' && path === '' ? { body: DRAFT } : {};
        await api.refuse(method, `${TASKS}/${task.id}${path}`, 404, 'not_found', withBody);
      }
    });
  });

  describe('POST /tasks/:taskId/run', () => {
    it('adds occurrences beside the schedule, even when it is asked again in the same millisecond', async () => {
      const { id } = await api.createTask({});
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => api.send<Occurrence>('POST', `${TASKS}/${id}/run`)),
      );
      assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [202]);
      const [first] = answers;
      assert.ok(first);
      assert.equal(first.headers.get('location'), `/api/v1/occurrences/${first.body.id}`);
      assert.deepEqual([first.body.trigger, first.body.status], ['manual', 'Scheduled']);
      assert.equal(new Set(answers.map((answer) => answer.body.id)).size, 20);
      assert.equal((await api.occurrencesOf(id)).length, 20);
    });
  });
});
