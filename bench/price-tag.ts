import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { createCapacityReader } from '../api/capacity-reader.ts';
import { TaskInput } from '../api/contract/task.ts';
import { toDefinition } from '../api/task-mapping.ts';
import { planTask } from '../api/task-plan.ts';
import { openEmbeddedPostgres } from '../bin/embedded-postgres.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { sql } from '../db/sql.ts';
import { createLogger } from '../runtime/logger.ts';
import { median } from './fleet.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100000' },
    /** Shares of the tasks that run each hour and each 15 minutes; the others run once a day. */
    hourly: { type: 'string', default: '0.1' },
    quarterly: { type: 'string', default: '0.02' },
    runs: { type: 'string', default: '9' },
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

/** How long the answer to "what would this task cost" takes: with the work of the pool read anew, and with it read already. */
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
    const rows = await fill(database);
    console.log(
      `${Number(values.tasks).toLocaleString('en')} tasks, ${rows.toLocaleString('en')} rows of the coming day`,
    );
    if (values.explain) await explain(database);
    await measure(database);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(database: Database): Promise<void> {
  const input = TaskInput.parse({
    name: 'bench',
    taskType: 'bench.3',
    schedule: { kind: 'cron', expressions: ['*/5 * * * *'], timeZone: 'Europe/Rome' },
  });
  const planned = { definition: toDefinition(input), pool: 'default', replaces: null };
  const capacity = createCapacityReader(database, SETTINGS);
  const ask = async (): Promise<number> => {
    const startMs = performance.now();
    await planTask(database, planned, capacity);
    return performance.now() - startMs;
  };
  const fresh: number[] = [];
  const known: number[] = [];
  for (let run = 0; run < Number(values.runs); run += 1) {
    capacity.forget();
    fresh.push(await ask());
    known.push(await ask());
  }
  const tell = (what: string, times: readonly number[]): void =>
    console.log(
      `${what}: first ${Math.round(times[0] ?? 0)} ms, median ${Math.round(median(times))} ms, most ${Math.round(Math.max(...times))} ms`,
    );
  tell('work read anew', fresh);
  tell('work read already', known);
  const { capacity: tag } = await planTask(database, planned, capacity);
  console.log(JSON.stringify(tag));
}

/** Tasks at random minutes, a third of them at full hours, with their rows of the coming day. */
async function fill(database: Database): Promise<number> {
  const query = (text: string, parameters: readonly unknown[] = []) =>
    database.dataSource.query<{ count: string }[]>(text, [...parameters]);
  await query(
    `insert into task_types (name, title, timeout_ms, retry, estimate_ms)
     select 'bench.' || n, 'Bench', 60000, '{"maxAttempts": 1}', 100 + 150 * n from generate_series(1, $1::integer) as n`,
    [TYPES],
  );
  await query(
    `insert into tasks (name, task_type, schedule_kind, cron_expressions, time_zone, expanded_until)
     select 'bench ' || n, 'bench.' || (n % $2 + 1), 'cron', '{0 9 * * *}', 'UTC', now() + interval '2 days'
     from generate_series(1, $1::integer) as n`,
    [Number(values.tasks), TYPES],
  );
  await query('select ensure_partitions(now()::date, now()::date + 3)');
  await query(
    `insert into task_schedule (task_id, scheduled_time, due_at, revision)
     select t.id, at, at, 1
     from (
       select id, case when share < $1 then 60 when share < $1 + $2::float8 then 15 else 1440 end as every, share
       from (select id, (id * 7919 % 100000) / 100000.0 as share from tasks) as shares
     ) as t
     cross join lateral generate_series(0, 1440 / t.every - 1) as turn
     cross join lateral (
       select date_trunc('hour', now()) + interval '1 hour' + (
         turn * t.every + case when t.id % 3 = 0 then (t.id * 31 % greatest(1, t.every / 60)) * 60 else t.id * 104729 % t.every end
       ) * interval '1 minute' as at
     ) as times`,
    [Number(values.hourly), Number(values.quarterly)],
  );
  await query('vacuum (analyze) tasks');
  await query('vacuum (analyze) task_schedule');
  const [counted] = await query('select count(*) from task_schedule');
  return Number(counted?.count);
}

async function explain(database: Database): Promise<void> {
  const plan = await database.dataSource.query<{ 'QUERY PLAN': string }[]>(
    `explain (analyze, buffers) ${sql('queries/read_demand.sql')}`,
    ['default', null, Date.now() + 86_400_000],
  );
  console.log(plan.map((line) => line['QUERY PLAN']).join('\n'));
}

await main();
