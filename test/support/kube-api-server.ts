import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { createAuthority } from './certificates.ts';

export type Route =
  | 'get-scale'
  | 'patch-scale'
  | 'get-deployment'
  | 'list-pods'
  | 'patch-pod'
  | 'get-hpa'
  | 'patch-hpa'
  | 'get-config-map'
  | 'token-review'
  | 'access-review';

/** What one request meets instead of the ordinary answer, or before it. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly message?: string; readonly retryAfterS?: number }
  | { readonly kind: 'hang' }
  /** Headers and half a body, then silence. */
  | { readonly kind: 'hang-in-body' }
  | { readonly kind: 'drop' }
  /** The request does its work, but the answer is lost. */
  | { readonly kind: 'drop-after' }
  /** The answer comes from a cache that has not seen the last change of the Deployment or the HPA. */
  | { readonly kind: 'stale' }
  /** Another writer changes the Deployment or the HPA just before the request is looked at. */
  | { readonly kind: 'interfere'; readonly replicas?: number };

export interface SeenRequest {
  readonly route: Route;
  readonly token: string | undefined;
  readonly contentType: string | undefined;
  readonly url: string;
}

export interface Pod {
  readonly name: string;
  phase: 'Pending' | 'Running';
  /** Still there, but about to end. */
  isDeleting: boolean;
  /** The annotation, as it was written. */
  cost?: string;
}

/** The part of the Kubernetes API that the autoscaler uses, over TLS, with versions and tokens as the real one has them. */
export interface KubeApiServer extends AsyncDisposable {
  readonly url: string;
  /** `ca.crt` and `token`, laid out like a mounted service account. */
  readonly directory: string;
  readonly deployment: { replicas: number; readyReplicas: number; resourceVersion: number; observed: boolean };
  readonly hpa: { minReplicas: number | undefined; maxReplicas: number; resourceVersion: number };
  readonly pods: Pod[];
  /** Data of the ConfigMap extension-apiserver-authentication. */
  readonly authentication: Record<string, string>;
  /** Whom bearer tokens belong to, for token reviews. */
  readonly people: Map<string, { readonly username: string; readonly groups: readonly string[] }>;
  /** What is allowed, as in `anna lab/almanac-replicas` or `anna /apis`. */
  readonly allowed: Set<string>;
  readonly tokens: Set<string>;
  /** Routes that the account has no Role for. */
  readonly forbidden: Set<Route>;
  readonly requests: SeenRequest[];
  /** Bodies of the access reviews. */
  readonly accessReviews: AccessReviewSpec[];
  /** Queues faults for the next requests of a route, one each. */
  fail(route: Route, ...faults: readonly Fault[]): void;
  /** One step of the controllers: pods that are missing are made, and are slow to start; those that are too many begin to end. */
  reconcile(): void;
}

export interface AccessReviewSpec {
  readonly user: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
  readonly resourceAttributes?: {
    readonly namespace: string;
    readonly resource: string;
    readonly [key: string]: string;
  };
  readonly nonResourceAttributes?: { readonly path: string };
}

const NAMESPACE = 'lab';
const DEPLOYMENT = 'almanac-processor';
const HPA = 'almanac-processor';
const SELECTOR = 'app.kubernetes.io/component=processor';
const DEPLOYMENT_PATH = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${DEPLOYMENT}`;
const PODS_PATH = `/api/v1/namespaces/${NAMESPACE}/pods`;
const HPA_PATH = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers/${HPA}`;
const COST = 'controller.kubernetes.io/pod-deletion-cost';

type State = Omit<KubeApiServer, 'url' | 'fail' | 'reconcile' | typeof Symbol.asyncDispose>;

