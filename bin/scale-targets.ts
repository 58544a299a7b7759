import { existsSync, readFileSync } from 'node:fs';

import { openObserveTarget } from '../autoscaler/observe-target.ts';
import type { ScaleTarget } from '../autoscaler/scale-target.ts';
import { readBusyProcessors } from '../db/busy-processors.ts';
import { readFleet } from '../db/forecast-store.ts';
import { ConfigurationError } from '../runtime/env.ts';
import type { Context } from './context.ts';

const OWN_NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/**
 * The client of Kubernetes takes a second of processor time to load: only who scales there loads it.
 * @throws ConfigurationError when a target in Kubernetes is not told what to scale.
 */
export async function openScaleTarget(
  kind: 'kubernetes' | 'hpa-floor' | 'observe',
  { env, database }: Pick<Context, 'env' | 'database'>,
): Promise<ScaleTarget> {
  if (kind === 'observe') return openObserveTarget(async () => (await readFleet(database, env.ALMANAC_POOL)).ready);
  const namespace = env.ALMANAC_KUBE_NAMESPACE ?? ownNamespace();
  if (namespace === undefined)
    throw new ConfigurationError(['ALMANAC_KUBE_NAMESPACE: outside a cluster the namespace must be given']);
  const { kubernetesConnection } = await import('../autoscaler/kubernetes-connection.ts');
  const connection = kubernetesConnection(process.env);
  const { ALMANAC_KUBE_DEPLOYMENT: deployment, ALMANAC_KUBE_HPA: hpa } = env;
  if (kind === 'hpa-floor') {
    if (hpa === undefined)
      throw new ConfigurationError([
        'ALMANAC_KUBE_HPA: the hpa-floor target needs the name of the HorizontalPodAutoscaler',
      ]);
    const { openHpaFloorTarget } = await import('../autoscaler/hpa-floor-target.ts');
    return openHpaFloorTarget({ namespace, hpa, connection });
  }
  if (deployment === undefined)
    throw new ConfigurationError(['ALMANAC_KUBE_DEPLOYMENT: the kubernetes target needs the name of the Deployment']);
  const readBusyPods = async (): Promise<ReadonlyMap<string, number>> => {
    const busy = await readBusyProcessors(database, env.ALMANAC_POOL);
    return new Map(busy.flatMap(({ name, remainingMs }) => hostsOf(name).map((host) => [host, remainingMs] as const)));
  };
  const { openKubernetesTarget } = await import('../autoscaler/kubernetes-target.ts');
  return openKubernetesTarget({
    namespace,
    deployment,
    connection,
    readBusyPods: env.ALMANAC_KUBE_DELETION_COST ? readBusyPods : undefined,
  });
}

/** A replica's name holds the name of its host, as `replicaName` makes it, or is it, when it was given. */
function hostsOf(replica: string): string[] {
  const host = /^processor-(.+)-\d+$/.exec(replica)?.[1];
  return host === undefined ? [replica] : [replica, host];
}

function ownNamespace(): string | undefined {
  return existsSync(OWN_NAMESPACE_FILE) ? readFileSync(OWN_NAMESPACE_FILE, 'utf8').trim() : undefined;
}
