import { existsSync, readFileSync } from 'node:fs';

import { kubernetesConnection, openKubernetesTarget } from '../autoscaler/kubernetes-target.ts';
import { openObserveTarget } from '../autoscaler/observe-target.ts';
import type { ScaleTarget } from '../autoscaler/scale-target.ts';
import { readFleet } from '../db/forecast-store.ts';
import { ConfigurationError } from '../runtime/env.ts';
import type { Context } from './context.ts';

const OWN_NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** @throws ConfigurationError when the kubernetes target is not told what to scale. */
export function openScaleTarget(
  kind: 'kubernetes' | 'observe',
  { env, database }: Pick<Context, 'env' | 'database'>,
): ScaleTarget {
  if (kind === 'observe') return openObserveTarget(async () => (await readFleet(database, env.ALMANAC_POOL)).ready);
  const namespace = env.ALMANAC_KUBE_NAMESPACE ?? ownNamespace();
  const deployment = env.ALMANAC_KUBE_DEPLOYMENT;
  if (deployment === undefined)
    throw new ConfigurationError(['ALMANAC_KUBE_DEPLOYMENT: the kubernetes target needs the name of the Deployment']);
  if (namespace === undefined)
    throw new ConfigurationError(['ALMANAC_KUBE_NAMESPACE: outside a cluster the namespace must be given']);
  return openKubernetesTarget({ namespace, deployment, connection: kubernetesConnection(process.env) });
}

function ownNamespace(): string | undefined {
  return existsSync(OWN_NAMESPACE_FILE) ? readFileSync(OWN_NAMESPACE_FILE, 'utf8').trim() : undefined;
}
