import { setTimeout as pause } from 'node:timers/promises';

import { type ChannelModel, connect } from 'amqplib';

import { InvalidInputError, UnavailableError } from '../core/errors.ts';
import { type Logger } from '../runtime/logger.ts';
import { backoffMs } from './backoff.ts';

const HEARTBEAT_SECONDS = 10;
const ATTEMPT_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 2_000;
/** A connection that lived shorter than this counts as one more failure, so that a broker that drops us at once is not hammered. */
const STABLE_AFTER_MS = 5_000;

export interface LinkOptions {
  readonly url: string;
  /** Shown as the connection's name in RabbitMQ's own tools. */
  readonly name: string;
  readonly log: Logger;
  /** How long the first connection may take, retries included. */
  readonly connectTimeoutMs: number;
}

/** What lives on the connection. `onUp` and `onDown` alternate; none of them overlaps with itself. */
export interface LinkHandlers {
  /**
   * A new connection stands: build what lives on it. When this rejects, the connection is closed and tried again.
   * `giveUp` ends the connection later on, when what lives on it is broken; then everything is built anew.
   */
  onUp(connection: ChannelModel, giveUp: (cause: Error) => void): Promise<void>;
  /** The connection is gone with all its channels; also called after a rejected `onUp`. */
  onDown(cause: Error): void;
  /** RabbitMQ takes no publishes on this connection (memory or disk alarm), or takes them again. */
  onBlocked(blocked: boolean): void;
}

interface Standing {
  readonly connection: ChannelModel;
  readonly sinceMs: number;
  /** Resolves with the reason when the connection has ended. */
  readonly lost: Promise<Error>;
}

/**
 * A connection that comes back, for ever, with growing and jittered rests in between. Resolves when the first one stands.
 * @throws InvalidInputError when the URL can not be read; UnavailableError, with a sentence for whoever started us, when nobody answers within
 * `connectTimeoutMs` or the broker refuses us.
 */
export async function openLink(options: LinkOptions, handlers: LinkHandlers): Promise<AsyncDisposable> {
  const url = parseAmqpUrl(options.url);
  const stop = new AbortController();
  const { log } = options;
  const isStopped = (): boolean => stop.signal.aborted;
  const attemptTimeoutMs = Math.min(ATTEMPT_TIMEOUT_MS, options.connectTimeoutMs);
  let standing: Standing | undefined;

  const stand = async (): Promise<Standing> => {
    const connection = await connectOnce(url, options.name, attemptTimeoutMs, stop.signal);
    const lost = watch(connection, handlers, log);
    const stood = (standing = { connection, sinceMs: performance.now(), lost });
    const giveUp = (cause: Error): void => {
      if (standing !== stood) return;
      standing = undefined;
      log.warn({ err: cause, connection: options.name }, 'RabbitMQ connection given up');
      void closeQuietly(connection);
    };
    try {
      await handlers.onUp(connection, giveUp);
      return stood;
    } catch (error) {
      const cause = asError(error);
      await closeQuietly(connection);
      standing = undefined;
      handlers.onDown(cause);
      throw cause;
    }
  };

  const standAtFirst = async (): Promise<Standing> => {
    const deadlineMs = performance.now() + options.connectTimeoutMs;
    for (let failures = 1; ; failures++) {
      try {
        return await stand();
      } catch (error) {
        const cause = asError(error);
        const restMs = backoffMs(failures, Math.random());
        if (isRefusal(cause) || performance.now() + restMs > deadlineMs) {
          throw new UnavailableError(firstFailureSentence(url, cause, options.connectTimeoutMs), { cause });
        }
        if (failures === 1) log.info({ host: url.hostname, port: portOf(url) }, 'waiting for RabbitMQ');
        await pause(restMs);
      }
    }
  };

  const keep = async (first: Standing): Promise<void> => {
    let current: Standing | undefined = first;
    let failures = 0;
    while (!isStopped()) {
      if (current === undefined) {
        await rest(backoffMs(failures, Math.random()), stop.signal);
        if (isStopped()) return;
        try {
          current = await stand();
          log.info({ connection: options.name }, 'connected to RabbitMQ again');
        } catch (error) {
          failures += 1;
          if (!isStopped()) log.debug({ err: error, failures }, 'RabbitMQ is still away');
        }
        continue;
      }
      const cause = await current.lost;
      failures = performance.now() - current.sinceMs >= STABLE_AFTER_MS ? 1 : failures + 1;
      standing = current = undefined;
      handlers.onDown(cause);
      if (!isStopped()) {
        log.warn({ err: cause, connection: options.name }, 'RabbitMQ connection lost; reconnecting');
      }
    }
    if (current === undefined) return;
    await closeQuietly(current.connection); // it stood up in the very moment of the stop
    handlers.onDown(new Error('The broker was closed.'));
  };

  const kept = keep(await standAtFirst());

  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      if (standing !== undefined) await closeQuietly(standing.connection);
      await kept;
    },
  };
}

