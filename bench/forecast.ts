import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { TaskInput } from '../api/contract/task.ts';
import { toDefinition } from '../api/task-mapping.ts';
import { openEmbeddedPostgres } from '../bin/embedded-postgres.ts';
import type { PlanRow } from '../core/demand-table.ts';
import { HOUR_MS, SECOND_MS } from '../core/duration.ts';
import { PLAN_MODES, planFleet, type PlanMode } from '../core/fleet-plan.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { compactDemand, readDemand } from '../db/demand-store.ts';
import { migrate } from '../db/migrate.ts';
import { createTaskStore } from '../db/task-store.ts';
import { createLogger } from '../runtime/logger.ts';
import { cpuOfTree, median } from './fleet.ts';
import { expand, fill, FORECAST_HOURS, forgetOverdue } from './forecast-fill.ts';

const { values } = parseArgs({
  options: {
    /** Occurrences in the three hours, and how long read and plan may take together (ms): one bar for each. */
    rows: { type: 'string', default: '1000000,18000000' },
    bars: { type: 'string', default: '400,1500' },
    /** Up to so many rows are written by the expander. */
    expanded: { type: 'string', default: '1000000' },
    /** How quickly they are written at least: what is over before all are there is lost. */
    'fill-rate': { type: 'string', default: '20000' },
    runs: { type: 'string', default: '7' },
  },
});

const SETTINGS = {
  slotsPerReplica: 4,
  minReplicas: 1,
  maxReplicas: 2_000,
  leadTimeMs: 15_000,
  tailMs: 10_000,
  closingMs: 60_000,
};
const number = (value: number): string => Math.round(value).toLocaleString('en');
const mib = (bytes: number): string => `${number(bytes / 2 ** 20)} MiB`;

/** How long the plan of the coming three hours takes, from SQL to the array of replicas. Answers whether all were fast enough. */
async function main(): Promise<boolean> {
  const sizes = values.rows.split(',').map(Number);
  const bars = values.bars.split(',').map(Number);
  let isFastEnough = true;
  for (const [place, rows] of sizes.entries()) {
    const dir = mkdtempSync(join(tmpdir(), 'almanac-bench-'));
    let dataDir: string | undefined;
    try {
      await using postgres = await openEmbeddedPostgres({ dataDir: join(dir, 'postgres'), log: () => undefined });
      dataDir = postgres.dataDir; // root's is somewhere else
      await using database = await openDatabase({
        url: postgres.url,
        log: createLogger('bench', 'silent'),
        applicationName: 'almanac bench',
        poolSize: 4,
        statementTimeoutMs: 600_000,
      });
      await migrate(database);
      isFastEnough = (await measure(database, rows, bars[place] ?? Infinity)) && isFastEnough;
    } finally {
      for (const made of [dir, ...(dataDir === undefined ? [] : [dataDir])])
        rmSync(made, { recursive: true, force: true });
    }
  }
  return isFastEnough;
}

async function measure(database: Database, wanted: number, barMs: number): Promise<boolean> {
  const filled = await fill(database, wanted, {
    expandedRows: Number(values.expanded),
    rowsPerSecond: Number(values['fill-rate']),
  });
  console.log(
    `\n${number(filled.rows)} occurrences, about ${number(wanted)} of them in the coming ${FORECAST_HOURS} hours, written by ${filled.by} in ${number(filled.seconds)} s`,
  );
  console.log(
    `before compaction: ${await sizeOf(database)}; ${tell(await timesOf(database, () => read(database), 3))}`,
  );
  await compact(database);
  console.log(`after compaction:  ${await sizeOf(database)}`);
  await check(database);

  const reads = await timesOf(database, () => read(database));
  console.log(`SQL to rows: ${tell(reads)}`);
  const rows = await read(database);
  console.log(`${number(rows.length)} rows of second, type and priority`);
  const together = new Map<PlanMode, Times>();
  for (const mode of PLAN_MODES) {
    const plans = await timesOf(database, () => Promise.resolve(plan(rows, mode)));
    const both = await timesOf(database, async () => plan(await read(database), mode));
    together.set(mode, both);
    console.log(`${mode}: plan alone ${tell(plans)}; SQL to array ${tell(both)}`);
  }
  await changeOne(database);
  tellMemory();
  const inFormulaMode = median(together.get('formula')?.others ?? []);
  const isFastEnough = inFormulaMode <= barMs;
  console.log(`${isFastEnough ? 'ok' : 'TOO SLOW'}: ${number(inFormulaMode)} ms of ${number(barMs)} ms allowed`);
  return isFastEnough;
}

/** From the second of now on. */
function spanOfNow() {
  return { fromMs: Math.floor(Date.now() / SECOND_MS) * SECOND_MS, seconds: (FORECAST_HOURS * HOUR_MS) / SECOND_MS };
}

