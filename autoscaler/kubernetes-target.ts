import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  ApiException,
  AppsV1Api,
  type ConfigurationOptions,
  FetchError,
  KubeConfig,
  Observable,
  PatchStrategy,
  setHeaderOptions,
  type V1Scale,
} from '@kubernetes/client-node';

import { type FailureVerdict, judgeFailure, type RequestedAction, type RequestFailure } from './kubernetes-failure.ts';
import { assertReplicaCount, type ScaleReading, type ScaleTarget, ScaleTargetError } from './scale-target.ts';
import { type TimeLimit, timeLimit } from './time-limit.ts';

export interface KubernetesTargetConfig {
  readonly namespace: string;
  readonly deployment: string;
  readonly connection: KubernetesConnection;
  /** For one request, body included. Default 5 s. */
  readonly requestTimeoutMs?: number;
  /** For one `read` or `apply` with all its repetitions. Default 20 s. */
  readonly deadlineMs?: number;
}

/** How to reach the API server. `directory` holds `ca.crt` and `token`; both are read again as they are replaced there. */
export type KubernetesConnection =
  | { readonly kind: 'service-account'; readonly server: string; readonly directory: string }
  /** Without a `file`: KUBECONFIG, else ~/.kube/config. */
  | { readonly kind: 'kubeconfig'; readonly file?: string };

/** Inside a cluster its own service account, elsewhere the kubeconfig; an explicit KUBECONFIG wins over both. */
export function kubernetesConnection(env: Readonly<Record<string, string | undefined>>): KubernetesConnection {
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  if (host === '' || (env.KUBECONFIG ?? '') !== '') return { kind: 'kubeconfig' };
  const port = env.KUBERNETES_SERVICE_PORT ?? '443';
  return {
    kind: 'service-account',
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    directory: '/var/run/secrets/kubernetes.io/serviceaccount',
  };
}

/**
 * The `scale` subresource of one Deployment. Writes carry the version that was read, so that a change made in between is seen, not
 * overwritten. Needs `get` and `patch` on `deployments/scale`; with `get` on `deployments` it also knows the ready replicas.
 * @throws ScaleTargetError when the credentials can not be loaded.
 */
export function openKubernetesTarget(config: KubernetesTargetConfig): ScaleTarget {
  return new KubernetesTarget(config);
}

/** A Deployment's version also moves with its status, which changes several times while pods come and go. */
const MAX_CONFLICTS = 8;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;

type Outcome<T> = { readonly kind: 'answer'; readonly value: T } | FailureVerdict;
type Send<T> = (api: AppsV1Api, options: ConfigurationOptions) => Promise<T>;

class KubernetesTarget implements ScaleTarget {
  readonly name = 'kubernetes';
  readonly #config: KubernetesTargetConfig;
  readonly #requestTimeoutMs: number;
  readonly #deadlineMs: number;
  readonly #path: { readonly name: string; readonly namespace: string };
  readonly #closed = new AbortController();
  #api: AppsV1Api;

  constructor(config: KubernetesTargetConfig) {
    this.#config = config;
    this.#requestTimeoutMs = config.requestTimeoutMs ?? 5_000;
    this.#deadlineMs = config.deadlineMs ?? 20_000;
    this.#path = { name: config.deployment, namespace: config.namespace };
    this.#api = connect(config.connection);
  }

  async read(): Promise<ScaleReading> {
    using limit = timeLimit(this.#deadlineMs, this.#closed.signal);
    const [scale, ready] = await Promise.all([this.#readScale(limit), this.#readReady(limit)]);
    return { desired: scale.replicas, ready };
  }

  async apply(replicas: number, signal: AbortSignal): Promise<void> {
    assertReplicaCount(replicas);
    using limit = timeLimit(this.#deadlineMs, this.#closed.signal, signal);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      if (conflicts > 0) await pause(1, undefined, limit, 'The Deployment kept changing.');
      const { resourceVersion, replicas: present } = await this.#readScale(limit);
      if (present === replicas) return;
      const body = { metadata: { resourceVersion }, spec: { replicas } };
      const outcome = await this.#request(this.#action('patch', 'deployments/scale'), limit, (api, options) =>
        api.patchNamespacedDeploymentScale(
          { ...this.#path, body, fieldManager: 'almanac-autoscaler' },
          setHeaderOptions('Content-Type', PatchStrategy.MergePatch, options),
        ),
      );
      if (outcome.kind === 'answer') return;
    }
    throw new ScaleTargetError(
      `Somebody else changed Deployment ${this.#path.namespace}/${this.#path.name} each of the ${MAX_CONFLICTS} times ` +
        `that it was to be set to ${replicas} replicas. Nothing was written.`,
      true,
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new ScaleTargetError('The connection to Kubernetes was closed.', false));
    return Promise.resolve();
  }

  async #readScale(limit: TimeLimit): Promise<{ readonly resourceVersion: string; readonly replicas: number }> {
    const outcome = await this.#request(this.#action('get', 'deployments/scale'), limit, (api, options) =>
      api.readNamespacedDeploymentScale(this.#path, options),
    );
    const scale = outcome.kind === 'answer' ? understand(outcome.value) : undefined;
    if (scale !== undefined) return scale;
    throw new ScaleTargetError('What answered is not a Kubernetes API server: it did not send a Scale object.', false);
  }

  /** One try only, and no reason to fail: without this number the plan still holds. */
  async #readReady(limit: TimeLimit): Promise<number | undefined> {
    const outcome = await this.#once(this.#action('get', 'deployments'), limit, (api, options) =>
      api.readNamespacedDeployment(this.#path, options),
    );
    // Without `observedGeneration` no controller has counted yet; after that a missing number is a zero.
    if (outcome.kind !== 'answer' || outcome.value.status?.observedGeneration === undefined) return undefined;
    return outcome.value.status.readyReplicas ?? 0;
  }

  /** Repeats what is worth repeating, until the limit. */
  async #request<T>(
    action: RequestedAction,
    limit: TimeLimit,
    send: Send<T>,
  ): Promise<Outcome<T> & { kind: 'answer' | 'conflict' }> {
    let credentialsAreFresh = false;
    for (let failures = 1; ; failures += 1) {
      const outcome = await this.#once(action, limit, send);
      switch (outcome.kind) {
        case 'answer':
        case 'conflict':
          return outcome;
        case 'stale-credentials':
          if (credentialsAreFresh) throw new ScaleTargetError(outcome.message, false);
          this.#api = connect(this.#config.connection); // the client itself looks at the token file once a minute only
          credentialsAreFresh = true;
          break;
        case 'retry':
          await pause(failures, outcome.afterMs, limit, outcome.message);
          break;
        case 'give-up':
          throw new ScaleTargetError(outcome.message, false);
      }
    }
  }