export async function openKubeApiServer(): Promise<KubeApiServer> {
  const directory = await mkdtemp(join(tmpdir(), 'almanac-kube-'));
  const authority = await createAuthority(directory, 'almanac test authority');
  await copyFile(authority.certFile, join(directory, 'ca.crt'));
  await writeFile(join(directory, 'token'), 'first-token');
  const { certFile, keyFile } = await authority.issue({ commonName: 'kube-apiserver', usage: 'server' });
  const tls = { cert: await readFile(certFile), key: await readFile(keyFile) };

  const faults = new Map<Route, Fault[]>();
  const state: State = {
    directory,
    deployment: { replicas: 2, readyReplicas: 2, resourceVersion: 100, observed: true },
    hpa: { minReplicas: undefined, maxReplicas: 10, resourceVersion: 500 },
    pods: [],
    authentication: {},
    people: new Map(),
    allowed: new Set(),
    tokens: new Set(['first-token']),
    forbidden: new Set(),
    requests: [],
    accessReviews: [],
  };
  const memory = { deployment: { ...state.deployment }, hpa: { ...state.hpa } };
  const server = createServer(tls, (request, response) => {
    answer({ ...state, memory }, faults, request, response).then(
      (reply) => reply && send(response, reply),
      (error: unknown) => response.destroy(error as Error),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');

  let made = 0;
  return {
    ...state,
    url: `https://127.0.0.1:${address.port}`,
    fail: (route, ...more) => void faults.set(route, [...(faults.get(route) ?? []), ...more]),
    reconcile: () => reconcile(state, () => `${DEPLOYMENT}-5d8f-${(made += 1)}`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await rm(directory, { recursive: true });
    },
  };
}

interface Reply {
  readonly status: number;
  readonly object: object;
  readonly retryAfterS?: number | undefined;
}

/** What the caches of the API server still show after a change. */
interface Memory {
  deployment: KubeApiServer['deployment'];
  hpa: KubeApiServer['hpa'];
}

/** `undefined` when the client shall not get a complete answer. */
async function answer(
  state: State & { readonly memory: Memory },
  faults: ReadonlyMap<Route, Fault[]>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Reply | undefined> {
  const url = request.url ?? '';
  const token = request.headers.authorization?.replace(/^Bearer /, '');
  if (token === undefined || !state.tokens.has(token)) return refusal(401, 'Unauthorized');
  const route = routeOf(request.method ?? '', url);
  if (route === undefined) return refusal(404, `the server could not find ${url}`);
  const contentType = request.headers['content-type'];
  state.requests.push({ route, token, contentType, url });
  if (state.forbidden.has(route)) return refusal(403, 'deployments.apps is forbidden');

  const body = await text(request);
  const fault = faults.get(route)?.shift();
  const isPatch = route.startsWith('patch-');
  if (isPatch && contentType !== 'application/merge-patch+json')
    return refusal(415, 'the body of the request was in an unknown format');
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
      work(state, route, url, body);
      request.socket.destroy();
      return undefined;
    case 'stale':
      return work({ ...state, ...state.memory }, route, url, body);
    case 'interfere':
      interfere(state, route, fault.replicas);
      break;
    case undefined:
      break;
  }
  return work(state, route, url, body);
}

function routeOf(method: string, url: string): Route | undefined {
  const path = url.split('?', 1)[0] ?? '';
  const isPod = path.startsWith(`${PODS_PATH}/`);
  const routes: Readonly<Record<string, Route>> = {
    [`GET ${DEPLOYMENT_PATH}`]: 'get-deployment',
    [`GET ${DEPLOYMENT_PATH}/scale`]: 'get-scale',
    [`PATCH ${DEPLOYMENT_PATH}/scale`]: 'patch-scale',
    [`GET ${PODS_PATH}`]: 'list-pods',
    [`GET ${HPA_PATH}`]: 'get-hpa',
    [`PATCH ${HPA_PATH}`]: 'patch-hpa',
    'GET /api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication': 'get-config-map',
    'POST /apis/authentication.k8s.io/v1/tokenreviews': 'token-review',
    'POST /apis/authorization.k8s.io/v1/subjectaccessreviews': 'access-review',
  };
  return isPod && method === 'PATCH' ? 'patch-pod' : routes[`${method} ${path}`];
}

/** Does what a request asks for. */
function work(state: State & { readonly memory: Memory }, route: Route, url: string, body: string): Reply {
  switch (route) {
    case 'get-deployment':
      return { status: 200, object: deploymentObject(state.deployment) };
    case 'get-scale':
      return { status: 200, object: scaleObject(state.deployment) };
    case 'patch-scale':
      state.memory.deployment = { ...state.deployment };
      return patch(state.deployment, body, ({ replicas }) => (state.deployment.replicas = Number(replicas)))
        ? { status: 200, object: scaleObject(state.deployment) }
        : refusal(409, 'the object has been modified');
    case 'get-hpa':
      return { status: 200, object: hpaObject(state.hpa) };
    case 'patch-hpa': {
      const { spec } = JSON.parse(body) as { spec: { minReplicas: number } };
      if (spec.minReplicas < 1 || spec.minReplicas > state.hpa.maxReplicas)
        return refusal(422, 'spec.minReplicas: Invalid value');
      state.memory.hpa = { ...state.hpa };
      return patch(state.hpa, body, ({ minReplicas }) => (state.hpa.minReplicas = Number(minReplicas)))
        ? { status: 200, object: hpaObject(state.hpa) }
        : refusal(409, 'the object has been modified');
    }
    case 'list-pods': {
      const asked = new URL(url, 'https://server').searchParams.get('labelSelector');
      const items = asked === SELECTOR ? state.pods.map(podObject) : [];
      return { status: 200, object: { kind: 'PodList', apiVersion: 'v1', metadata: {}, items } };
    }
    case 'patch-pod': {
      const pod = state.pods.find(({ name }) => url.split('?', 1)[0] === `${PODS_PATH}/${name}`);
      if (pod === undefined) return refusal(404, 'pods not found');
      const { metadata } = JSON.parse(body) as { metadata: { annotations: Record<string, string> } };
      pod.cost = String(metadata.annotations[COST]);
      return { status: 200, object: podObject(pod) };
    }
    case 'get-config-map':
      return {
        status: 200,
        object: {
          kind: 'ConfigMap',
          apiVersion: 'v1',
          metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
          data: state.authentication,
        },
      };
    case 'token-review': {
      const { spec } = JSON.parse(body) as { spec: { token: string } };
      const user = state.people.get(spec.token);
      const status = user === undefined ? { user: {} } : { authenticated: true, user };
      return { status: 201, object: { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec, status } };
    }
    case 'access-review': {
      const { spec } = JSON.parse(body) as { spec: AccessReviewSpec };
      state.accessReviews.push(spec);
      const { resourceAttributes: what, nonResourceAttributes: path } = spec;
      const wish = what === undefined ? String(path?.path) : `${what.namespace}/${what.resource}`;
      const status = { allowed: state.allowed.has(`${spec.user} ${wish}`) };
      const apiVersion = 'authorization.k8s.io/v1';
      return { status: 201, object: { kind: 'SubjectAccessReview', apiVersion, spec, status } };
    }
  }
}

/** Another writer. */
function interfere({ deployment, hpa, memory }: State & { memory: Memory }, route: Route, replicas?: number): void {
  if (route.endsWith('-hpa')) {
    memory.hpa = { ...hpa };
    hpa.resourceVersion += 1;
    hpa.minReplicas = replicas ?? hpa.minReplicas;
    return;
  }
  memory.deployment = { ...deployment };
  deployment.resourceVersion += 1;
  deployment.replicas = replicas ?? deployment.replicas;
}

/** A merge patch that names a version is refused when the object has another one. */
function patch(
  object: { resourceVersion: number },
  body: string,
  change: (spec: Readonly<Record<string, unknown>>) => void,
): boolean {
  const wanted = JSON.parse(body) as { metadata?: { resourceVersion?: string }; spec: Record<string, unknown> };
  const version = wanted.metadata?.resourceVersion;
  if (version !== undefined && version !== String(object.resourceVersion)) return false;
  change(wanted.spec);
  object.resourceVersion += 1;
  return true;
}

/** The ReplicaSet's order of who goes first: not yet running, then cheaper, then newer. Pods that end stay until they are taken away. */
function reconcile({ deployment, pods }: State, newName: () => string): void {
  for (const pod of pods) pod.phase = 'Running';
  const live = pods.filter((pod) => !pod.isDeleting);
  for (let count = live.length; count < deployment.replicas; count += 1)
    pods.push({ name: newName(), phase: 'Pending', isDeleting: false });
  const costOf = ({ cost }: Pod): number => Number(cost ?? 0);
  const byRank = [...live].sort((a, b) => costOf(a) - costOf(b) || pods.indexOf(b) - pods.indexOf(a));
  for (const pod of byRank.slice(0, Math.max(0, live.length - deployment.replicas))) pod.isDeleting = true;
  deployment.readyReplicas = pods.filter((pod) => pod.phase === 'Running' && !pod.isDeleting).length;
}

// Go leaves numbers that are zero out of these objects, and so do we.
const unlessZero = (name: string, value: number): object => (value === 0 ? {} : { [name]: value });

function scaleObject(deployment: State['deployment']): object {
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name: DEPLOYMENT, namespace: NAMESPACE, resourceVersion: String(deployment.resourceVersion) },
    spec: unlessZero('replicas', deployment.replicas),
    status: { replicas: deployment.replicas, selector: SELECTOR },
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

function hpaObject({ minReplicas, maxReplicas, resourceVersion }: State['hpa']): object {
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: { name: HPA, namespace: NAMESPACE, resourceVersion: String(resourceVersion) },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: DEPLOYMENT },
      ...(minReplicas === undefined ? {} : { minReplicas }),
      maxReplicas,
    },
    status: { currentReplicas: 2, desiredReplicas: 2 },
  };
}

function podObject({ name, phase, isDeleting, cost }: Pod): object {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      namespace: NAMESPACE,
      ...(cost === undefined ? {} : { annotations: { [COST]: cost } }),
      ...(isDeleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { containers: [{ name: 'processor' }] },
    status: { phase },
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
