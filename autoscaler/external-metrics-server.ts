import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

import { Disposables } from '../runtime/disposables.ts';
import type { Logger } from '../runtime/logger.ts';
import { type DelegatedAuth, type DelegatedAuthOptions, openDelegatedAuth } from './delegated-auth.ts';
import {
  discoveryDocument,
  isMetric,
  METRICS_GROUP,
  METRICS_PATH,
  metricValueList,
  statusObject,
} from './external-metrics.ts';
import type { FrontProxyTrust } from './front-proxy.ts';
import type { KubernetesConnection } from './kubernetes-connection.ts';
import { KubernetesRequests } from './kubernetes-requests.ts';
import { parseLabelSelector } from './label-selector.ts';
import type { PlanReader } from './plan-view.ts';
import { identify } from './request-identity.ts';
import { type TlsFiles, type TlsMaterial, watchTlsFiles } from './tls-files.ts';

export interface ExternalMetricsServerDeps {
  readonly plans: PlanReader;
  readonly log: Logger;
  /** The present in epoch ms, by the clock that certificates are held against. */
  readonly now: () => number;
}

export interface ExternalMetricsServerConfig extends DelegatedAuthOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: Omit<TlsFiles, 'clientCaFile'>;
  /** The API server that is asked who may read. */
  readonly connection: KubernetesConnection;
  /** A plan older than this is stale. */
  readonly staleMs: number;
}

/** Whoever asks waits for the API server, which waits for us: short. */
const AUTH_LIMITS = { requestTimeoutMs: 3_000, deadlineMs: 5_000 };

/**
 * The external metrics API of Kubernetes over HTTPS, for the HPA. The plan comes from memory; who may read it, Kubernetes decides.
 * @throws ConfigurationError when the certificate can not be used, ScaleTargetError when there are no credentials for the API server.
 */
export async function openExternalMetricsServer(
  deps: ExternalMetricsServerDeps,
  config: ExternalMetricsServerConfig,
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer({
    requestCert: true,
    rejectUnauthorized: false, // probes and bearers of tokens come without; each request is judged for itself
    secureOptions: constants.SSL_OP_NO_TICKET, // a resumed session would skip the check against new authorities
  });
  const sockets = trackSockets(server);
  const opened = new Disposables();
  try {
    const auth = await secure(server, sockets, deps.log, config, opened);
    server.on('request', (request, response) => {
      void reply(request as SecureRequest, auth, deps, config).then(({ status, body }) => {
        const isText = typeof body === 'string';
        const type = isText ? 'text/plain' : 'application/json';
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
        response.end(isText ? body : JSON.stringify(body));
      });
    });
    server.listen(config.port, config.host);
    await once(server, 'listening');
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
      await opened[Symbol.asyncDispose]();
    },
  };
}

/** Gives the server its certificate and the authorities of the front proxy, and new ones as they come. */
async function secure(
  server: HttpsServer,
  sockets: ReadonlySet<Socket>,
  log: Logger,
  config: ExternalMetricsServerConfig,
  opened: Disposables,
): Promise<DelegatedAuth> {
  const authorities: { clientCa?: string | undefined; material?: TlsMaterial } = {};
  const renew = (): void => {
    server.setSecureContext({ ...authorities.material, ca: authorities.clientCa ?? [] });
  };
  const files = await watchTlsFiles(config.tls, log, (material) => {
    authorities.material = material;
    renew();
  });
  opened.use(files);
  authorities.material = files.material;
  renew();
  const requests = new KubernetesRequests(config.connection, AUTH_LIMITS);
  const onTrust = (trust: FrontProxyTrust | undefined): void => {
    if (trust?.clientCa === authorities.clientCa) return;
    authorities.clientCa = trust?.clientCa;
    renew();
    for (const socket of sockets) socket.destroy(); // they were judged by authorities that no longer count
  };
  return opened.use(await openDelegatedAuth(requests, log, onTrust, config));
}

type SecureRequest = IncomingMessage & { readonly socket: TLSSocket };

interface Reply {
  readonly status: number;
  readonly body: object | string;
}

async function reply(
  request: SecureRequest,
  auth: DelegatedAuth,
  deps: ExternalMetricsServerDeps,
  config: ExternalMetricsServerConfig,
): Promise<Reply> {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const isGet = request.method === 'GET';
  if (isGet && (path === '/healthz' || path === '/livez')) return { status: 200, body: 'ok' };
  if (isGet && path === '/readyz')
    return deps.plans.pools().length > 0 ? { status: 200, body: 'ok' } : { status: 503, body: 'no plan yet' };
  try {
    const identity = await identify(request, auth, deps.now());
    if (identity.kind === 'unknown') return refuse(401, 'Unauthorized', identity.message);
    if (!isGet) return refuse(405, 'MethodNotAllowed', 'Metrics can only be read.');
    const metric = parseMetricPath(path);
    const access = metric === undefined ? { kind: 'path' as const, path } : { ...metric, group: METRICS_GROUP };
    if (!(await auth.isAllowed(identity.user, access)))
      return refuse(403, 'Forbidden', `${identity.user.username} may not get ${path}.`);
    return metric === undefined ? discover(path) : values(metric.metric, query, deps, config);
  } catch (error) {
    deps.log.warn({ err: error }, 'the API server could not be asked who may read the metrics');
    return refuse(503, 'ServiceUnavailable', 'It could not be found out whether this is allowed.');
  }
}

function discover(path: string): Reply {
  const body = discoveryDocument(path);
  return body === undefined ? refuse(404, 'NotFound', `There is nothing at ${path}.`) : { status: 200, body };
}

function values(
  metric: string,
  query: string,
  { plans }: ExternalMetricsServerDeps,
  { staleMs }: ExternalMetricsServerConfig,
): Reply {
  if (!isMetric(metric)) return refuse(404, 'NotFound', `There is no metric ${metric}.`);
  const selector = new URLSearchParams(query).get('labelSelector') ?? '';
  const selects = parseLabelSelector(selector);
  if (selects === undefined) return refuse(400, 'BadRequest', `"${selector}" is no label selector.`);
  if (plans.pools().length === 0) return refuse(503, 'ServiceUnavailable', 'There is no plan yet.');
  return { status: 200, body: metricValueList(plans, metric, selects, staleMs) };
}

/** `undefined` when the path is not that of a metric. */
function parseMetricPath(path: string): { kind: 'metric'; namespace: string; metric: string } | undefined {
  const match = /^\/namespaces\/([a-z0-9-]+)\/([\w.-]+)$/.exec(
    path.startsWith(METRICS_PATH) ? path.slice(METRICS_PATH.length) : '',
  );
  const [, namespace, metric] = match ?? [];
  return namespace === undefined || metric === undefined ? undefined : { kind: 'metric', namespace, metric };
}

function refuse(status: number, reason: string, message: string): Reply {
  return { status, body: statusObject(status, reason, message) };
}

/** Every connection, those that are still shaking hands included. */
function trackSockets(server: { on(event: 'connection', listen: (socket: Socket) => void): unknown }): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}
