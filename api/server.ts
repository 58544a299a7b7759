import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

import { DomainError } from '../core/errors.ts';
import { createApp } from './app.ts';
import type { ApiConfig } from './config.ts';
import type { ApiDeps } from './deps.ts';

/** The address can not be listened at; the message says what to do. */
export class ListenError extends DomainError {
  readonly code = 'can_not_listen';
  readonly retryable = false;
}

export interface ApiServer extends AsyncDisposable {
  readonly port: number;
  /** As a browser on this machine reaches it. */
  readonly url: string;
}

/**
 * Serves the API until it is disposed: then no more connections are taken, and requests in hand finish within the grace period.
 * @throws ListenError when the address is taken or not ours.
 */
export async function openApiServer(deps: ApiDeps, config: ApiConfig): Promise<ApiServer> {
  const app = createApp(deps, config);
  const handle = app.callback();
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: REQUEST_TIMEOUT_MS / 3,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => void handle(request, response),
  );
  await listen(server, config);
  const port = portOf(server);

  return {
    port,
    url: `http://${hostInUrl(config.host)}:${port}`,
    [Symbol.asyncDispose]: () => drain(server, config.shutdownGraceMs),
  };
}

/** A client that sends its request slower than this holds a connection and nothing else. */
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_HEADER_BYTES = 16 * 1024;

async function listen(server: Server, { host, port }: ApiConfig): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new ListenError(describeFailure(error, host, port), { cause: error });
  }
}

function describeFailure(error: unknown, host: string, port: number): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken by another program. Stop it, or choose another port with ALMANAC_PORT.`;
    case 'EACCES':
      return `This user may not listen on port ${port}. Choose one from 1024 up with ALMANAC_PORT.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Set ALMANAC_HOST to one that is, such as 127.0.0.1.`;
    default:
      return `The API can not listen on ${host}, port ${port}: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

async function drain(server: Server, graceMs: number): Promise<void> {
  const ended = once(server, 'close');
  server.close(); // closes idle connections too
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  // A connection that becomes idle after its answer would stay open until its client lets go.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await ended;
  clearTimeout(timer);
  clearInterval(sweep);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
