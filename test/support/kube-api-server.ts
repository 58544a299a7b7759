import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

export type Route = 'get-scale' | 'patch-scale' | 'get-deployment';

/** What one request meets instead of the ordinary answer, or before it. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly message?: string; readonly retryAfterS?: number }
  | { readonly kind: 'hang' }
  /** Headers and half a body, then silence. */
  | { readonly kind: 'hang-in-body' }
  | { readonly kind: 'drop' }
  /** The request does its work, but the answer is lost. */
  | { readonly kind: 'drop-after' }
  /** Another writer changes the Deployment just before the request is looked at. */
  | { readonly kind: 'interfere'; readonly replicas?: number };

export interface SeenRequest {
  readonly route: Route;
  readonly token: string | undefined;
  readonly contentType: string | undefined;
  readonly url: string;
}

/** One Deployment behind the part of the Kubernetes API that scaling needs, over TLS, with versions and tokens as the real one has them. */
export interface KubeApiServer extends AsyncDisposable {
  readonly url: string;
  /** `ca.crt` and `token`, laid out like a mounted service account. */
  readonly directory: string;
  readonly deployment: { replicas: number; readyReplicas: number; resourceVersion: number; observed: boolean };
  readonly tokens: Set<string>;
  /** Routes that the account has no Role for. */
  readonly forbidden: Set<Route>;
  readonly requests: SeenRequest[];
  /** Queues faults for the next requests of a route, one each. */
  fail(route: Route, ...faults: readonly Fault[]): void;
}

const NAMESPACE = 'lab';
const DEPLOYMENT = 'almanac-processor';
const BASE = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${DEPLOYMENT}`;

export async function openKubeApiServer(): Promise<KubeApiServer> {
  const directory = await mkdtemp(join(tmpdir(), 'almanac-kube-'));
  const tls = await makeCertificates(directory);
  await writeFile(join(directory, 'token'), 'first-token');

  const faults: Record<Route, Fault[]> = { 'get-scale': [], 'patch-scale': [], 'get-deployment': [] };
  const state: Omit<KubeApiServer, 'url' | 'fail' | typeof Symbol.asyncDispose> = {
    directory,
    deployment: { replicas: 2, readyReplicas: 2, resourceVersion: 100, observed: true },
    tokens: new Set(['first-token']),
    forbidden: new Set(),
    requests: [],
  };
  const server = createServer(tls, (request, response) => {
    answer(state, faults, request, response).then(
      (reply) => reply && send(response, reply),
      (error: unknown) => response.destroy(error as Error),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');

  return {
    ...state,
    url: `https://127.0.0.1:${address.port}`,
    fail: (route, ...more) => void faults[route].push(...more),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await rm(directory, { recursive: true });
    },
  };
}

type State = Pick<KubeApiServer, 'deployment' | 'tokens' | 'forbidden' | 'requests'>;

interface Reply {
  readonly status: number;
  readonly object: object;
  readonly retryAfterS?: number | undefined;
}

/** `undefined` when the client shall not get a complete answer. */
async function answer(
  state: State,
  faults: Record<Route, Fault[]>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Reply | undefined> {
  const url = request.url ?? '';
  const token = request.headers.authorization?.replace(/^Bearer /, '');
  if (token === undefined || !state.tokens.has(token)) return refusal(401, 'Unauthorized');
  const route = routeOf(request.method ?? '', url);
  if (route === undefined) return refusal(404, `the server could not find ${url}`);
  state.requests.push({ route, token, contentType: request.headers['content-type'], url });
  if (state.forbidden.has(route)) return refusal(403, 'deployments.apps is forbidden');

  const body = await text(request);
  const fault = faults[route].shift();
  switch (fault?.kind) {
    case 'status':
      return refusal(fault.status, fault.message ?? 'told to fail', fault.retryAfterS);
    case 'hang':
      return undefined;
    case 'hang-in-body':
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"kind":');
      return undefined;
    case 'drop':
      request.socket.destroy();
      return undefined;
    case 'drop-after':
      patch(state.deployment, body);
      request.socket.destroy();
      return undefined;
    case 'interfere':
      state.deployment.resourceVersion += 1;
      state.deployment.replicas = fault.replicas ?? state.deployment.replicas;
      break;
    case undefined:
      break;
  }
  if (route === 'get-deployment') return { status: 200, object: deploymentObject(state.deployment) };
  if (route === 'patch-scale') {
    const isMergePatch = request.headers['content-type'] === 'application/merge-patch+json';
    if (!isMergePatch) return refusal(415, 'the body of the request was in an unknown format');
    if (!patch(state.deployment, body)) return refusal(409, 'the object has been modified');
  }
  return { status: 200, object: scaleObject(state.deployment) };
}

function routeOf(method: string, url: string): Route | undefined {
  const path = url.split('?', 1)[0];
  if (path === BASE && method === 'GET') return 'get-deployment';
  if (path === `${BASE}/scale` && method === 'GET') return 'get-scale';
  if (path === `${BASE}/scale` && method === 'PATCH') return 'patch-scale';
  return undefined;
}

function patch(deployment: State['deployment'], body: string): boolean {
  const wanted = JSON.parse(body) as { metadata?: { resourceVersion?: string }; spec: { replicas: number } };
  const version = wanted.metadata?.resourceVersion;
  if (version !== undefined && version !== String(deployment.resourceVersion)) return false;
  deployment.replicas = wanted.spec.replicas;
  deployment.resourceVersion += 1;
  return true;
}

// Go leaves numbers that are zero out of these objects, and so do we.
const unlessZero = (name: string, value: number): object => (value === 0 ? {} : { [name]: value });

function scaleObject(deployment: State['deployment']): object {
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name: DEPLOYMENT, namespace: NAMESPACE, resourceVersion: String(deployment.resourceVersion) },
    spec: unlessZero('replicas', deployment.replicas),
    status: { replicas: deployment.replicas, selector: 'app.kubernetes.io/component=processor' },
  };
}

function deploymentObject(deployment: State['deployment']): object {
  return {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name: DEPLOYMENT, namespace: NAMESPACE, resourceVersion: String(deployment.resourceVersion) },
    spec: { replicas: deployment.replicas },
    status: deployment.observed
      ? { observedGeneration: 1, ...unlessZero('readyReplicas', deployment.readyReplicas) }
      : {},
  };
}

function refusal(status: number, message: string, retryAfterS?: number): Reply {
  return {
    status,
    object: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code: status },
    retryAfterS,
  };
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.retryAfterS !== undefined) response.setHeader('retry-after', String(reply.retryAfterS));
  response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.object));
}

const run = promisify(execFile);
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];

/** An authority of one day in `ca.crt`, and a certificate for 127.0.0.1 that it has signed. */
async function makeCertificates(directory: string): Promise<{ key: Buffer; cert: Buffer }> {
  const openssl = (...args: string[]) => run('openssl', ['req', '-x509', ...NEW_KEY, ...args], { cwd: directory });
  await openssl('-subj', '/CN=almanac test authority', '-keyout', 'ca.key', '-out', 'ca.crt');
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE'];
  const issuer = ['-CA', 'ca.crt', '-CAkey', 'ca.key'];
  await openssl('-subj', '/CN=kube-apiserver', ...names, ...issuer, '-keyout', 'server.key', '-out', 'server.crt');
  return {
    key: await readFile(join(directory, 'server.key')),
    cert: await readFile(join(directory, 'server.crt')),
  };
}
