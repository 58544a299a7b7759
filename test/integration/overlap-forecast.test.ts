import assert from 'node:assert/strict';

import { LoadCalendar } from '../../api/contract/load-calendar.ts';
import { OverlapForecast, type OverlapItem } from '../../api/contract/overlap-forecast.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { DRAFT, openTestApi, type TestApi } from '../support/api.ts';
import { commandLineOf } from '../support/command-line.ts';

const OVERLAPS = '/api/v1/overlap-forecast';

describe('the overlap forecast', function () {
  this.timeout(60_000);
  let api: TestApi;
  let nowMs: number;
  const ids: Record<string, string> = {};

  before(async () => {
    api = await openTestApi();
    nowMs = await readDatabaseClock(api.database);
    await api.database.dataSource.query(`update task_types set timeout_ms = 600000`);
    await api.database.dataSource.query(`select ensure_partitions(now()::date - 8, now()::date + 3)`);
    const minutely = { schedule: { kind: 'cron' as const, expressions: ['* * * * *'] } };
    for (const [name, draft] of Object.entries({
      slow: { policies: { overlap: 'buffer-all' as const } },
      growing: {},
      quick: {},
      unknown: {},
    })) {
      ids[name] = (await api.createTask({ ...DRAFT, ...minutely, ...draft, name })).id;
    }
    ids.hourly = (
      await api.createTask({ ...DRAFT, name: 'hourly', schedule: { kind: 'interval', everyMs: HOUR_MS } })
    ).id;
    await api.createTask({ ...DRAFT, name: 'once' });
    await write('slow', () => 70_000);
    await write('growing', (day) => 25_000 + 3_000 * day);
    await write('quick', () => 40);
    await write('hourly', () => 70_000);
    // What processors count: mostly short runs, some of more than a minute.
    await api.database.dataSource.query(
      `insert into task_type_statistics (task_type, day, shard, succeeded, elapsed_sum_ms, histogram)
       values ('noop', (now() at time zone 'UTC')::date, 0, 1000, 5000,
         (select array_agg(case i when 22 then 990 when 67 then 10 else 0 end order by i) from generate_series(1, 120) as i))`,
    );
  });
  after(() => api[Symbol.asyncDispose]());

  /** Twelve runs on each of the past seven days, every two hours. */
  async function write(name: string, elapsedOf: (day: number) => number): Promise<void> {
    const runs = Array.from({ length: 7 * 12 }, (_, index) => ({
      at: new Date(Math.floor((nowMs - 7 * DAY_MS + index * 2 * HOUR_MS) / MINUTE_MS + 1) * MINUTE_MS).toISOString(),
      elapsedMs: elapsedOf(Math.floor(index / 12)),
    }));
    // Close to the end of each six hours is where a task of every minute is looked at: let all of them be there.
    await api.database.dataSource.query(
      `insert into task_runs (task_id, scheduled_time, attempt, outcome, started_at, ended_at, elapsed_ms)
       select $1, at + n * interval '1 minute', 1, 'succeeded', at, at, ms
       from unnest($2::timestamptz[], $3::float8[]) as r (at, ms) cross join generate_series(0, 119) as n`,
      [ids[name], runs.map(({ at }) => at), runs.map(({ elapsedMs }) => elapsedMs)],
    );
  }

  async function read(query = ''): Promise<OverlapForecast> {
    const { status, body } = await api.send('GET', `${OVERLAPS}${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return OverlapForecast.parse(body);
  }

  it('judges tasks by their own runs where they have enough, worst first', async () => {
    const { items, recurringTasks, measuredTasks, total } = await read();
    assert.deepEqual([recurringTasks, measuredTasks, total], [5, 3, 2]);
    const [slow, growing] = items as [OverlapItem, OverlapItem];
    assert.deepEqual(
      [slow.taskName, slow.severity, slow.basis, slow.overlap],
      ['slow', 'overlapping', 'task', 'buffer-all'],
    );
    assert.deepEqual([slow.p95Ms, slow.periodMs.smallest, Math.round(slow.overlapsPerDay)], [70_000, MINUTE_MS, 1_440]);
    assert.match(slow.consequence, /wait in line/);
    assert.deepEqual([slow.trend?.changePerDayMs, slow.crossesAt], [null, null]);
    assert.deepEqual([growing.taskName, growing.severity, growing.basis], ['growing', 'near', 'task']);
    assert.ok(Math.abs(Number(growing.trend?.changePerDayMs) - 3_000) < 300);
    const crossesMs = Date.parse(growing.crossesAt ?? '') - nowMs;
    assert.ok(crossesMs > 2 * DAY_MS && crossesMs < 8 * DAY_MS, String(crossesMs / DAY_MS));
  });

  it('looks at no run of a task whose type never took half of its gap, or of another pool', async () => {
    assert.ok((await read()).items.every(({ taskName }) => taskName !== 'hourly' && taskName !== 'once'));
    assert.deepEqual((await read('?pool=other')).items, []);
    assert.equal((await read('?limit=1')).items.length, 1);
    await api.refuse('GET', `${OVERLAPS}?limit=0`, 422, 'invalid_input');
  });

  it('takes a task without runs as its type is', async () => {
    const other = await api.createTask({
      ...DRAFT,
      taskType: 'http.request',
      payload: { url: 'http://127.0.0.1:9/' },
      name: 'declared',
      schedule: { kind: 'interval', everyMs: 1_000 },
    });
    assert.deepEqual(
      (await read()).items.find(({ taskId }) => taskId === other.id),
      undefined,
      '300 ms of a second',
    );
    await api.database.dataSource.query(`update task_types set estimate_ms = 900 where name = 'http.request'`);
    await api.createTask({ ...DRAFT, name: 'a change' });
    const item = (await read()).items.find(({ taskId }) => taskId === other.id);
    assert.deepEqual([item?.basis, item?.severity, item?.runs, item?.trend], ['estimate', 'near', 0, null]);
  });

  it('is read at the command line, and so is the load of the week', async () => {
    const almanac = commandLineOf(api.url);
    const overlaps = await almanac('overlaps', '--time-zone', 'UTC');
    assert.deepEqual([overlaps.code, overlaps.stderr], [0, '']);
    assert.match(
      overlaps.stdout,
      /^overlapping +\d+ +slow +60 s +70 s +70 s +1\.17 +1440\.0 +steady +The next runs wait/m,
    );
    assert.match((await almanac('overlaps', '--pool', 'other')).stdout, /^None of 0 recurring tasks/);

    const week = await almanac('load', '--time-zone', 'Europe/Rome');
    assert.deepEqual([week.code, week.stderr], [0, '']);
    assert.equal(week.stdout.match(/^(Sun|Mon|Tue|Wed|Thu|Fri|Sat) \d{4}-\d\d-\d\d /gm)?.length, 7);
    const calendar = LoadCalendar.parse(JSON.parse((await almanac('load', '--json', '--time-zone', 'UTC')).stdout));
    assert.equal(calendar.days.length, 7);
    const day = await almanac('load', '--time-zone', 'UTC', '--day', calendar.days[1]?.date ?? '');
    assert.equal(day.stdout.match(/^\d\d:00 {2}[1-9.]{60}$/gm)?.length, 24);
    const wrong = await almanac('load', '--day', '2020-01-01');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /--day: expected a day from/);
  });
});
