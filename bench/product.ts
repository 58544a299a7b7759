import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import pg from 'pg';

import { openEmbeddedPostgres } from '../bin/embedded-postgres.ts';
import { Disposables } from '../runtime/disposables.ts';
import { startRabbitMq } from '../test/support/rabbitmq.ts';

const PROGRAM = fileURLToPath(new URL('../bin/almanac.js', import.meta.url));
const HANDLERS = fileURLToPath(new URL('./peak-handlers.js', import.meta.url));

/** The workers at one moment, on the database's clock. */
export interface WorkerSample {
  readonly atMs: number;
  readonly ready: number;
  readonly busy: number;
  /** Those told to stop that are not gone yet, and what each still runs. */
  readonly draining: readonly { readonly id: string; readonly running: number }[];
}

export interface RecordedRun {
  readonly taskType: string;
  readonly dueMs: number;
  readonly startedMs: number;
  readonly attempt: number;
  readonly outcome: string;
}

/** `almanac start` as a process, on a PostgreSQL and a RabbitMQ of the bench's own; its workers are processes of their own. */
export interface Product extends AsyncDisposable {
  look(): Promise<WorkerSample>;
  createTask(task: object): Promise<void>;
  /** Looks again and again until then. */
  watch(untilMs: number, periodMs: number): Promise<WorkerSample[]>;
  /** Occurrences that fell due before then and have not ended. */
  readOpen(untilMs: number): Promise<number>;
  /** Attempts that fell due in between. */
  readRuns(fromMs: number, untilMs: number): Promise<RecordedRun[]>;
  /** What the autoscaler planned, each time that it looked. */
  readPlanned(fromMs: number, untilMs: number): Promise<{ readonly atMs: number; readonly planned: number }[]>;
}

export async function openProduct(): Promise<Product> {
  const opened = new Disposables();
  try {
    return await open(opened);
  } catch (error) {
    await opened[Symbol.asyncDispose](); // no server is left behind
    throw error;
  }
}

async function open(opened: Disposables): Promise<Product> {
  const dir = mkdtempSync(join(tmpdir(), 'almanac-bench-'));
  opened.use({
    [Symbol.asyncDispose]: () => {
      rmSync(dir, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
  const postgres = opened.use(await openEmbeddedPostgres({ dataDir: join(dir, 'postgres'), log: () => undefined }));
  const rabbit = opened.use(await startRabbitMq());
  const program = spawn(process.execPath, ['--enable-source-maps', PROGRAM, 'start', '--no-examples'], {
    env: {
      ...process.env,
      DATABASE_URL: postgres.url,
      AMQP_URL: rabbit.url,
      ALMANAC_DATA_DIR: join(dir, 'data'),
      ALMANAC_PORT: '0',
      ALMANAC_HANDLERS: HANDLERS,
      ALMANAC_LOG_LEVEL: process.env.ALMANAC_LOG_LEVEL ?? 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  opened.use({
    async [Symbol.asyncDispose]() {
      if (program.exitCode !== null) return;
      const ended = once(program, 'exit');
      program.kill('SIGTERM');
      await ended;
    },
  });
  const url = await readUrl(program.stdout);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  opened.use({ [Symbol.asyncDispose]: () => client.end() });
  const rowsOf = async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await client.query<Row>(text, [...values])).rows;
  const sample = async (): Promise<WorkerSample> => {
    const [row] = await rowsOf<{ at_ms: string; ready: number; busy: number; draining: WorkerSample['draining'] }>(
      SAMPLE,
    );
    return {
      atMs: Number(row?.at_ms),
      ready: row?.ready ?? 0,
      busy: row?.busy ?? 0,
      draining: row?.draining ?? [],
    };
  };
  return {
    look: sample,
    async createTask(task) {
      const answer = await fetch(`${url}/api/v1/tasks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(task),
      });
      if (answer.status !== 201) throw new Error(`A task was refused: ${await answer.text()}`);
    },
    async watch(untilMs, periodMs) {
      const samples: WorkerSample[] = [];
      for (;;) {
        const seen = await sample();
        if (seen.atMs >= untilMs) return samples;
        samples.push(seen);
        await sleep(periodMs);
      }
    },
    async readOpen(untilMs) {
      const [row] = await rowsOf<{ open: number }>(OPEN, [untilMs]);
      return row?.open ?? 0;
    },
    async readRuns(fromMs, untilMs) {
      const rows = await rowsOf<
        Record<'due_ms' | 'started_ms', string> & Record<'task_type' | 'outcome', string> & { attempt: number }
      >(RUNS, [fromMs, untilMs]);
      return rows.map((row) => ({
        taskType: row.task_type,
        dueMs: Number(row.due_ms),
        startedMs: Number(row.started_ms),
        attempt: row.attempt,
        outcome: row.outcome,
      }));
    },
    async readPlanned(fromMs, untilMs) {
      const rows = await rowsOf<{ at_ms: string; planned: number }>(PLANNED, [fromMs, untilMs]);
      return rows.map((row) => ({ atMs: Number(row.at_ms), planned: row.planned }));
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

async function readUrl(output: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of output) {
    text += chunk.toString();
    const url = /Almanac is running: +(http\S+)/.exec(text)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`The product did not start:\n${text}`);
}

const SAMPLE = `
with workers as (
  select r.id, r.status, (select count(*) from running_tasks as k where k.locked_by = r.id)::integer as running
  from replicas as r
  where r.service = 'processor'
)
select
  (extract(epoch from clock_timestamp()) * 1000)::bigint as at_ms,
  count(*) filter (where status = 'ready')::integer as ready,
  count(*) filter (where status = 'ready' and running > 0)::integer as busy,
  coalesce(
    json_agg(json_build_object('id', id::text, 'running', running)) filter (where status = 'draining'), '[]'
  ) as draining
from workers`;

const OPEN = `
select count(*)::integer as open
from task_schedule
where scheduled_time < to_timestamp($1::float8 / 1000) and status in ('Scheduled', 'Queued', 'Running')`;

const RUNS = `
select
  t.task_type,
  (extract(epoch from r.due_at) * 1000)::bigint as due_ms,
  (extract(epoch from r.started_at) * 1000)::bigint as started_ms,
  r.attempt,
  r.outcome::text as outcome
from task_runs as r
join tasks as t on t.id = r.task_id
where r.due_at >= to_timestamp($1::float8 / 1000) and r.due_at < to_timestamp($2::float8 / 1000)`;

const PLANNED = `
select (extract(epoch from at) * 1000)::bigint as at_ms, planned_instances as planned
from capacity_samples
where at >= to_timestamp($1::float8 / 1000) and at < to_timestamp($2::float8 / 1000) and planned_instances is not null
order by at`;
