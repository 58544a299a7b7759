import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { applyAdvice } from '../api/advice-apply.ts';
import { readAdvice } from '../api/advice-reader.ts';
import { openEmbeddedPostgres } from '../bin/embedded-postgres.ts';
import { undoMoves } from '../db/advice-store.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { createLogger } from '../runtime/logger.ts';
import { median } from './fleet.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100000' },
    /** Of the tasks: those that run each hour, and of these those at the full hour. The others run once a day. */
    hourly: { type: 'string', default: '0.1' },
    full: { type: 'string', default: '0.3' },
    /** Of all: those with a flexible window of ten minutes. */
    flexible: { type: 'string', default: '0.2' },
    runs: { type: 'string', default: '7' },
  },
});

const SETTINGS = {
  slotsPerReplica: 4,
  minReplicas: 1,
  maxReplicas: 400,
  leadTimeMs: 15_000,
  tailMs: 10_000,
  closingMs: 60_000,
};
const TYPES = 10;
const GRACE_MS = 60_000;

/** How long it takes to advise which tasks to move, to apply the advice, and to undo it. */
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
    console.log(`${Number(values.tasks).toLocaleString('en')} tasks, ${rows.toLocaleString('en')} rows ahead`);
    for (const maxMoves of [10, 100, 1_000]) await measure(database, maxMoves);
    await measureApply(database);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const QUESTION = { hours: 3, pool: 'default' };

async function measure(database: Database, maxMoves: number): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < Number(values.runs); run += 1) {
    times.push((await timed(() => readAdvice(database, SETTINGS, { ...QUESTION, maxMoves }))).ms);
  }
  const { before, after, withSuggestions, moves, suggestions } = await readAdvice(database, SETTINGS, {
    ...QUESTION,
    maxMoves,
  });
  console.log(
    `advice of ${maxMoves} moves at most: first ${Math.round(times[0] ?? 0)} ms, median ${Math.round(median(times))} ms, most ${Math.round(Math.max(...times))} ms; ` +
      `peak ${before.peak}, after ${moves.length} moves ${after.peak}, after ${suggestions.length} suggestions ${withSuggestions.peak}`,
  );
}

async function measureApply(database: Database): Promise<void> {
  const { moves } = await readAdvice(database, SETTINGS, { ...QUESTION, maxMoves: 100 });
  const input = {
    ...QUESTION,
    dryRun: false,
    moves: moves.map(({ taskId, revision, offsetMs }) => ({ taskId, revision, offsetMs, windowMs: null })),
  };
  const applied = await timed(() => applyAdvice(database, SETTINGS, GRACE_MS, input));
  const id = String(applied.result.id);
  const undone = await timed(() => database.transaction((transaction) => undoMoves(transaction, id, GRACE_MS)));
  console.log(
    `${moves.length} moves applied in ${Math.round(applied.ms)} ms, undone in ${Math.round(undone.ms)} ms; peak ${applied.result.peakBefore} to ${applied.result.peakAfter}`,
  );
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  const startMs = performance.now();
  const result = await work();
  return { ms: performance.now() - startMs, result };
}

/** Tasks at random minutes, a share of the hourly ones at full hours, with their rows up to the horizon. */
async function fill(database: Database): Promise<number> {
  const query = (text: string, parameters: readonly unknown[] = []) =>
    database.dataSource.query<{ count: string }[]>(text, [...parameters]);
  await query(
    `insert into task_types (name, title, timeout_ms, retry, estimate_ms)
     select 'bench.' || n, 'Bench', 60000, '{"maxAttempts": 1}', 100 + 150 * n from generate_series(1, $1::integer) as n`,
    [TYPES],
  );
  await query('select ensure_partitions(now()::date, now()::date + 3)');
  await query(
    `insert into tasks (name, task_type, schedule_kind, cron_expressions, time_zone, flexible_window_ms, placement, expanded_until)
     select
       'bench ' || n, 'bench.' || (n % $2 + 1), 'cron', array[minute || ' ' || hour || ' * * *'], 'UTC',
       case when mod(n * 31, 1000) < $5::float8 * 1000 then 600000 else 0 end, 'hash', date_trunc('day', now() + interval '3 hours') + interval '1 day'
     from generate_series(1, $1::bigint) as n
     cross join lateral (
       select
         case when mod(n * 7919, 100000) < $3::float8 * 100000 then '*' else (n % 24)::text end as hour,
         case when mod(n * 7919, 100000) < $3::float8 * $4::float8 * 100000 then 0 else mod(n * 104729, 60) end as minute
     ) as at`,
    [Number(values.tasks), TYPES, Number(values.hourly), Number(values.full), Number(values.flexible)],
  );
  await query(
    `insert into task_schedule (task_id, scheduled_time, due_at, revision)
     select t.id, at, at, 1
     from tasks as t
     cross join lateral (select split_part(cron_expressions[1], ' ', 1)::integer as minute, split_part(cron_expressions[1], ' ', 2) as hour) as c
     cross join lateral generate_series(date_trunc('hour', now()), t.expanded_until, interval '1 hour') as h (start)
     cross join lateral (select h.start + c.minute * interval '1 minute' as at) as times
     where at > now() and at < t.expanded_until and (c.hour = '*' or c.hour::integer = extract(hour from at at time zone 'UTC'))`,
  );
  await query('vacuum (analyze) tasks');
  await query('vacuum (analyze) task_schedule');
  const [counted] = await query('select count(*) from task_schedule');
  return Number(counted?.count);
}

await main();