function read(database: Database): Promise<PlanRow[]> {
  return readDemand(database, 'default', { untilMs: spanOfNow().fromMs + FORECAST_HOURS * HOUR_MS });
}

function plan(rows: readonly PlanRow[], mode: PlanMode): readonly number[] {
  return planFleet(rows, spanOfNow(), { ...SETTINGS, mode }).planned;
}

interface Times {
  /** Elapsed ms: the first run, which is cold, and those after it. */
  readonly first: number;
  readonly others: readonly number[];
  /** CPU time of one run, of this process and PostgreSQL together, on average: the sturdier figure on a busy machine. */
  readonly cpuMs: number;
}

async function timesOf(
  database: Database,
  work: (run: number) => Promise<unknown>,
  runs = Number(values.runs),
): Promise<Times> {
  await forgetOverdue(database);
  const time = async (run: number): Promise<number> => {
    const startMs = performance.now();
    await work(run);
    return performance.now() - startMs;
  };
  const first = await time(0);
  const cpuMs = cpuOfTree(process.pid);
  const others: number[] = [];
  for (let run = 1; run <= runs; run += 1) others.push(await time(run));
  return { first, others, cpuMs: (cpuOfTree(process.pid) - cpuMs) / runs };
}

function tell({ first, others, cpuMs }: Times): string {
  return `${number(median(others))} ms (median of ${others.length}, most ${number(Math.max(...others))}, the first ${number(first)}; CPU ${number(cpuMs)} ms)`;
}

async function compact(database: Database): Promise<void> {
  const times: number[] = [];
  for (let more = true; more;) {
    const startMs = performance.now();
    more = await compactDemand(database);
    times.push(performance.now() - startMs);
  }
  const all = times.reduce((sum, time) => sum + time, 0);
  console.log(`compaction: ${number(all)} ms in ${times.length} turns, the longest ${number(Math.max(...times))} ms`);
}

/** The rollup has all of what was written, and the old way to read it, for comparison. */
async function check(database: Database): Promise<void> {
  const { fromMs } = spanOfNow();
  const startMs = performance.now();
  const [counted] = await database.dataSource.query<{ count: string; seconds: string }[]>(
    `select sum(count) as count, count(*) as seconds from (
       select date_trunc('second', s.due_at), t.task_type, t.priority, count(*) as count
       from task_schedule as s join tasks as t on t.id = s.task_id
       where s.due_at < to_timestamp($1::float8 / 1000)
       group by 1, 2, 3
     ) as row`,
    [fromMs + FORECAST_HOURS * HOUR_MS],
  );
  const scanMs = performance.now() - startMs;
  const rows = await readDemand(database, 'default', { untilMs: fromMs + FORECAST_HOURS * HOUR_MS });
  const sum = rows.reduce((total, { count }) => total + count, 0);
  if (String(sum) !== counted?.count)
    throw new Error(`The rollup has ${sum} occurrences, the table ${counted?.count}.`);
  console.log(`the same from the rows themselves, without the rollup: ${number(scanMs)} ms`);
}

/** What it costs when somebody edits one task: its rows are written anew, and the plan is made from everything again. */
async function changeOne(database: Database): Promise<void> {
  const store = createTaskStore(database);
  const edits = await timesOf(database, async (run) => {
    const input = TaskInput.parse({
      name: `edit ${run}`,
      taskType: 'bench.3',
      schedule: {
        kind: 'cron',
        expressions: [`${run} */5 * * * *`],
        timeZone: 'UTC',
        endsAt: new Date(Date.now() + FORECAST_HOURS * HOUR_MS).toISOString(),
      },
    });
    await store.replace(String(run + 1), toDefinition(input), null);
    await expand(database);
  });
  const plans = await timesOf(database, async () => plan(await read(database), 'formula'));
  console.log(`one task is edited and expanded anew: ${tell(edits)}; the plan after it, from SQL on: ${tell(plans)}`);
}

async function sizeOf(database: Database): Promise<string> {
  const [size] = await database.dataSource.query<{ rows: string; entries: string; bytes: string; schedule: string }[]>(
    `select count(*) as rows, coalesce(sum(cardinality(seconds)), 0) as entries, pg_total_relation_size('demand_ahead') as bytes,
       (select sum(pg_total_relation_size(relid)) from pg_partition_tree('task_schedule')) as schedule
     from demand_ahead`,
  );
  const [rows, entries] = [Number(size?.rows), Number(size?.entries)];
  return (
    `the rollup has ${number(rows)} rows with ${number(entries)} entries, ${mib(Number(size?.bytes))} ` +
    `beside ${mib(Number(size?.schedule))} of occurrences`
  );
}

function tellMemory(): void {
  const { heapUsed, rss } = process.memoryUsage();
  const peak = process.resourceUsage().maxRSS * 1_024;
  console.log(`memory of this process: heap ${mib(heapUsed)}, resident ${mib(rss)}, at its peak ${mib(peak)}`);
}

process.exitCode = (await main()) ? 0 : 1;
