import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import { codeOf } from './file-failure.ts';
import { type PostgresPlace } from './postgres-place.ts';
import { StartError } from './start-error.ts';

/** Recovery after a crash replays up to max_wal_size. */
const START_TIMEOUT_MS = 120_000;
const NOTICE_AFTER_MS = 5_000;
const BETWEEN_TRIES_MS = 30;

/**
 * Resolves with `true` as soon as a client can connect, with `false` when the server has ended instead.
 * @throws StartError when the password does not fit, or the server still does not answer after two minutes.
 */
export async function waitUntilReady(
  url: string,
  hasEnded: () => boolean,
  place: PostgresPlace,
  log: (line: string) => void,
): Promise<boolean> {
  const startedAt = performance.now();
  let noticed = false;
  while (!hasEnded()) {
    try {
      await withClient(url, () => Promise.resolve());
      return true;
    } catch (error) {
      if (codeOf(error) === '28P01') throw wrongPasswordFile(place, 'does not fit', error);
      const waitedMs = performance.now() - startedAt;
      if (waitedMs > START_TIMEOUT_MS) {
        throw new StartError(`The embedded PostgreSQL does not answer: ${place.logFile} may say why.`, {
          cause: error,
        });
      }
      if (waitedMs > NOTICE_AFTER_MS && !noticed) {
        log('PostgreSQL replays what the last run did not finish; this can take a minute.');
        noticed = true;
      }
    }
    await sleep(BETWEEN_TRIES_MS);
  }
  return false;
}

/** Makes the database when it is missing. `name` must be a plain identifier. */
export async function createDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const found = await client.query('select from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database ${name}`);
  });
}

export function wrongPasswordFile(place: PostgresPlace, problem: string, cause?: unknown): StartError {
  return new StartError(
    `The password file ${place.passwordFile} ${problem}, so the data beside it can not be opened: bring the right file back, or move ${place.dataDir} away to begin anew.`,
    { cause },
  );
}

async function withClient(url: string, use: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // a connection that breaks also fails the statement on it
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
