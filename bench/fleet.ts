import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import pg from 'pg';

import { openEmbeddedPostgres } from '../bin/embedded-postgres.ts';
import { Disposables } from '../runtime/disposables.ts';
import { startRabbitMq } from '../test/support/rabbitmq.ts';

const PROGRAM = fileURLToPath(new URL('../bin/almanac.js', import.meta.url));
const HANDLERS = fileURLToPath(new URL('./handlers.js', import.meta.url));

/** Real servers of the bench's own, and the services as processes on them. */
export interface Fleet extends AsyncDisposable {
  readonly database: pg.Client;
  start(service: string, count: number): Promise<void>;
  stopAll(): Promise<void>;
  /** What the handlers themselves have seen: `[occurrence id, lateness in ms]`. */
  readLedger(): [string, number][];
  clearLedger(): void;
  /** CPU time used so far by each part, in ms. */
  readCpu(): Readonly<Record<'postgres' | 'rabbitmq' | 'services', number>>;
}

export async function openFleet(settings: Readonly<Record<string, string>>): Promise<Fleet> {
  const opened = new Disposables();
  const dir = mkdtempSync(join(tmpdir(), 'almanac-bench-'));
  opened.use({
    [Symbol.asyncDispose]: () => {
      rmSync(dir, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
  const postgres = opened.use(await openEmbeddedPostgres({ dataDir: join(dir, 'postgres'), log: () => undefined }));
  const rabbit = opened.use(await startRabbitMq());
  const env = {
    ...process.env,
    ...settings,
    DATABASE_URL: postgres.url,
    AMQP_URL: rabbit.url,
    ALMANAC_HANDLERS: HANDLERS,
    ALMANAC_LOG_LEVEL: process.env.ALMANAC_LOG_LEVEL ?? 'warn',
    BENCH_LEDGER: join(dir, 'ledger'),
  };
  const run = (service: string): ChildProcess =>
    spawn(
      process.execPath,
      [...(process.env.BENCH_NODE_FLAGS?.split(' ') ?? []), '--enable-source-maps', PROGRAM, service],
      { env, stdio: ['ignore', 'inherit', 'inherit'] },
    );
  const migrate = run('migrate');
  await once(migrate, 'exit');

  const database = new pg.Client({ connectionString: postgres.url });
  await database.connect();
  opened.use({ [Symbol.asyncDispose]: () => database.end() });
  const children = new Set<ChildProcess>();
  const ledgers = () => readdirSync(dir).filter((file) => file.startsWith('ledger.'));
  const fleet: Fleet = {
    database,
    async start(service, count) {
      for (let index = 0; index < count; index += 1) children.add(run(service));
      await waitFor(
        async () => (await countOf(database, `select count(*) from replicas where service = '${service}'`)) >= count,
      );
    },
    async stopAll() {
      const ended = [...children].map((child) => once(child, 'exit'));
      for (const child of children) child.kill('SIGTERM');
      await Promise.all(ended);
      children.clear();
    },
    readLedger: () =>
      ledgers()
        .flatMap((file) => readFileSync(join(dir, file), 'utf8').split('\n'))
        .filter((line) => line !== '')
        .map((line): [string, number] => {
          const [id = '', lateness] = line.split(' ');
          return [id, Number(lateness)];
        }),
    clearLedger: () => ledgers().forEach((file) => rmSync(join(dir, file))),
    readCpu: () => ({
      postgres: cpuOfTree(postgres.pid),
      rabbitmq: cpuOfTree(rabbit.pid ?? 0),
      services: [...children].reduce((sum, child) => sum + cpuOfTree(child.pid ?? 0), 0),
    }),
    async [Symbol.asyncDispose]() {
      await fleet.stopAll();
      await opened[Symbol.asyncDispose]();
    },
  };
  return fleet;
}

export async function countOf(database: pg.Client, query: string): Promise<number> {
  const { rows } = await database.query<{ count: string }>(query);
  return Number(rows[0]?.count);
}

export async function waitFor(condition: () => Promise<boolean>, deadlineMs = 120_000): Promise<void> {
  const giveUpMs = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > giveUpMs) throw new Error('The bench waited too long.');
    await sleep(100);
  }
}

/** Fresh tasks, one per occurrence, as a lab's midnight has them. Answers nothing; their rows come with `plan`. */
export async function createTasks(database: pg.Client, count: number): Promise<void> {
  await database.query(
    'truncate tasks, task_schedule, task_runs, dispatch_batches, running_tasks, waiting_occurrences restart identity cascade',
  );
  // The time between two runs is no outage after which the misfire policies would have their say.
  await database.query("update distribution set alive_at = null, catch_up_before = '-infinity'");
  await database.query(
    `insert into tasks (name, task_type, schedule_kind) select 'bench ' || n, 'bench.noop', 'immediate' from generate_series(1, ${count}) as n`,
  );
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** User and system time of a process and its living descendants, in ms; a clock tick of Linux is 10 ms. */
export function cpuOfTree(root: number): number {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
        return { pid: Number(name), parent: Number(fields[1]), ms: (Number(fields[11]) + Number(fields[12])) * 10 };
      } catch {
        return undefined; // ended meanwhile
      }
    })
    .filter((stat) => stat !== undefined);
  const sum = (pid: number): number =>
    stats
      .filter((stat) => stat.parent === pid)
      .reduce((total, child) => total + sum(child.pid), stats.find((stat) => stat.pid === pid)?.ms ?? 0);
  return sum(root);
}
