import { MINUTE_MS } from '../core/duration.ts';
import type { Database } from '../db/database.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { expandBatch } from '../scheduler/expander.ts';

export const FORECAST_HOURS = 3;
const TYPES = 10;
export interface Filled {
  readonly rows: number;
  readonly seconds: number;
  /** How the rows were written. */
  readonly by: string;
}

/**
 * Tasks of ten types, each of one of the three priorities, that together have about `wanted` occurrences in three hours, alike in every second,
 * from now on, and some more for as long as filling may take at `rowsPerSecond`. Up to
 * `expandedRows` the expander writes them; more are written by a plain statement in batches of its size, past the triggers that it passes.
 */
export async function fill(
  database: Database,
  wanted: number,
  { expandedRows, rowsPerSecond }: { readonly expandedRows: number; readonly rowsPerSecond: number },
): Promise<Filled> {
  const query = <R extends object>(text: string, parameters: readonly unknown[] = []) =>
    database.dataSource.query<R[]>(text, [...parameters]);
  await query('truncate tasks, task_schedule restart identity cascade');
  await query(
    `insert into task_types (name, title, timeout_ms, retry, estimate_ms)
     select 'bench.' || n, 'Bench', 60000, '{"maxAttempts": 1}', 100 + 150 * n from generate_series(1, $1::integer) as n
     on conflict do nothing`,
    [TYPES],
  );
  const startMs = performance.now();
  const isExpanded = wanted <= expandedRows;
  const everyMinutes = isExpanded ? 3 : 1;
  const tasks = Math.round((wanted * everyMinutes) / (FORECAST_HOURS * 60));
  const minutes = FORECAST_HOURS * 60 + Math.ceil(wanted / rowsPerSecond / 60) + 10;
  const perTask = Math.ceil(minutes / everyMinutes);
  const fromMs = Math.floor((await readDatabaseClock(database)) / MINUTE_MS) * MINUTE_MS;
  await query(
    `insert into tasks (name, task_type, schedule_kind, cron_expressions, time_zone, priority, starts_at, ends_at, expanded_until)
     select 'bench ' || n, 'bench.' || (n / 60 % $2::integer + 1), 'cron',
       array[(n % 60) || ' ' || case when $3::integer = 1 then '*' else n / 600 % $3::integer || '-59/' || $3::integer end || ' * * * *'], 'UTC',
       (array['normal', 'normal', 'normal', 'high', 'low'])[n / 60 % 5 + 1],
       to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000), to_timestamp($4::float8 / 1000)
     from generate_series(1, $1::integer) as n`,
    [tasks, TYPES, everyMinutes, fromMs, fromMs + minutes * MINUTE_MS],
  );
  await query('select ensure_partitions(now()::date, now()::date + 3)');
  await query('vacuum (analyze) tasks');
  if (isExpanded) await expand(database);
  else {
    await insert(database, tasks, perTask, fromMs);
    await query('update tasks set expanded_until = null');
  }
  const seconds = (performance.now() - startMs) / 1_000;
  await query('vacuum (analyze) task_schedule');
  const [counted] = await query<{ count: string }>('select count(*) from task_schedule');
  await forgetOverdue(database);
  const by = isExpanded ? 'the expander' : 'insert … select, which fires the same triggers';
  return { rows: Number(counted?.count), seconds, by };
}

/** What is due by now, as if it had been handed out. */
export async function forgetOverdue(database: Database): Promise<void> {
  await database.dataSource.query('delete from task_schedule where due_at < clock_timestamp()');
}

/** Writes whatever tasks still lack. */
export async function expand(database: Database): Promise<void> {
  const config = { batchSize: 1_000, maxInstantsPerTask: 5_000, maxRowsPerBatch: 50_000, graceMs: 60_000 };
  while ((await expandBatch(database, config)).more);
}

async function insert(database: Database, tasks: number, perTask: number, fromMs: number): Promise<void> {
  const batch = Math.ceil(50_000 / perTask);
  for (let first = 1; first <= tasks; first += batch) {
    await database.dataSource.query(
      `insert into task_schedule (task_id, scheduled_time, due_at, revision)
       select id, at, at, 1
       from generate_series($1::bigint, $2::bigint) as id
       cross join generate_series(0, $3::integer - 1) as turn
       cross join lateral (select to_timestamp($4::float8 / 1000) + (turn * 60 + id % 60) * interval '1 second' as at) as instant`,
      [first, Math.min(tasks, first + batch - 1), perTask, fromMs],
    );
  }
}
