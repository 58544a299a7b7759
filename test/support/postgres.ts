import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';

import { openEmbeddedPostgres } from '../../bin/embedded-postgres.ts';
import { commandLineOf, isRunning } from '../../bin/running-process.ts';

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Ends whatever is still connected to it. */
  drop(): Promise<void>;
}

export interface TestPostgres extends AsyncDisposable {
  /** Of the maintenance database. */
  readonly url: string;
  /** An empty database of the test's own. */
  createDatabase(): Promise<TestDatabase>;
  /** A copy of the database `template`, to which nobody may be connected meanwhile. */
  cloneDatabase(template: string): Promise<TestDatabase>;
}

/**
 * The one PostgreSQL of this mocha process: started on first use, stopped when the process ends. Disposing does nothing, so that every
 * file may write `await using`. Data survives neither a crash nor the process: fsync is off.
 */
export function startPostgres(): Promise<TestPostgres> {
  server ??= start();
  return server;
}

let server: Promise<TestPostgres> | undefined;
const PREFIX = 'almanac-test-postgres-';

async function start(): Promise<TestPostgres> {
  await removeLeftBehind();
  const dir = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  chmodSync(dir, 0o711); // root's server runs as another user
  const postgres = await openEmbeddedPostgres({
    dataDir: join(dir, 'data'),
    log: () => undefined,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '128MB' },
  });
  process.once('exit', () => remove(dir, postgres.pid));

  const create = async (template: string): Promise<TestDatabase> => {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await run(postgres.url, `create database ${name} template ${pg.escapeIdentifier(template)}`);
    const url = new URL(postgres.url);
    url.pathname = `/${name}`;
    return { name, url: url.href, drop: () => run(postgres.url, `drop database if exists ${name} with (force)`) };
  };
  return {
    url: postgres.url,
    createDatabase: () => create('template0'),
    cloneDatabase: create,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** What a mocha process that was killed could not remove itself. */
async function removeLeftBehind(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const dir = join(tmpdir(), name);
    if (isRunning(Number(name.slice(PREFIX.length).split('-')[0]))) continue;
    const pid = Number((await readFile(join(dir, 'data', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]);
    const isOurs = pid > 0 && ((await commandLineOf(pid))?.includes(dir) ?? false);
    remove(dir, isOurs ? pid : undefined);
  }
}

/** Synchronous, because it runs while the process exits. Nothing in the data is worth an orderly stop. */
function remove(dir: string, serverPid: number | undefined): void {
  try {
    if (serverPid !== undefined) process.kill(serverPid, 'SIGQUIT');
  } catch {
    // gone already
  }
  try {
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  } catch {
    // another user's, or the server still writes its last file: the next run tries again
  }
}
