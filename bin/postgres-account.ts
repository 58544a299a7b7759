import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

import { StartError } from './start-error.ts';

const exec = promisify(execFile);

/** The user that the server runs as; `undefined` means the one who started us. */
export interface PostgresAccount {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root. Data that exists is served by its owner; new data by the user `postgres`, who is made when missing.
 * @throws StartError when we are root and there is no such user and none can be made.
 */
export async function findPostgresAccount(dataDir: string): Promise<PostgresAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(dataDir).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return (await lookUp('postgres')) ?? (await createPostgresUser());
}

/** Whether the account may enter the folder; asked of the system itself, which knows about groups and access lists. */
export async function mayEnter(account: PostgresAccount, dir: string): Promise<boolean> {
  return exec('/bin/sh', ['-c', 'cd -- "$1"', 'sh', dir], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

async function createPostgresUser(): Promise<PostgresAccount> {
  try {
    await exec('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  } catch (error) {
    throw new StartError(
      'PostgreSQL does not run as root, and the user `postgres` can not be made here: start Almanac as an ordinary user, or set DATABASE_URL to a server of yours.',
      { cause: error },
    );
  }
  const account = await lookUp('postgres');
  if (account === undefined)
    throw new StartError(
      'The user `postgres` was made but is not known to this system: start Almanac as an ordinary user.',
    );
  return account;
}

async function lookUp(name: string): Promise<PostgresAccount | undefined> {
  try {
    const uid = Number((await exec('id', ['-u', name])).stdout);
    const gid = Number((await exec('id', ['-g', name])).stdout);
    return { uid, gid };
  } catch {
    return undefined; // no such user
  }
}
