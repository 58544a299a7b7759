import { AppsV1Api } from '@kubernetes/client-node';

import type { KubernetesRequests } from './kubernetes-requests.ts';
import type { TimeLimit } from './time-limit.ts';

/** How many replicas of a Deployment can take work. One try only, and no reason to fail: without this number the plan still holds. */
export async function readReadyReplicas(
  requests: KubernetesRequests,
  path: { readonly name: string; readonly namespace: string },
  limit: TimeLimit,
): Promise<number | undefined> {
  const action = { verb: 'get', resource: 'deployments', ...path } as const;
  const outcome = await requests.once(AppsV1Api, action, limit, (api, options) =>
    api.readNamespacedDeployment(path, options),
  );
  // Without `observedGeneration` no controller has counted yet; after that a missing number is a zero.
  if (outcome.kind !== 'answer' || outcome.value.status?.observedGeneration === undefined) return undefined;
  return outcome.value.status.readyReplicas ?? 0;
}
