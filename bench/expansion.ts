import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { CronExpressionParser } from 'cron-parser';

import { openEmbeddedPostgres } from '../bin/embedded-postgres.ts';
import { DAY_MS } from '../core/duration.ts';
import { expansionHorizonMs } from '../core/plan.ts';
import { cronInstantsBetween } from '../core/schedule.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { migrate } from '../db/migrate.ts';
import { createLogger } from '../runtime/logger.ts';
import { expandBatch } from '../scheduler/expander.ts';
import { cpuOfTree, median } from './fleet.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100000' },
    expressions: { type: 'string', default: '200' },
    expanders: { type: 'string', default: '1' },
    runs: { type: 'string', default: '3' },
    distinct: { type: 'string', default: '10000' },
  },
});
const ZONES = ['UTC', 'Europe/Rome', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Sao_Paulo'];
const CONFIG = { batchSize: 1_000, maxInstantsPerTask: 5_000, maxRowsPerBatch: 50_000, graceMs: 60_000 };

/** The first part: many tasks over few expressions, a whole day of rows. */
async function measureRows(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'almanac-bench-'));
  await using postgres = await openEmbeddedPostgres({ dataDir: join(dir, 'postgres'), log: () => undefined });
  try {
    await using database = await openDatabase({
      url: postgres.url,
      log: createLogger('bench', 'silent'),
      applicationName: 'almanac bench',
      poolSize: 2 + Number(values.expanders),
      statementTimeoutMs: 600_000,
    });
    await migrate(database);
    const rates: number[] = [];
    for (let run = 1; run <= Number(values.runs); run += 1) rates.push(await expandDay(database, run));
    const [tasks, expressions] = [values.tasks, values.expressions].map((text) => Number(text).toLocaleString('en'));
    console.log(
      `median of ${rates.length}: ${Math.round(median(rates)).toLocaleString('en')} rows/s ` +
        `(${tasks} tasks over ${expressions} expressions, ${values.expanders} expander(s))`,
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function expandDay(database: Database, run: number): Promise<number> {
  const untilMs = expansionHorizonMs(await readDatabaseClock(database));
  await createTasks(database, untilMs - DAY_MS);
  const startMs = performance.now();
  const startCpuMs = cpuOfTree(process.pid);
  const written = await Promise.all(Array.from({ length: Number(values.expanders) }, () => expandAll(database)));
  const seconds = (performance.now() - startMs) / 1_000;
  const rows = written.reduce((sum, count) => sum + count, 0);
  const cpuUs = ((cpuOfTree(process.pid) - startCpuMs) * 1_000) / rows;
  const [recorded] = await database.dataSource.query<{ count: string }[]>('select count(*) from task_schedule');
  if (Number(recorded?.count) !== rows) throw new Error(`${rows} rows were reported, ${recorded?.count} are there.`);
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1_024);
  console.log(
    `run ${run}: ${rows.toLocaleString('en')} rows in ${seconds.toFixed(1)} s: ${Math.round(rows / seconds).toLocaleString('en')} rows/s; ` +
      `${cpuUs.toFixed(1)} µs of CPU per row; peak memory of this process ${peakMiB} MiB`,
  );
  return rows / seconds;
}

async function expandAll(database: Database): Promise<number> {
  let rows = 0;
  for (let more = true; more;) {
    const report = await expandBatch(database, CONFIG);
    rows += report.written;
    more = report.more;
  }
  return rows;
}

/** Half of the tasks run each 15 minutes, a quarter each 30, an eighth each hour, the others a few times a day, all at odd minutes. */
async function createTasks(database: Database, watermarkMs: number): Promise<void> {
  const query = (text: string, parameters: readonly unknown[] = []) =>
    database.dataSource.query<unknown[]>(text, [...parameters]);
  await query('truncate tasks, task_schedule restart identity cascade');
  await query(
    `insert into task_types (name, title, timeout_ms, retry, estimate_ms) values ('bench.noop', 'Nothing', 1000, '{"maxAttempts": 1}', 1)
     on conflict do nothing`,
  );
  const count = Number(values.expressions);
  const expressions = Array.from({ length: count }, (_, index) => {
    const minute = index % 15;
    const place = (index % 16) / 16;
    if (place < 0.5) return `${minute}-59/15 * * * *`;
    if (place < 0.75) return `${minute}-59/30 * * * *`;
    return place < 0.875 ? `${minute} * * * *` : `${minute} ${index % 24},${(index + 7) % 24} * * *`;
  });
  await query(
    `insert into tasks (name, task_type, schedule_kind, cron_expressions, time_zone, misfire_policy, expanded_until)
     select 'bench ' || n, 'bench.noop', 'cron', array[($1::text[])[n % $2 + 1]], ($3::text[])[n % $2 / 16 % cardinality($3) + 1], 'all',
       to_timestamp($4::float8 / 1000)
     from generate_series(1, $5::integer) as n`,
    [expressions, count, ZONES, watermarkMs, Number(values.tasks)],
  );
  await query('select ensure_partitions(($1::timestamptz)::date, ($1::timestamptz)::date + 2)', [
    new Date(watermarkMs),
  ]);
  await query('vacuum (analyze) tasks');
  await query('checkpoint');
}

/** The second part: as many expressions as instants are asked of them, against the package that others use as it is. */
function measureExpressions(): void {
  const fromMs = Date.parse('2026-06-15T00:00:00Z'); // no clock changes on this day, so both mean the same instants
  const untilMs = fromMs + DAY_MS;
  const zones = Intl.supportedValuesOf('timeZone');
  const all = Array.from({ length: Number(values.distinct) }, (_, index) => ({
    expression: `${index % 60} ${Math.floor(index / 60) % 60} ${[...new Set([index % 24, (index * 7) % 24, (index * 5 + 3) % 24])].sort((a, b) => a - b).join(',')} * * *`,
    timeZone: zones[index % zones.length] ?? 'UTC',
  }));
  const startMs = performance.now();
  const ours = all.map(({ expression, timeZone }) =>
    cronInstantsBetween(
      { expressions: [expression], timeZone, dst: { gap: 'shift', repeat: 'first' } },
      fromMs,
      untilMs,
      10_000,
    ),
  );
  const oursMs = performance.now() - startMs;
  const theirs = all.map(({ expression, timeZone }) => theirInstants(expression, timeZone, fromMs, untilMs));
  const theirsMs = performance.now() - startMs - oursMs;
  const different = all.filter((_, index) => ours[index]?.join() !== theirs[index]?.join());
  const instants = ours.reduce((sum, list) => sum + list.length, 0);
  console.log(
    `${all.length.toLocaleString('en')} expressions with time zones, ${instants.toLocaleString('en')} instants, ${different.length} different: ` +
      `${Math.round(oursMs)} ms against ${Math.round(theirsMs)} ms of cron-parser, ${(theirsMs / oursMs).toFixed(1)} times as fast`,
  );
  for (const { expression, timeZone } of different.slice(0, 5))
    console.log(`  different: ${expression} in ${timeZone}`);
}

function theirInstants(expression: string, timeZone: string, fromMs: number, untilMs: number): number[] {
  const found: number[] = [];
  const parsed = CronExpressionParser.parse(expression, { currentDate: new Date(fromMs - 1), tz: timeZone });
  for (let atMs = parsed.next().getTime(); atMs < untilMs; atMs = parsed.next().getTime()) found.push(atMs);
  return found;
}

if (Number(values.runs) > 0) await measureRows();
measureExpressions();