/** One connection that is not kept, for a short errand. */
export async function openSpareConnection(url: string, name: string): Promise<ChannelModel> {
  const connection = await connectOnce(parseAmqpUrl(url), name, ATTEMPT_TIMEOUT_MS, new AbortController().signal);
  connection.on('error', () => undefined); // the pending call rejects with it
  return connection;
}

async function connectOnce(url: URL, name: string, timeoutMs: number, signal: AbortSignal): Promise<ChannelModel> {
  const connecting = connect(url.href, {
    noDelay: true, // acknowledgements and confirms are small; waiting to fill packets costs up to 40 ms each
    keepAlive: true,
    timeout: timeoutMs,
    clientProperties: { connection_name: name },
  });
  const settled = new AbortController();
  const abandoned = new Promise<never>((_resolve, reject) => {
    const abandon = (): void => reject(new Error('The broker was closed meanwhile.'));
    signal.addEventListener('abort', abandon, { once: true, signal: settled.signal });
  });
  try {
    return await Promise.race([connecting, abandoned]);
  } catch (error) {
    if (signal.aborted) void connecting.then(closeQuietly, () => undefined);
    throw error;
  } finally {
    settled.abort();
  }
}

/** Listens to everything a connection may say; one without an `error` listener takes the process with it. */
function watch(connection: ChannelModel, handlers: LinkHandlers, log: Logger): Promise<Error> {
  return new Promise((resolve) => {
    let cause: Error | undefined;
    connection.on('error', (error: Error) => {
      cause ??= error;
    });
    connection.on('handler-error', (error: Error) => log.error({ err: error }, 'a RabbitMQ listener failed'));
    connection.on('blocked', (reason: string) => {
      log.warn({ reason }, 'RabbitMQ takes no messages now; publishing waits until its alarm ends');
      handlers.onBlocked(true);
    });
    connection.on('unblocked', () => {
      log.info({}, 'RabbitMQ takes messages again');
      handlers.onBlocked(false);
    });
    connection.on('close', (error?: Error) => {
      resolve(cause ?? error ?? new Error('The connection was closed.'));
      setTimeout(() => destroySocket(connection), CLOSE_TIMEOUT_MS).unref(); // a dead peer would keep it half-open
    });
  });
}

/** Closes a connection with RabbitMQ's handshake, or without when that takes too long. Never rejects. */
export async function closeQuietly(connection: ChannelModel): Promise<void> {
  const timer = new AbortController();
  const closed = connection.close().catch(() => undefined); // it is closed already
  await Promise.race([closed, rest(CLOSE_TIMEOUT_MS, timer.signal)]);
  timer.abort();
  destroySocket(connection);
}

/** amqplib has no public way to give a connection up at once; its stream is the socket itself. */
function destroySocket(connection: ChannelModel): void {
  const { stream } = connection.connection as { stream?: { destroy?: (error: Error) => void } };
  stream?.destroy?.(new Error('The connection was given up.')); // without an error amqplib would never notice
}

/** Rests; returns early, without an error, when the signal aborts. */
async function rest(durationMs: number, signal: AbortSignal): Promise<void> {
  await pause(durationMs, undefined, { signal }).catch(() => undefined);
}

function parseAmqpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['amqp:', 'amqps:'].includes(url.protocol) || url.hostname === '') {
    const message = 'This is not the URL of a RabbitMQ broker; it looks like amqp://user:password@host:5672/vhost.';
    throw new InvalidInputError([{ path: 'AMQP_URL', message }]);
  }
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
  return url;
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'amqps:' ? 5671 : 5672;
}

/** It answered, and the answer was no: trying again with the same URL can not help. */
function isRefusal(error: Error): boolean {
  return /ACCESS[-_]REFUSED|\b403\b|NOT_ALLOWED|\b530\b/.test(error.message);
}

function firstFailureSentence(url: URL, cause: Error, connectTimeoutMs: number): string {
  const where = `RabbitMQ at ${url.hostname}:${portOf(url)}`;
  if (isRefusal(cause)) {
    return `${where} refused the user name, the password or the virtual host of AMQP_URL. Correct it, then start again.`;
  }
  const code = (cause as NodeJS.ErrnoException).code ?? cause.message;
  return (
    `${where} could not be reached within ${connectTimeoutMs / 1000} s (${code}). ` +
    'Start it or correct AMQP_URL; without AMQP_URL Almanac uses its own broker inside the process.'
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
