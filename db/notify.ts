import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import type { Logger } from '../runtime/logger.ts';
import type { Transaction } from './database.ts';

/** The one channel: something was scheduled or changed, so look now instead of at the next turn. Missing one costs a turn, no more. */
const CHANNEL = 'almanac_work';

/** Tells every scheduler and distributor, when the transaction commits. Call it at most once per transaction: commits that notify queue up. */
export async function notifyWork(transaction: Transaction): Promise<void> {
  await transaction.query('select pg_notify($1, $2)', [CHANNEL, '']);
}

/** Calls `onWork` at each notification, and once after each reconnect because some may have been missed. */
export async function listenForWork(url: string, log: Logger, onWork: () => void): Promise<AsyncDisposable> {
  const closing = new AbortController();
  let client = await connect(url, onWork, onLost);

  function onLost(): void {
    if (!closing.signal.aborted) void reconnect();
  }

  async function reconnect(): Promise<void> {
    for (let delayMs = 250; !closing.signal.aborted; delayMs = Math.min(5_000, delayMs * 2)) {
      await sleep(delayMs, undefined, { signal: closing.signal }).catch(() => undefined);
      try {
        client = await connect(url, onWork, onLost);
        onWork();
        return;
      } catch (error) {
        log.debug({ err: error }, 'listening for changes is interrupted; polling goes on');
      }
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await client.end().catch(() => undefined); // already gone is as good
    },
  };
}

async function connect(url: string, onWork: () => void, onLost: () => void): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'almanac listen',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  let lost = false;
  const loseOnce = (): void => {
    if (lost) return;
    lost = true;
    onLost();
  };
  client.on('notification', onWork);
  try {
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  client.on('error', loseOnce);
  client.on('end', loseOnce);
  return client;
}
