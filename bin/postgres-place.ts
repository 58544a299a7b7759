import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chown, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { ignoreMissing } from './file-failure.ts';
import { findPostgresAccount, mayEnter, type PostgresAccount } from './postgres-account.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { explainPostgresFailure } from './postgres-failure.ts';

const exec = promisify(execFile);

/** The one role, a superuser; its password is in `passwordFile`. */
export const POSTGRES_USER = 'almanac';

/** Where root keeps what the server's user can not reach inside the checkout. */
const SHARED_DIR = '/var/lib/almanac';

/** Where the data of one embedded PostgreSQL lies, who serves it, and with which programs. */
export interface PostgresPlace {
  readonly dataDir: string;
  readonly passwordFile: string;
  readonly logFile: string;
  /** `undefined`: we ourselves. */
  readonly account: PostgresAccount | undefined;
  readonly binaries: PostgresBinaries;
}

/** `wantedDir` itself, or, where the server's user can not get there, a folder of its own that belongs to this path alone. */
export async function findPostgresPlace(wantedDir: string, log: (line: string) => void): Promise<PostgresPlace> {
  const account = await findPostgresAccount(wantedDir);
  await mkdir(dirname(wantedDir), { recursive: true, mode: 0o711 });
  let dataDir = wantedDir;
  if (account !== undefined && !(await mayEnter(account, dirname(wantedDir)))) {
    dataDir = join(SHARED_DIR, createHash('sha256').update(wantedDir).digest('hex').slice(0, 12), 'postgres');
    log(
      `PostgreSQL does not run as root, and its user may not enter ${dirname(wantedDir)}: the data is in ${dataDir}.`,
    );
    await mkdir(dirname(dataDir), { recursive: true, mode: 0o755 });
  }
  const binaries = await findPostgresBinaries(account, SHARED_DIR, log);
  return { dataDir, passwordFile: `${dataDir}.password`, logFile: `${dataDir}.log`, account, binaries };
}

/** How every program of PostgreSQL is run. The folder that we were started in may be closed to the account. */
export function postgresProcessOptions(place: PostgresPlace): {
  cwd: string;
  env: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
} {
  return { ...place.account, cwd: dirname(place.dataDir), env: { ...process.env, LC_ALL: 'C' } };
}

/**
 * Makes the database cluster when there is none, under another name and then renamed: a start that is killed here leaves nothing half made.
 * @throws StartError when initdb gives up.
 */
export async function createPostgresData(place: PostgresPlace): Promise<void> {
  const { account, dataDir, passwordFile } = place;
  if ((await stat(dataDir).catch(ignoreMissing)) !== undefined) return;

  const partial = `${dataDir}.new`;
  await rm(partial, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await mkdir(partial, { mode: 0o700 });
  await writeFile(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  if (account !== undefined) {
    await chown(partial, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${POSTGRES_USER}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  try {
    await exec(place.binaries.initdb, [`--pgdata=${partial}`, ...locale, ...access], postgresProcessOptions(place));
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw explainPostgresFailure(output, place);
  }
  await rename(partial, dataDir);
}
