import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { codeOf, explainFileFailure, ignoreMissing } from './file-failure.ts';
import { explainPostgresFailure, isPortTaken } from './postgres-failure.ts';
import {
  createPostgresData,
  findPostgresPlace,
  POSTGRES_USER,
  type PostgresPlace,
  postgresProcessOptions,
} from './postgres-place.ts';
import { createDatabase, waitUntilReady, wrongPasswordFile } from './postgres-readiness.ts';
import { commandLineOf, isRunning } from './running-process.ts';
import { StartError } from './start-error.ts';

const exec = promisify(execFile);

const DATABASE = 'almanac';
const LOG_LIMIT_BYTES = 10_000_000;

/** Given on the command line, so that every start has those of its own version. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '', // the path of a socket may have about 100 characters, that of a checkout has more
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  max_connections: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};

export interface EmbeddedPostgresOptions {
  /** Folder of the data, made at first use; its password and its log lie beside it. One start at a time: see Workspace. */
  readonly dataDir: string;
  /** Takes a line for the person who starts us. */
  readonly log: (line: string) => void;
  /** A free one when left out. */
  readonly port?: number;
  /** Server settings on top of ours. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres extends AsyncDisposable {
  /** Of the database `almanac`, as superuser, over loopback. */
  readonly url: string;
  /** Where the data really is; not always where it was wanted, see `findPostgresPlace`. */
  readonly dataDir: string;
  /** Of the server. */
  readonly pid: number;
  /** Resolves when the server has ended without having been asked to; never rejects. */
  readonly lost: Promise<StartError>;
}

/**
 * A real PostgreSQL for this folder. It is in a session of its own, so that Ctrl-C reaches us and not the server: we stop it last, by
 * disposing, which may be done twice. A server that a killed start left behind is stopped first, with nothing lost.
 * @throws StartError with a sentence for the person who starts us.
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const wantedDir = resolve(options.dataDir);
  try {
    const place = await findPostgresPlace(wantedDir, options.log);
    await stopLeftBehind(place, options.log);
    await createPostgresData(place);
    return await startServer(place, options);
  } catch (error) {
    throw await explainFileFailure(error, dirname(wantedDir));
  }
}

async function stopLeftBehind(place: PostgresPlace, log: (line: string) => void): Promise<void> {
  const pid = await readServerPid(place);
  if (pid === undefined || !isRunning(pid)) return; // the next server itself removes the file of a dead one
  const commandLine = await commandLineOf(pid);
  if (commandLine !== undefined && !commandLine.includes(place.dataDir)) {
    await rm(pidFileOf(place)); // the number belongs to another program by now
    return;
  }
  log('A PostgreSQL that an earlier start left behind is stopped first.');
  await stopServer(place);
}

/** Ends the clients at once and writes a checkpoint; a server that does not manage that within a minute recovers at its next start. */
async function stopServer(place: PostgresPlace): Promise<void> {
  const stop = (mode: string): Promise<unknown> =>
    exec(place.binaries.pg_ctl, ['stop', '-D', place.dataDir, '-m', mode, '-t', '60'], postgresProcessOptions(place));
  try {
    await stop('fast');
  } catch {
    const pid = await readServerPid(place);
    if (pid !== undefined && isRunning(pid)) await stop('immediate'); // else it had ended before
  }
}

