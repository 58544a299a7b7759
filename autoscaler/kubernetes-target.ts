import { AppsV1Api, PatchStrategy, setHeaderOptions, type V1Scale } from '@kubernetes/client-node';

import type { KubernetesConnection } from './kubernetes-connection.ts';
import type { RequestedAction } from './kubernetes-failure.ts';
import { KubernetesRequests, pause, type RequestLimits } from './kubernetes-requests.ts';
import { markPods, type ReadBusyPods } from './pod-deletion-cost.ts';
import { readReadyReplicas } from './ready-replicas.ts';
import { assertReplicaCount, type ScaleReading, type ScaleTarget, ScaleTargetError } from './scale-target.ts';
import type { TimeLimit } from './time-limit.ts';

export interface KubernetesTargetConfig extends RequestLimits {
  readonly namespace: string;
  readonly deployment: string;
  readonly connection: KubernetesConnection;
  /** Which pods have work in hand. With it, idle pods are the first to go in a scale-in. */
  readonly readBusyPods?: ReadBusyPods | undefined;
}

/**
 * The `scale` subresource of one Deployment. Writes carry the version that was read, so that a change made in between is seen, not
 * overwritten. Needs `get` and `patch` on `deployments/scale`; with `get` on `deployments` it also knows the ready replicas, and with
 * `list` and `patch` on `pods` it says before a scale-in which ones are to go.
 * @throws ScaleTargetError when the credentials can not be loaded.
 */
export function openKubernetesTarget(config: KubernetesTargetConfig): ScaleTarget {
  return new KubernetesTarget(config);
}

/** A Deployment's version also moves with its status, which changes several times while pods come and go. */
const MAX_CONFLICTS = 8;

interface Scale {
  readonly resourceVersion: string;
  readonly replicas: number;
  /** Selects the Deployment's pods; '' when nothing is known about them. */
  readonly selector: string;
}

class KubernetesTarget implements ScaleTarget {
  readonly name = 'kubernetes';
  readonly #requests: KubernetesRequests;
  readonly #path: { readonly name: string; readonly namespace: string };
  readonly #readBusyPods: ReadBusyPods | undefined;

  constructor(config: KubernetesTargetConfig) {
    this.#path = { name: config.deployment, namespace: config.namespace };
    this.#requests = new KubernetesRequests(config.connection, config);
    this.#readBusyPods = config.readBusyPods;
  }

  async read(): Promise<ScaleReading> {
    using limit = this.#requests.limit();
    const [scale, ready] = await Promise.all([
      this.#readScale(limit),
      readReadyReplicas(this.#requests, this.#path, limit),
    ]);
    return { desired: scale.replicas, ready };
  }

  async apply(replicas: number, signal: AbortSignal): Promise<void> {
    assertReplicaCount(replicas);
    using limit = this.#requests.limit(signal);
    let isMarked = false;
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      if (conflicts > 0) await pause(1, undefined, limit, 'The Deployment kept changing.');
      const { resourceVersion, replicas: present, selector } = await this.#readScale(limit);
      if (present === replicas) return;
      if (replicas < present && !isMarked) {
        await this.#markPods(selector, limit);
        isMarked = true;
      }
      const body = { metadata: { resourceVersion }, spec: { replicas } };
      const outcome = await this.#requests.request(AppsV1Api, this.#action('patch'), limit, (api, options) =>
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
    this.#requests.close();
    return Promise.resolve();
  }

  async #readScale(limit: TimeLimit): Promise<Scale> {
    const outcome = await this.#requests.request(AppsV1Api, this.#action('get'), limit, (api, options) =>
      api.readNamespacedDeploymentScale(this.#path, options),
    );
    const scale = outcome.kind === 'answer' ? understand(outcome.value) : undefined;
    if (scale !== undefined) return scale;
    throw new ScaleTargetError('What answered is not a Kubernetes API server: it did not send a Scale object.', false);
  }

  async #markPods(selector: string, limit: TimeLimit): Promise<void> {
    if (this.#readBusyPods === undefined || selector === '') return;
    await markPods(this.#requests, { namespace: this.#path.namespace, selector }, this.#readBusyPods, limit);
  }

  #action(verb: RequestedAction['verb']): RequestedAction {
    return { verb, resource: 'deployments/scale', ...this.#path };
  }
}

/** `spec.replicas` is left out of the JSON when it is zero. */
function understand(scale: V1Scale): Scale | undefined {
  const resourceVersion = scale.metadata?.resourceVersion;
  if (scale.kind !== 'Scale' || scale.spec === undefined || resourceVersion === undefined) return undefined;
  return { resourceVersion, replicas: scale.spec.replicas ?? 0, selector: scale.status?.selector ?? '' };
}
