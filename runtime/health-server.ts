import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

import type { Metrics } from './metrics.ts';

export interface HealthServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  /** What the service needs to do its work; a rejected check makes it not ready. */
  readonly isReady: () => Promise<boolean>;
  /** Further pages by their path, as in `/replicas`; what they answer is JSON. */
  readonly pages?: Readonly<Record<string, JsonPage>> | undefined;
}

/** Answers a GET request from memory. */
export type JsonPage = (query: URLSearchParams) => { readonly status: number; readonly body: unknown };

/** Serves /livez, /readyz and /metrics for a process that has no API of its own. */
export async function openHealthServer(
  options: HealthServerOptions,
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((request, response) => {
    void answer(request.url ?? '', options).then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    });
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return {
    port: portOf(server),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function answer(url: string, options: HealthServerOptions): Promise<Answer> {
  const [path = '', query = ''] = url.split('?', 2);
  if (path === '/livez') return { status: 200, type: 'text/plain', body: 'ok\n' };
  if (path === '/readyz') {
    const ready = await options.isReady().catch(() => false);
    return { status: ready ? 200 : 503, type: 'text/plain', body: ready ? 'ready\n' : 'not ready\n' };
  }
  if (path === '/metrics')
    return { status: 200, type: options.metrics.contentType, body: await options.metrics.text() };
  const page = Object.hasOwn(options.pages ?? {}, path) ? options.pages?.[path] : undefined;
  if (page !== undefined) {
    const { status, body } = page(new URLSearchParams(query));
    return { status, type: 'application/json', body: JSON.stringify(body) };
  }
  return { status: 404, type: 'text/plain', body: 'not found\n' };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
