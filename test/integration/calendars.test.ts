import assert from 'node:assert/strict';

import type { Calendar, CalendarImport, CalendarInput } from '../../api/contract/calendar.ts';
import type { TaskDraft } from '../../api/contract/task.ts';
import { DAY_MS, HOUR_MS } from '../../core/duration.ts';
import { ConflictError, InvalidInputError } from '../../core/errors.ts';
import { createCalendarStore } from '../../db/calendar-store.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { createTaskStore } from '../../db/task-store.ts';
import { openTestApi, type TestApi } from '../support/api.ts';
import { definitionOf } from '../support/database.ts';

const CALENDARS = '/api/v1/calendars';

describe('exclusion calendars', () => {
  let api: TestApi;
  /** The last UTC day that is expanded: at least two hours of it are ahead. */
  let lastDay: string;
  /** From here on is ahead for as long as the test takes. */
  let aheadMs: number;
  beforeEach(async () => {
    api = await openTestApi();
    const nowMs = await readDatabaseClock(api.database);
    lastDay = new Date(nowMs + 3 * HOUR_MS).toISOString().slice(0, 10);
    aheadMs = startOfHour(nowMs) + 2 * HOUR_MS;
  });
  afterEach(() => api[Symbol.asyncDispose]());

  const put = async (name: string, input: Partial<CalendarInput>, headers: Record<string, string> = {}) =>
    api.send<Calendar>('PUT', `${CALENDARS}/${name}`, { body: { title: 'Holidays', ...input }, headers });
  const query = <R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> =>
    api.database.dataSource.query<R[]>(text, [...values]);
  const hourly = (calendars: string[]): TaskDraft['schedule'] => ({
    kind: 'cron',
    expressions: ['0 * * * *'],
    calendars,
  });
  const holiday = (date: string) => ({ kind: 'date', date, label: 'a holiday' }) as const;
  const revisionsOf = (taskId: string) =>
    query<{ revision: number; change: string; valid_from: Date; valid_until: Date | null }>(
      'select revision, change, valid_from, valid_until from task_revisions where task_id = $1 order by revision',
      [taskId],
    );
  const hoursOfLastDay = () => (Date.parse(lastDay) + DAY_MS - Math.max(aheadMs, Date.parse(lastDay))) / HOUR_MS;
  /** How many occurrences are written for each UTC day. */
  const daysOf = async (taskId: string): Promise<Record<string, number>> => {
    const rows = await query<{ day: string; count: number }>(
      `select to_char(scheduled_time, 'YYYY-MM-DD') as day, count(*)::integer as count from task_schedule
        where task_id = $1 and scheduled_time >= to_timestamp($2::float8 / 1000) and status = 'Scheduled' group by 1`,
      [taskId, aheadMs],
    );
    return Object.fromEntries(rows.map(({ day, count }) => [day, count]));
  };

  describe('in the API', () => {
    it('are made, read, listed, replaced and deleted', async () => {
      const rules: CalendarInput['rules'] = [
        holiday('2026-12-25'),
        { kind: 'range', from: '2027-01-01T00:00:00.000Z', until: '2027-01-02T00:00:00.000Z', label: null },
        { kind: 'weekly', weekdays: ['sun', 'fri'], from: '22:00', until: '06:30', label: 'maintenance' },
      ];
      const made = await put('holidays-it', { timeZone: 'Europe/Rome', rules });
      assert.equal(made.status, 200);
      assert.equal(made.headers.get('etag'), '"1"');
      const { updatedAt, ...rest } = made.body;
      assert.ok(Math.abs(Date.parse(updatedAt) - Date.now()) < HOUR_MS);
      assert.deepEqual(rest, {
        name: 'holidays-it',
        title: 'Holidays',
        timeZone: 'Europe/Rome',
        rules,
        revision: 1,
        tasks: 0,
      });
      const read = await api.send<Calendar>('GET', `${CALENDARS}/holidays-it`);
      assert.deepEqual(read.body, made.body);
      assert.equal(read.headers.get('etag'), '"1"');

      await put('a', {});
      const { body } = await api.send<{ items: Calendar[] }>('GET', CALENDARS);
      assert.deepEqual(
        body.items.map(({ name, rules: { length } }) => [name, length]),
        [
          ['a', 0],
          ['holidays-it', 3],
        ],
      );

      assert.equal((await put('holidays-it', { title: 'Feste' })).body.revision, 2);
      assert.equal((await api.send('DELETE', `${CALENDARS}/holidays-it`)).status, 204);
      await api.refuse('GET', `${CALENDARS}/holidays-it`, 404, 'not_found');
      await api.refuse('DELETE', `${CALENDARS}/holidays-it`, 404, 'not_found');
    });

    it('count on where a deleted one of the same name ended, and keep what was when', async () => {
      await put('x', { rules: [holiday('2026-12-25')] });
      await api.send('DELETE', `${CALENDARS}/x`);
      assert.equal((await put('x', {})).body.revision, 2);
      const rows = await query<{ revision: number; closed: boolean }>(
        `select revision, valid_until is not null as closed from calendar_revisions where name = 'x' order by revision`,
      );
      assert.deepEqual(rows, [
        { revision: 1, closed: true },
        { revision: 2, closed: false },
      ]);
    });

    it('stay as they are when they are put as they are', async () => {
      await put('x', { rules: [holiday(lastDay)] });
      const task = await api.createTask({ schedule: hourly(['x']) });
      const again = await put('x', { rules: [holiday(lastDay)] });
      assert.equal(again.body.revision, 1);
      assert.equal(again.body.tasks, 1);
      assert.equal((await revisionsOf(task.id)).length, 1);
    });

    it('with another title or other labels leave the tasks alone', async () => {
      await put('x', { rules: [holiday(lastDay)] });
      const task = await api.createTask({ schedule: hourly(['x']) });
      assert.equal(
        (await put('x', { title: 'Feiertage', rules: [{ ...holiday(lastDay), label: 'Ruhetag' }] })).body.revision,
        2,
      );
      assert.equal((await revisionsOf(task.id)).length, 1);
    });

    it('refuse a lost update, and one of a calendar that is gone', async () => {
      await put('x', {});
      assert.equal((await put('x', { title: 'b' }, { 'if-match': '"1"' })).body.revision, 2);
      const headers = { 'if-match': '"1"' };
      const problem = await api.refuse('PUT', `${CALENDARS}/x`, 412, 'revision_mismatch', {
        body: { title: 'c' },
        headers,
      });
      assert.match(problem.detail ?? '', /^The calendar .* revision 2, not 1/);
      await api.refuse('PUT', `${CALENDARS}/y`, 404, 'not_found', { body: { title: 'c' }, headers });
      await api.refuse('PUT', `${CALENDARS}/x`, 412, 'revision_mismatch', {
        body: { title: 'c' },
        headers: { 'if-match': 'W/x' },
      });
    });

    it('refuse what means nothing, with its path', async () => {
      const refused = async (body: unknown): Promise<string[]> => {
        const problem = await api.refuse('PUT', `${CALENDARS}/x`, 422, 'invalid_input', { body });
        return (problem.errors ?? []).map(({ path }) => path);
      };
      assert.deepEqual(await refused({ title: 'x', timeZone: 'EST' }), ['timeZone']);
      assert.deepEqual(await refused({ title: ' ', rules: [{ kind: 'date', date: '2026-02-30' }] }), [
        'title',
        'rules.0.date',
      ]);
      assert.deepEqual(
        await refused({
          title: 'x',
          rules: [{ kind: 'range', from: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' }],
        }),
        ['rules.0.until'],
      );
      assert.deepEqual(
        await refused({ title: 'x', rules: Array.from({ length: 5_001 }, () => holiday('2026-12-25')) }),
        ['rules'],
      );
      await api.refuse('PUT', `${CALENDARS}/Not%20a%20name`, 400, 'malformed_id', { body: { title: 'x' } });
    });

    it('are not deleted while tasks name them', async () => {
      await put('x', {});
      const task = await api.createTask({ name: 'sweep', schedule: hourly(['x']) });
      for (let index = 0; index < 4; index += 1) await api.createTask({ schedule: hourly(['x']) });
      const { detail } = await api.refuse('DELETE', `${CALENDARS}/x`, 409, 'conflict');
      assert.match(detail ?? '', new RegExp(`named by the tasks ${task.id} \\(sweep\\), .* and 2 more`));
      for (const { id } of await query<{ id: string }>('select id from tasks'))
        await api.send('DELETE', `/api/v1/tasks/${id}`);
      assert.equal((await api.send('DELETE', `${CALENDARS}/x`)).status, 204);
    });

    it('are known when a task names them, or the task is refused', async () => {
      await put('x', {});
      const body = { name: 'a task', taskType: 'noop', schedule: hourly(['x', 'y']) };
      const problem = await api.refuse('POST', '/api/v1/tasks', 422, 'invalid_input', { body });
      assert.deepEqual(problem.errors, [{ path: 'schedule.calendars.1', message: 'there is no calendar y' }]);
      await put('x', {
        rules: [
          {
            kind: 'weekly',
            from: '00:00',
            until: '24:00',
            weekdays: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
          },
        ],
      });
      const never = await api.refuse('POST', '/api/v1/tasks', 422, 'invalid_input', {
        body: { ...body, schedule: hourly(['x']) },
      });
      assert.match(never.errors?.[0]?.message ?? '', /never runs/);
    });
  });

  describe('and the tasks that name them', () => {
    it('take occurrences back when a holiday comes, and bring them again when it goes', async () => {
      await put('x', {});
      const task = await api.createTask({ schedule: hourly(['x']) });
      const other = await api.createTask({ schedule: hourly([]) });
      await api.expand();
      assert.equal((await daysOf(task.id))[lastDay], hoursOfLastDay());

      await put('x', { rules: [holiday(lastDay)] });
      assert.deepEqual(await daysOf(task.id), {}, 'nothing is left that was written by the calendar before');
      await api.expand();
      assert.equal((await daysOf(task.id))[lastDay], undefined);
      assert.equal((await daysOf(other.id))[lastDay], hoursOfLastDay());

      await put('x', { rules: [] });
      await api.expand();
      assert.equal((await daysOf(task.id))[lastDay], hoursOfLastDay());
      const revisions = await revisionsOf(task.id);
      assert.deepEqual(
        revisions.map(({ revision, change }) => [revision, change]),
        [
          [1, 'created'],
          [2, 'calendar'],
          [3, 'calendar'],
        ],
      );
      assert.deepEqual(
        revisions.map(({ valid_until: until }) => until),
        [...revisions.slice(1).map(({ valid_from: from }) => from), null],
      );
      assert.deepEqual(
        await query(`select valid_from from calendar_revisions where name = 'x' and revision > 1 order by 1`),
        revisions.slice(1).map(({ valid_from: from }) => ({ valid_from: from })),
        'the calendar and the task changed in the same moment',
      );
      assert.deepEqual(await revisionsOf(other.id).then((rows) => rows.length), 1);
    });

    it('count runs as before: what is taken back does not use up a limit of runs', async () => {
      await put('x', {});
      const task = await api.createTask({
        // Often enough that the rest of the day, which is three hours at least, has room for twice as many.
        schedule: { kind: 'cron', expressions: ['*/10 * * * *'], calendars: ['x'], maxRuns: 3 },
      });
      await api.expand();
      const before = (await api.occurrencesOf(task.id)).map(({ scheduledTime }) => scheduledTime);
      assert.equal(before.length, 3);
      await put('x', { rules: [{ kind: 'range', from: before[0] ?? '', until: before[2] ?? '' }] });
      await api.expand();
      const after = (await api.occurrencesOf(task.id)).map(({ scheduledTime }) => scheduledTime);
      assert.equal(after.length, 3);
      assert.equal(after[0], before[2]);
    });

    it('go on with what waits if it still has its time, and cancel it if not', async () => {
      await put('x', {});
      const [keeps, loses] = [
        await api.createTask({ schedule: hourly(['x']) }),
        await api.createTask({ schedule: hourly(['x']) }),
      ];
      await api.expand();
      // Time passes: what was ahead waits now, that of the second task at a time that becomes a holiday.
      const nowMs = await readDatabaseClock(api.database);
      const dueMs = { [keeps.id]: startOfHour(nowMs), [loses.id]: startOfHour(nowMs) - HOUR_MS };
      for (const [id, atMs] of Object.entries(dueMs)) {
        await query(
          `insert into task_schedule (task_id, scheduled_time, due_at, status, revision) values ($1, $2, $2, 'Scheduled', 1)`,
          [id, new Date(atMs).toISOString()],
        );
      }
      const lost = new Date(startOfHour(nowMs) - HOUR_MS);
      await put('x', {
        rules: [{ kind: 'range', from: lost.toISOString(), until: new Date(lost.getTime() + 1).toISOString() }],
      });
      const rows = await query<{ task_id: string; status: string; revision: number; reason: string | null }>(
        `select task_id, status, revision, reason from task_schedule where scheduled_time <= to_timestamp($1::float8 / 1000) order by task_id`,
        [nowMs],
      );
      assert.deepEqual(rows, [
        { task_id: keeps.id, status: 'Scheduled', revision: 2, reason: null },
        { task_id: loses.id, status: 'Cancelled', revision: 1, reason: 'a calendar of the task was changed' },
      ]);
    });

    it('that are paused or inactive stay so, under a new revision', async () => {
      await put('x', {});
      const paused = await api.createTask({ schedule: hourly(['x']) });
      await api.send('PUT', `/api/v1/tasks/${paused.id}/pause`, { body: { reason: 'repair' } });
      const endMs = Date.parse(lastDay) + DAY_MS;
      const lastHour = { from: new Date(endMs - HOUR_MS).toISOString(), until: new Date(endMs).toISOString() };
      await put('x', { rules: [{ kind: 'range', ...lastHour }] });
      await api.expand();
      assert.deepEqual(await daysOf(paused.id), {});
      assert.deepEqual(
        (await revisionsOf(paused.id)).map(({ change }) => change),
        ['created', 'paused', 'calendar'],
      );
      await api.send('PUT', `/api/v1/tasks/${paused.id}/active`);
      await api.expand();
      assert.equal((await daysOf(paused.id))[lastDay], hoursOfLastDay() - 1);
    });

    it('are expanded anew all in one transaction, two thousand of them', async () => {
      await put('x', {});
      const store = createTaskStore(api.database);
      const first = await store.create(definitionOf({ schedule: hourly(['x']) }));
      await query(
        `insert into tasks overriding system value select (jsonb_populate_record(t, jsonb_build_object('id', nextval(pg_get_serial_sequence('tasks', 'id'))))).*
           from tasks as t, generate_series(2, 2000) where t.id = $1`,
        [first],
      );
      await api.expand();
      const ahead = () =>
        query<{ day: string; count: number }>(
          `select to_char(scheduled_time, 'YYYY-MM-DD') as day, count(*)::integer as count from task_schedule where scheduled_time >= to_timestamp($1::float8 / 1000) group by 1`,
          [aheadMs],
        ).then((rows) => rows.find(({ day }) => day === lastDay)?.count);
      assert.equal(await ahead(), 2_000 * hoursOfLastDay());
      const { status, body } = await put('x', { rules: [holiday(lastDay)] });
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.tasks, 2_000);
      await api.expand();
      assert.equal(await ahead(), undefined);
      const [changed] = await query<{ count: number }>(
        `select count(*)::integer from task_revisions where change = 'calendar' and valid_until is null`,
      );
      assert.equal(changed?.count, 2_000);
    });

    it('are right in the end whoever changes calendars and tasks at once', async () => {
      const calendars = createCalendarStore(api.database);
      const tasks = createTaskStore(api.database);
      const names = ['x', 'y', 'z'];
      for (const name of names) await put(name, {});
      const named = (index: number) => names.filter((_, bit) => ((index + 1) >> bit) % 2 === 1);
      const ids = await Promise.all(
        Array.from({ length: 12 }, (_, index) => tasks.create(definitionOf({ schedule: hourly(named(index)) }))),
      );
      await api.expand();
      const refused: unknown[] = [];
      const note = (error: unknown) => void refused.push(error);
      const changes = Array.from({ length: 20 }, (_, round) => [
        ...names.map((name) =>
          calendars.put(name, { title: 'x', timeZone: 'UTC', rules: round % 2 === 0 ? [holiday(lastDay)] : [] }, null),
        ),
        ...ids.map((id, index) => tasks.replace(id, definitionOf({ schedule: hourly(named(index + round)) }), null)),
        tasks.create(definitionOf({ schedule: hourly(named(round)) })),
        api.expand(),
      ]);
      await Promise.all(changes.flat().map((change) => Promise.resolve(change).then(() => undefined, note)));
      assert.deepEqual(refused, []);
      await put('x', { rules: [holiday(lastDay)] });
      await put('y', { rules: [] });
      await put('z', { rules: [] });
      await api.expand();
      for (const task of await query<{ id: string; calendars: string[] }>('select id, calendars from tasks')) {
        assert.equal(
          (await daysOf(task.id))[lastDay],
          task.calendars.includes('x') ? undefined : hoursOfLastDay(),
          JSON.stringify(task),
        );
      }
    });

    it('never name a calendar that is being deleted', async () => {
      const calendars = createCalendarStore(api.database);
      const tasks = createTaskStore(api.database);
      for (let round = 0; round < 10; round += 1) {
        await put('x', {});
        const outcomes = await Promise.allSettled([
          tasks.create(definitionOf({ schedule: hourly(['x']) })),
          calendars.remove('x'),
        ]);
        const [created, removed] = outcomes;
        assert.notEqual(created.status, removed.status, JSON.stringify(outcomes));
        if (created.status === 'rejected') assert.ok(created.reason instanceof InvalidInputError);
        else await tasks.remove(created.value);
        if (removed.status === 'rejected') assert.ok(removed.reason instanceof ConflictError);
      }
    });
  });

  describe('from iCalendar files', () => {
    const ical = (...lines: string[]) =>
      ['BEGIN:VCALENDAR', 'X-WR-CALNAME:Feste', 'X-WR-TIMEZONE:Europe/Rome', ...lines, 'END:VCALENDAR'].join('\r\n');
    const dayEvent = (date: string, summary: string) => [
      'BEGIN:VEVENT',
      `DTSTART;VALUE=DATE:${date.replaceAll('-', '')}`,
      `SUMMARY:${summary}`,
      'END:VEVENT',
    ];
    const importFile = (name: string, body: object, headers: Record<string, string> = {}) =>
      api.send<CalendarImport>('POST', `${CALENDARS}/${name}/import`, { body, headers });

    it('are only looked at with dryRun', async () => {
      const { status, body } = await importFile('feste', { ical: ical(...dayEvent(lastDay, 'Natale')), dryRun: true });
      assert.equal(status, 200);
      assert.deepEqual(body, {
        title: 'Feste',
        timeZone: 'Europe/Rome',
        rules: [{ kind: 'date', date: lastDay, label: 'Natale' }],
        leftOut: [],
        calendar: null,
      });
      await api.refuse('GET', `${CALENDARS}/feste`, 404, 'not_found');
    });

    it('make or replace a calendar, and its tasks follow', async () => {
      await put('feste', {});
      const task = await api.createTask({
        schedule: { ...hourly(['feste']), timeZone: 'UTC' } as TaskDraft['schedule'],
      });
      await api.expand();
      const { body, headers } = await importFile('feste', {
        ical: ical(...dayEvent(lastDay, 'Natale')),
        timeZone: 'UTC',
      });
      assert.equal(headers.get('etag'), '"2"');
      assert.equal(body.calendar?.title, 'Feste');
      assert.equal(body.calendar.timeZone, 'UTC');
      assert.equal(body.calendar.tasks, 1);
      await api.expand();
      assert.equal((await daysOf(task.id))[lastDay], undefined);
    });

    it('that are wrong change nothing, and the answer names the line', async () => {
      await put('feste', { title: 'as it was' });
      const problem = await api.refuse('POST', `${CALENDARS}/feste/import`, 422, 'invalid_input', {
        body: { ical: ical('BEGIN:VEVENT', 'DTSTART;VALUE=DATE:2026', 'END:VEVENT') },
      });
      assert.equal(problem.errors?.[0]?.path, 'ical');
      assert.match(problem.errors[0].message, /^line 5: DTSTART/);
      const body = { ical: ical(...dayEvent(lastDay, 'Natale')) };
      const wrongZone = await api.refuse('POST', `${CALENDARS}/feste/import`, 422, 'invalid_input', {
        body: { ...body, timeZone: 'Rome' },
      });
      assert.equal(wrongZone.errors?.[0]?.path, 'timeZone');
      await api.refuse('POST', `${CALENDARS}/feste/import`, 412, 'revision_mismatch', {
        body,
        headers: { 'if-match': '"7"' },
      });
      assert.equal((await api.send<Calendar>('GET', `${CALENDARS}/feste`)).body.title, 'as it was');
    });

    it('without a title leave the calendar the one that it has', async () => {
      const text = ical(...dayEvent(lastDay, 'Natale')).replace('X-WR-CALNAME:Feste\r\n', '');
      assert.equal((await importFile('feste', { ical: text })).body.title, 'feste');
      await put('feste', { title: 'Feste nazionali' });
      assert.equal((await importFile('feste', { ical: text })).body.title, 'Feste nazionali');
      assert.equal((await importFile('feste', { ical: text, title: 'Feste 2' })).body.calendar?.title, 'Feste 2');
    });
  });
});

function startOfHour(atMs: number): number {
  return Math.floor(atMs / HOUR_MS) * HOUR_MS;
}
