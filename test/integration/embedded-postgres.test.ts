import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import pg from 'pg';

import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../bin/embedded-postgres.ts';
import { isRunning } from '../../bin/running-process.ts';
import { StartError } from '../../bin/start-error.ts';

const CHILD = fileURLToPath(new URL('../support/embedded-postgres-child.js', import.meta.url));
const isRoot = process.getuid?.() === 0;

describe('the embedded PostgreSQL', () => {
  let dir: string;
  let dataDir: string;
  const lines: string[] = [];
  const open = (port?: number): Promise<EmbeddedPostgres> =>
    openEmbeddedPostgres({ dataDir, log: (line) => lines.push(line), ...(port === undefined ? {} : { port }) });

  beforeEach(async () => {
    lines.length = 0;
    dir = await mkdtemp(join(tmpdir(), 'almanac-embedded-'));
    await chmod(dir, 0o711);
    dataDir = join(dir, 'postgres');
  });
  afterEach(() => rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));

  it('keeps its data from one start to the next, and stops when disposed', async () => {
    const first = await open();
    await query(first.url, 'create table kept (value text)');
    await query(first.url, `insert into kept values ('Grüße, 試験')`);
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    assert.equal(isRunning(first.pid), false);

    await using second = await open();
    assert.deepEqual(await query(second.url, 'select value from kept'), [{ value: 'Grüße, 試験' }]);
    assert.deepEqual(await query(second.url, 'show timezone'), [{ TimeZone: 'UTC' }]);
    assert.deepEqual(await query(second.url, 'show data_checksums'), [{ data_checksums: 'on' }]);
    assert.deepEqual(lines, []);
  });

  it('demands the password, which only its owner may read', async () => {
    await using postgres = await open();
    const url = new URL(postgres.url);
    url.password = 'guessed';
    await assert.rejects(query(url.href, 'select 1'), { code: '28P01' });
    assert.equal((await stat(`${dataDir}.password`)).mode & 0o077, 0);
  });

  it('is out of reach of a Ctrl-C in our terminal', async function () {
    if (process.platform === 'win32') this.skip();
    await using postgres = await open();
    assert.notEqual(groupOf(postgres.pid), groupOf(process.pid));
  });

  it('says so when it ends without having been asked to', async () => {
    const postgres = await open();
    process.kill(postgres.pid, 'SIGQUIT');
    assert.match((await postgres.lost).message, /has ended by itself/);
    await postgres[Symbol.asyncDispose]();
  });

  it('starts again, with everything that was committed, after a kill -9 of whoever started it', async () => {
    const { child, answer } = await startChild(dataDir);
    await query(answer.url, 'create table kept as select 7 as value');
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(isRunning(answer.pid), true, 'the server is left behind');

    await using postgres = await open();
    assert.deepEqual(await query(postgres.url, 'select value from kept'), [{ value: 7 }]);
    assert.equal(isRunning(answer.pid), false);
    assert.match(lines.join(), /left behind/);
  });

  it('starts again after a kill -9 of the server itself', async () => {
    const first = await open();
    await query(first.url, 'create table kept as select 7 as value');
    process.kill(first.pid, 'SIGKILL');
    await first.lost;

    await using second = await open();
    assert.deepEqual(await query(second.url, 'select value from kept'), [{ value: 7 }]);
  });

  it('does not take another program that has the old process id by now for the server', async () => {
    const first = await open();
    await first[Symbol.asyncDispose]();
    await writeFile(join(dataDir, 'postmaster.pid'), `${process.pid}\n${dataDir}\n`);
    await using second = await open();
    assert.notEqual(second.pid, first.pid);
  });

  it('throws away what an interrupted first start left half made', async () => {
    await mkdir(join(dir, 'postgres.new'));
    await writeFile(join(dir, 'postgres.new', 'PG_VERSION'), '18');
    await using postgres = await open();
    assert.deepEqual(await query(postgres.url, 'select 1 as one'), [{ one: 1 }]);
  });

  it('says which port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    assert.ok(typeof address === 'object' && address !== null);
    await assert.rejects(open(address.port), (error: unknown) => {
      assert.ok(error instanceof StartError);
      assert.match(error.message, new RegExp(`Port ${address.port} .* is not free`));
      return true;
    });
    other.close();
  });

  it('says so when the password file is gone, or is not the one of this data', async () => {
    const first = await open();
    await first[Symbol.asyncDispose]();
    await rename(`${dataDir}.password`, `${dataDir}.elsewhere`);
    await assert.rejects(open(), /password file .* is missing/);
    await writeFile(`${dataDir}.password`, 'another');
    await assert.rejects(open(), /password file .* does not fit/);
    assert.equal(await serverOf(dataDir), undefined, 'no server is left running');
    await rename(`${dataDir}.elsewhere`, `${dataDir}.password`);
    await using again = await open();
    assert.ok(isRunning(again.pid));
  });

  it('says so when the disk is full', async function () {
    const small = join(dir, 'small');
    await mkdir(small);
    if (!mountTmpfs(small, '12m')) this.skip();
    try {
      await assert.rejects(
        openEmbeddedPostgres({ dataDir: join(small, 'postgres'), log: () => undefined }),
        (error: unknown) => error instanceof StartError && /The disk that holds .* is full/.test(error.message),
      );
    } finally {
      execFileSync('umount', [small]);
    }
  });

  it('says so when the folder may not be written', async function () {
    if (process.platform === 'win32' || (isRoot && !mayRead(nobody(), CHILD))) this.skip();
    const closed = join(dir, 'closed');
    await mkdir(closed, { mode: 0o555 });
    const { answer } = await startChild(join(closed, 'inside', 'postgres'), isRoot ? nobody() : undefined);
    assert.match(answer.error, /may not write in/);
  });

  describe('started by root', () => {
    before(function () {
      if (!isRoot) this.skip();
    });

    it('runs as an unprivileged user, who owns the data', async () => {
      await using postgres = await open();
      assert.equal((await stat(dataDir)).uid, Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' })));
      assert.notEqual((await stat(`/proc/${postgres.pid}`)).uid, 0);
    });

    it('keeps the data elsewhere, and says where, when that user may not enter the folder', async () => {
      await chmod(dir, 0o700);
      const postgres = await open();
      const elsewhere = / the data is in (.*)\.$/.exec(lines.join())?.[1];
      assert.ok(elsewhere !== undefined);
      assert.equal(postgres.dataDir, elsewhere);
      try {
        await query(postgres.url, 'create table kept as select 7 as value');
        await postgres[Symbol.asyncDispose]();
        await using again = await open();
        assert.deepEqual(await query(again.url, 'select value from kept'), [{ value: 7 }]);
      } finally {
        await postgres[Symbol.asyncDispose]();
        await rm(dirname(elsewhere), { recursive: true, force: true });
      }
    });

    it('serves the data of an ordinary user as that user, and leaves it usable for them', async function () {
      const user = nobody();
      if (!mayRead(user, CHILD)) this.skip(); // a checkout that only root may enter is none that an ordinary user starts
      await chown(dir, user.uid, user.gid);
      const first = await startChild(dataDir, user);
      if (first.answer.error !== '') throw new Error(first.answer.error);
      assert.equal((await stat(`/proc/${first.answer.pid}`)).uid, user.uid);
      await query(first.answer.url, 'create table kept as select 7 as value');
      first.child.kill('SIGKILL');
      await once(first.child, 'exit');

      const byRoot = await open();
      assert.equal((await stat(`/proc/${byRoot.pid}`)).uid, user.uid);
      await byRoot[Symbol.asyncDispose]();

      const third = await startChild(dataDir, user);
      assert.deepEqual(await query(third.answer.url, 'select value from kept'), [{ value: 7 }]);
      third.child.kill('SIGKILL');
      await using last = await open();
      assert.ok(isRunning(last.pid));
    });
  });
});

