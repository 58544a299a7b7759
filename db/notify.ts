import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import type { Logger } from '../runtime/logger.ts';
import type { Transaction } from './database.ts';

/**
 * `almanac_work`: something was scheduled or changed, so look now instead of at the next turn. Missing one costs a turn, no more.
 * `almanac_end`: the processor whose replica id is the payload runs something that is to end.
 */
type Channel = 'almanac_work' | 'almanac_end';

/** Tells every scheduler and distributor, when the transaction commits. Call it at most once per transaction: commits that notify queue up. */
export async function notifyWork(transaction: Transaction): Promise<void> {
  await transaction.query('select pg_notify($1, $2)', ['almanac_work' satisfies Channel, '']);
}

/** What to do at each notification; all of it, with `null` for a payload, after each reconnect, because some may have been missed. */
export type Hearers = Readonly<Record<Channel, (payload: string | null) => void>>;

export async function listen(url: string, log: Logger, hearers: Hearers): Promise<AsyncDisposable> {
  const closing = new AbortController();
  let client = await connect(url, hearers, onLost);

  function onLost(): void {
    if (!closing.signal.aborted) void reconnect();
  }

  async function reconnect(): Promise<void> {
    for (let delayMs = 250; !closing.signal.aborted; delayMs = Math.min(5_000, delayMs * 2)) {
      await sleep(delayMs, undefined, { signal: closing.signal }).catch(() => undefined);
      try {
        client = await connect(url, hearers, onLost);
        for (const hear of Object.values(hearers)) hear(null);
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

async function connect(url: string, hearers: Hearers, onLost: () => void): Promise<pg.Client> {
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
  client.on('notification', ({ channel, payload }) => hearers[channel as Channel](payload ?? null));
  try {
    await client.connect();
    for (const channel of Object.keys(hearers)) await client.query(`listen ${channel}`);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  client.on('error', loseOnce);
  client.on('end', loseOnce);
  return client;
}
