import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { LoadCalendarQuery } from '../api/contract/load-calendar.ts';
import { createLoadCalendarReader } from '../api/load-calendar-reader.ts';
import { createOverlapReader } from '../api/overlap-reader.ts';
import { openEmbeddedPostgres } from '../bin/embedded-postgres.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { sql } from '../db/sql.ts';
import { createLogger } from '../runtime/logger.ts';
import { expandBatch } from '../scheduler/expander.ts';
import { median } from './fleet.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100000' },
    schedules: { type: 'string', default: '200' },
    /** Days of runs of the tasks that run every five minutes. */
    runDays: { type: 'string', default: '3' },
    times: { type: 'string', default: '5' },
    explain: { type: 'boolean', default: false },
  },
});

const SETTINGS = {
  slotsPerReplica: 4,
  minReplicas: 1,
  maxReplicas: 200,
  leadTimeMs: 15_000,
  tailMs: 10_000,
  closingMs: 60_000,
};
const TYPES = 10;

/** How long the load calendar of a week and the overlap forecast take, both worked out anew. */
async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'almanac-bench-'));
  await using postgres = await openEmbeddedPostgres({ dataDir: join(dir, 'postgres'), log: () => undefined });
  try {
    await using database = await openDatabase({
      url: postgres.url,
      log: createLogger('bench', 'silent'),
      applicationName: 'almanac bench',
      poolSize: 4,
      statementTimeoutMs: 600_000,
    });
    await migrate(database);
    await fill(database);
    const calendar = LoadCalendarQuery.parse({ timeZone: 'Europe/Rome' });
    if (values.explain) await explain(database);
    await measure('load calendar', () => createLoadCalendarReader(database, SETTINGS, 60_000).read(calendar));
    const known = createLoadCalendarReader(database, SETTINGS, 60_000);
    await known.read(calendar);
    await measure('load calendar, known already', () => known.read(calendar));
    await measure('overlap forecast', () => createOverlapReader(database).read({ pool: 'default', limit: 50 }));
    const { measuredTasks, total, recurringTasks } = await createOverlapReader(database).read({
      pool: 'default',
      limit: 1,
    });
    console.log(`${recurringTasks} recurring tasks, ${measuredTasks} judged by their own runs, ${total} may overlap`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  const begin = process.cpuUsage();
  for (let run = 0; run < Number(values.times); run += 1) {
    const startMs = performance.now();
    await work();
    times.push(performance.now() - startMs);
  }
  const { user, system } = process.cpuUsage(begin);
  console.log(
    `${what}: first ${Math.round(times[0] ?? 0)} ms, median ${Math.round(median(times))} ms, most ${Math.round(Math.max(...times))} ms; ` +
      `of it here, without the database, ${Math.round((user + system) / 1_000 / times.length)} ms of CPU`,
  );
}

/** Of the schedules 2 % run every five minutes, 10 % every hour, the others once a day; all share the tasks evenly. */
async function fill(database: Database): Promise<void> {
  const query = (text: string, parameters: readonly unknown[] = []) =>
    database.dataSource.query<{ count: string }[]>(text, [...parameters]);
  await query(
    `insert into task_types (name, title, timeout_ms, retry, estimate_ms)
     select 'bench.' || n, 'Bench', 300000, '{"maxAttempts": 1}', 100 + 150 * n from generate_series(1, $1::integer) as n`,
    [TYPES],
  );
  await query(
    `insert into task_type_statistics (task_type, day, shard, succeeded, elapsed_sum_ms, histogram)
     select name, (now() at time zone 'UTC')::date, 0, 1000, 1000 * estimate_ms,
       (select array_agg(case i when 40 then 990 when 70 then 10 else 0 end order by i) from generate_series(1, 120) as i)
     from task_types`,
  );
  await query(
    `insert into tasks (name, task_type, schedule_kind, cron_expressions, time_zone, expanded_until)
     select 'bench ' || n, 'bench.' || (n / $2 % $3 + 1), 'cron',
       array[case
         when k < $2 * 0.02 then k || '-59/5 * * * *'
         when k < $2 * 0.12 then k % 60 || ' * * * *'
         else k % 60 || ' ' || k % 24 || ' * * *' end],
       (array['UTC', 'Europe/Rome', 'America/New_York', 'Asia/Kathmandu'])[k % 4 + 1], now()
     from (select n, n % $2 as k from generate_series(0, $1::integer - 1) as n) as numbered`,
    [Number(values.tasks), Number(values.schedules), TYPES],
  );
  await query('select ensure_partitions(now()::date - 8, now()::date + 3)');
  const config = { batchSize: 5_000, maxInstantsPerTask: 5_000, maxRowsPerBatch: 100_000, graceMs: 60_000 };
  while ((await expandBatch(database, config)).more);
  await query(
    `insert into task_runs (task_id, scheduled_time, attempt, outcome, started_at, ended_at, elapsed_ms)
     select t.id, at, 1, 'succeeded', at, at, 1000 * (1 + t.id / 200 % 400) * (0.8 + random() * 0.4)
     from tasks as t
     cross join generate_series(date_trunc('hour', now()) - $1::integer * interval '1 day', now(), interval '5 minutes') as at
     where t.cron_expressions[1] like '%/5 * * * *'`,
    [Number(values.runDays)],
  );
  for (const table of ['tasks', 'task_schedule', 'task_runs']) await query(`vacuum (analyze) ${table}`);
  const [rows] = await query('select count(*) from task_schedule');
  const [runs] = await query('select count(*) from task_runs');
  console.log(
    `${values.tasks} tasks of ${values.schedules} schedules, ${rows?.count ?? ''} rows, ${runs?.count ?? ''} runs`,
  );
}

async function explain(database: Database): Promise<void> {
  const frequent = await frequentTasks(database);
  for (const [file, parameters] of [
    ['queries/read_schedules.sql', ['default']],
    ['queries/read_schedule_version.sql', []],
    ['queries/read_work_ahead.sql', [Date.now() + 9 * 86_400_000, 'default']],
    [
      'queries/sample_task_runs.sql',
      [frequent, Date.now() - 7 * 86_400_000, 28, 6 * 3_600_000, 8, frequent.map(() => 2 * 3_600_000)],
    ],
  ] as const) {
    const plan = await database.dataSource.query<{ 'QUERY PLAN': string }[]>(
      `explain (analyze, buffers) ${sql(file)}`,
      [...parameters],
    );
    console.log(`${file}\n${plan.map((line) => line['QUERY PLAN']).join('\n')}`);
  }
}

async function frequentTasks(database: Database): Promise<string[]> {
  const rows = await database.dataSource.query<{ id: string }[]>(
    "select id from tasks where cron_expressions[1] like '%/5 * * * *' limit 1000",
  );
  return rows.map(({ id }) => id);
}

await main();