interface Answer {
  readonly url: string;
  readonly pid: number;
  readonly error: string;
}

async function startChild(dataDir: string, user?: Account): Promise<{ child: ChildProcess; answer: Answer }> {
  const child = spawn(await nodeFor(user), [CHILD, dataDir], {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, answer: { url: '', pid: 0, error: '', ...(JSON.parse(line) as Partial<Answer>) } };
  }
  throw new Error('The child ended without a word.');
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

function mayRead(user: Account, file: string): boolean {
  return spawnSync('/usr/bin/test', ['-r', file], { ...user, cwd: '/' }).status === 0;
}

/** The program that runs this test may lie where another user can not go; then a copy does. */
async function nodeFor(user: Account | undefined): Promise<string> {
  if (user === undefined || mayRead(user, process.execPath)) return process.execPath;
  const copy = join(tmpdir(), `almanac-node-${process.pid}`);
  if (!existsSync(copy)) {
    await copyFile(process.execPath, copy);
    await chmod(copy, 0o755);
    process.once('exit', () => rmSync(copy, { force: true }));
  }
  return copy;
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function serverOf(dataDir: string): Promise<boolean | undefined> {
  return stat(join(dataDir, 'postmaster.pid')).then(
    () => true,
    () => undefined,
  );
}

function groupOf(pid: number): string {
  return execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }).trim();
}

function nobody(): Account {
  const number = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: number('-u'), gid: number('-g') };
}

function mountTmpfs(dir: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // not root, or not allowed in this container
  }
}
