import {
  AutoscalingV2Api,
  PatchStrategy,
  setHeaderOptions,
  type V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';

import type { KubernetesConnection } from './kubernetes-connection.ts';
import type { RequestedAction } from './kubernetes-failure.ts';
import { KubernetesRequests, pause, type RequestLimits } from './kubernetes-requests.ts';
import { readReadyReplicas } from './ready-replicas.ts';
import { assertReplicaCount, type ScaleReading, type ScaleTarget, ScaleTargetError } from './scale-target.ts';
import type { TimeLimit } from './time-limit.ts';

export interface HpaFloorTargetConfig extends RequestLimits {
  readonly namespace: string;
  /** Name of the HorizontalPodAutoscaler; somebody else has made it and owns everything else in it. */
  readonly hpa: string;
  readonly connection: KubernetesConnection;
}

/**
 * The plan as the floor of an HPA that exists: its `spec.minReplicas`. The HPA corrects a number below its floor at once and without its
 * tolerance and rate limits, and adds what its own metrics ask for above. The floor is kept from 1 to the HPA's `maxReplicas`.
 * Needs `get` and `patch` on the HPA; with `get` on the Deployment that it scales the ready replicas are known too.
 * @throws ScaleTargetError when the credentials can not be loaded.
 */
export function openHpaFloorTarget(config: HpaFloorTargetConfig): ScaleTarget {
  return new HpaFloorTarget(config);
}

const MAX_CONFLICTS = 8;

interface Hpa {
  readonly resourceVersion: string;
  readonly floor: number;
  readonly ceiling: number;
  /** Set when it scales a Deployment. */
  readonly deployment: string | undefined;
}

class HpaFloorTarget implements ScaleTarget {
  readonly name = 'hpa-floor';
  readonly #requests: KubernetesRequests;
  readonly #path: { readonly name: string; readonly namespace: string };
  /** What was asked last: the HPA can not hold a zero, nor more than its maximum. */
  #asked: number | undefined;

  constructor(config: HpaFloorTargetConfig) {
    this.#path = { name: config.hpa, namespace: config.namespace };
    this.#requests = new KubernetesRequests(config.connection, config);
  }

  /** `desired` is the floor; while the floor is as near as it can be to what was asked, it is what was asked. */
  async read(): Promise<ScaleReading> {
    using limit = this.#requests.limit();
    const hpa = await this.#readHpa(limit);
    const ready =
      hpa.deployment === undefined
        ? undefined
        : await readReadyReplicas(this.#requests, { ...this.#path, name: hpa.deployment }, limit);
    const asked = this.#asked;
    return { desired: asked !== undefined && within(hpa, asked) === hpa.floor ? asked : hpa.floor, ready };
  }

  async apply(replicas: number, signal: AbortSignal): Promise<void> {
    assertReplicaCount(replicas);
    using limit = this.#requests.limit(signal);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      if (conflicts > 0) await pause(1, undefined, limit, 'The HorizontalPodAutoscaler kept changing.');
      const hpa = await this.#readHpa(limit);
      const minReplicas = within(hpa, replicas);
      if (hpa.floor === minReplicas || (await this.#write(hpa.resourceVersion, minReplicas, limit))) {
        this.#asked = replicas;
        if (replicas > hpa.ceiling) throw this.#capped(replicas, hpa.ceiling);
        return;
      }
    }
    throw new ScaleTargetError(
      `Somebody else changed HorizontalPodAutoscaler ${this.#path.namespace}/${this.#path.name} each of the ` +
        `${MAX_CONFLICTS} times that its minReplicas was to be set to ${replicas}. Nothing was written.`,
      true,
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#requests.close();
    return Promise.resolve();
  }

  async #readHpa(limit: TimeLimit): Promise<Hpa> {
    const outcome = await this.#requests.request(AutoscalingV2Api, this.#action('get'), limit, (api, options) =>
      api.readNamespacedHorizontalPodAutoscaler(this.#path, options),
    );
    const hpa = outcome.kind === 'answer' ? understand(outcome.value) : undefined;
    if (hpa !== undefined) return hpa;
    throw new ScaleTargetError(
      'What answered is not a Kubernetes API server: it did not send a HorizontalPodAutoscaler.',
      false,
    );
  }

  /** Whether it was written; not when somebody else has changed it since it was read. */
  async #write(resourceVersion: string, minReplicas: number, limit: TimeLimit): Promise<boolean> {
    const body = { metadata: { resourceVersion }, spec: { minReplicas } };
    const outcome = await this.#requests.request(AutoscalingV2Api, this.#action('patch'), limit, (api, options) =>
      api.patchNamespacedHorizontalPodAutoscaler(
        { ...this.#path, body, fieldManager: 'almanac-autoscaler' },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch, options),
      ),
    );
    return outcome.kind === 'answer';
  }

  #capped(replicas: number, ceiling: number): ScaleTargetError {
    return new ScaleTargetError(
      `HorizontalPodAutoscaler ${this.#path.namespace}/${this.#path.name} allows ${ceiling} replicas at most, ` +
        `so its minReplicas is ${ceiling} and not ${replicas}. Raise its maxReplicas, or lower ALMANAC_MAX_REPLICAS.`,
      false,
    );
  }

  #action(verb: RequestedAction['verb']): RequestedAction {
    return { verb, resource: 'horizontalpodautoscalers', ...this.#path };
  }
}

/** A floor of zero needs an alpha feature and an external metric, so it is left to those who have them. */
function within({ ceiling }: Hpa, replicas: number): number {
  return Math.min(ceiling, Math.max(1, replicas));
}

/** Without `minReplicas` it is one. */
function understand({ kind, metadata, spec }: V2HorizontalPodAutoscaler): Hpa | undefined {
  const resourceVersion = metadata?.resourceVersion;
  if (kind !== 'HorizontalPodAutoscaler' || spec === undefined || resourceVersion === undefined) return undefined;
  const { scaleTargetRef, minReplicas = 1, maxReplicas } = spec;
  const deployment = scaleTargetRef.kind === 'Deployment' ? scaleTargetRef.name : undefined;
  return { resourceVersion, floor: minReplicas, ceiling: maxReplicas, deployment };
}