async function startServer(place: PostgresPlace, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const password = (await readFile(place.passwordFile, 'utf8').catch(ignoreMissing))?.trim();
  if (password === undefined) throw wrongPasswordFile(place, 'is missing');
  for (let tries = 1; ; tries++) {
    const port = await choosePort(options.port);
    const urlOf = (database: string): string =>
      `postgres://${POSTGRES_USER}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;
    const outcome = await tryStart(place, { ...SETTINGS, ...options.settings, port: String(port) }, urlOf, options.log);
    if (outcome.kind === 'started') return outcome.server;
    if (options.port !== undefined || tries === 5 || !isPortTaken(outcome.output)) {
      throw explainPostgresFailure(outcome.output, place);
    }
  }
}

type Outcome =
  { readonly kind: 'started'; readonly server: EmbeddedPostgres } | { readonly kind: 'ended'; readonly output: string };

async function tryStart(
  place: PostgresPlace,
  settings: Readonly<Record<string, string>>,
  urlOf: (database: string) => string,
  log: (line: string) => void,
): Promise<Outcome> {
  const logFile = await openLog(place.logFile);
  try {
    const logStart = (await logFile.stat()).size;
    const server = spawn(
      place.binaries.postgres,
      ['-D', place.dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        ...postgresProcessOptions(place),
        detached: true,
        windowsHide: true,
        stdio: ['ignore', logFile.fd, logFile.fd],
      },
    );
    const ended = endOf(server);
    try {
      if (await waitUntilReady(urlOf('postgres'), ended.isOver, place, log)) {
        await createDatabase(urlOf('postgres'), DATABASE);
        return { kind: 'started', server: handleOf(server, ended, place, urlOf(DATABASE)) };
      }
    } catch (error) {
      await stopServer(place);
      throw error;
    }
    return { kind: 'ended', output: await readFrom(logFile, logStart) };
  } finally {
    await logFile.close(); // the server has its own descriptor of it
  }
}

function handleOf(server: ChildProcess, ended: ServerEnd, place: PostgresPlace, url: string): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  server.unref(); // whoever forgets to dispose still comes to an end
  return {
    url,
    dataDir: place.dataDir,
    pid: server.pid ?? 0,
    lost: new Promise((resolveLost) => {
      void ended.promise.then(() => {
        if (stopping !== undefined) return;
        resolveLost(
          new StartError(`The embedded PostgreSQL has ended by itself: ${place.logFile} says why. Start again.`),
        );
      });
    }),
    [Symbol.asyncDispose]: () => {
      server.ref();
      stopping ??= stopServer(place).then(() => ended.promise);
      return stopping;
    },
  };
}

interface ServerEnd {
  readonly promise: Promise<void>;
  /** Whether it has come. */
  readonly isOver: () => boolean;
}

function endOf(server: ChildProcess): ServerEnd {
  let over = false;
  const promise = new Promise<void>((resolveEnd) => {
    const end = (): void => {
      over = true;
      resolveEnd();
    };
    server.once('exit', end);
    server.once('error', end); // it could not even be spawned
  });
  return { promise, isOver: () => over };
}

/** @throws StartError when the port that was asked for is taken or reserved. */
async function choosePort(wanted: number | undefined): Promise<number> {
  const probe = createServer();
  try {
    return await new Promise<number>((resolvePort, reject) => {
      probe.once('error', reject);
      probe.listen(wanted ?? 0, '127.0.0.1', () => {
        const address = probe.address();
        if (typeof address === 'object' && address !== null) resolvePort(address.port);
      });
    });
  } catch (error) {
    throw new StartError(
      `Port ${wanted ?? 0} of 127.0.0.1 is not free for PostgreSQL (${String(codeOf(error))}): stop the program that uses it, or choose another port.`,
      { cause: error },
    );
  } finally {
    probe.close();
  }
}

async function openLog(file: string): Promise<FileHandle> {
  const handle = await open(file, 'a+', 0o600);
  if ((await handle.stat()).size < LOG_LIMIT_BYTES) return handle;
  await handle.close();
  await rename(file, `${file}.1`);
  return open(file, 'a+', 0o600);
}

async function readFrom(handle: FileHandle, position: number): Promise<string> {
  const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(64 * 1024), position });
  return buffer.toString('utf8', 0, bytesRead);
}

async function readServerPid(place: PostgresPlace): Promise<number | undefined> {
  const text = await readFile(pidFileOf(place), 'utf8').catch(ignoreMissing);
  const pid = Number(text?.split('\n')[0]);
  return pid > 0 ? pid : undefined;
}

function pidFileOf(place: PostgresPlace): string {
  return join(place.dataDir, 'postmaster.pid');
}