  async #once<T>(action: RequestedAction, limit: TimeLimit, send: Send<T>): Promise<Outcome<T>> {
    if (limit.signal.aborted) throw endOf(limit, 'The time was used up.');
    using request = timeLimit(this.#requestTimeoutMs, limit.signal);
    try {
      return { kind: 'answer', value: await send(this.#api, withSignal(request.signal)) };
    } catch (error) {
      if (isStopped(limit)) throw limit.signal.reason;
      return judgeFailure(request.signal.aborted ? unanswered(request.signal) : describeFailure(error), action);
    }
  }

  #action(verb: RequestedAction['verb'], resource: RequestedAction['resource']): RequestedAction {
    return { verb, resource, namespace: this.#config.namespace, deployment: this.#config.deployment };
  }
}

function connect(connection: KubernetesConnection): AppsV1Api {
  try {
    return loadConfig(connection).makeApiClient(AppsV1Api);
  } catch (error) {
    throw new ScaleTargetError(`The credentials for Kubernetes could not be loaded: ${String(error)}`, false, {
      cause: error,
    });
  }
}

function loadConfig(connection: KubernetesConnection): KubeConfig {
  const config = new KubeConfig();
  if (connection.kind === 'service-account') {
    const { server, directory } = connection;
    config.loadFromClusterAndUser(
      { name: 'here', server, caFile: join(directory, 'ca.crt'), skipTLSVerify: false },
      { name: 'service-account', authProvider: { name: 'tokenFile', config: { tokenFile: join(directory, 'token') } } },
    );
    return config;
  }
  if (connection.file !== undefined) config.loadFromFile(connection.file);
  else config.loadFromDefault();
  // What the client falls back to when it has found nothing at all; asking that address would only hide the cause.
  if (config.getCurrentCluster()?.server === 'http://localhost:8080') {
    throw new Error('there is no service account, no KUBECONFIG and no ~/.kube/config');
  }
  return config;
}

/** The generated calls take no signal, but each request passes through its middleware. */
function withSignal(signal: AbortSignal): ConfigurationOptions {
  return {
    middleware: [
      {
        pre: (context) => {
          context.setSignal(signal);
          return new Observable(Promise.resolve(context));
        },
        post: (context) => new Observable(Promise.resolve(context)),
      },
    ],
    middlewareMergeStrategy: 'append',
  };
}

/** `spec.replicas` is left out of the JSON when it is zero. */
function understand(scale: V1Scale): { resourceVersion: string; replicas: number } | undefined {
  const resourceVersion = scale.metadata?.resourceVersion;
  if (scale.kind !== 'Scale' || scale.spec === undefined || resourceVersion === undefined) return undefined;
  return { resourceVersion, replicas: scale.spec.replicas ?? 0 };
}

async function pause(failures: number, askedMs: number | undefined, limit: TimeLimit, cause: string): Promise<void> {
  const ceilingMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  try {
    await sleep(Math.max(askedMs ?? 0, ceilingMs * (0.5 + Math.random() / 2)), undefined, { signal: limit.signal });
  } catch {
    throw endOf(limit, cause); // only the signal ends a sleep early
  }
}

/** Aborted from outside, by the caller or by disposal. */
function isStopped(limit: TimeLimit): boolean {
  return limit.signal.aborted && !limit.isOver();
}

/** Running out of time is a failure of the target; any other reason is the caller's wish, and is handed back as it came. */
function endOf(limit: TimeLimit, cause: string): unknown {
  if (isStopped(limit)) return limit.signal.reason;
  return new ScaleTargetError(`Gave up after ${limit.limitMs} ms. ${cause}`, true);
}

function unanswered(signal: AbortSignal): RequestFailure {
  return { status: undefined, message: (signal.reason as Error).message };
}

function describeFailure(error: unknown): RequestFailure {
  if (error instanceof ApiException) {
    return { status: error.code, message: statusMessage(error.body), retryAfterHeader: error.headers['retry-after'] };
  }
  if (error instanceof FetchError) return { status: undefined, message: error.message, networkCode: error.code };
  throw new ScaleTargetError(`A request to the API server could not be made: ${String(error)}`, false, {
    cause: error,
  });
}

/** The `message` of the Status object that the API server sends with every refusal; proxies in between send anything. */
function statusMessage(body: unknown): string {
  const text = typeof body === 'string' ? body : '';
  try {
    const status: unknown = JSON.parse(text);
    if (typeof status === 'object' && status !== null && 'message' in status) return String(status.message);
  } catch {
    // Not JSON, so not from the API server itself: the text is all there is.
  }
  return text === '' ? 'no reason given' : text.slice(0, 200);
}
