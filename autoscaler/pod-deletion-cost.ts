import { CoreV1Api, PatchStrategy, setHeaderOptions, type V1Pod } from '@kubernetes/client-node';

import { SECOND_MS } from '../core/duration.ts';
import type { KubernetesRequests } from './kubernetes-requests.ts';
import { type TimeLimit, timeLimit } from './time-limit.ts';

/** The planned work (ms) that is left in each pod that has work in hand, by the pod's host name. Pods that are not in it are idle. */
export type ReadBusyPods = () => Promise<ReadonlyMap<string, number>>;

export const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** A busy pod costs more than an idle one, however little is left to do. */
const COST_OF_BEING_BUSY = 10;
const AT_ONCE = 8;
/** What marking may take: the scale-in itself must not wait for it. */
const LIMIT_MS = 5_000;

/** What it costs to delete a pod: nothing while it is idle, more the more planned work it has left. */
export function deletionCost(remainingMs: number | undefined): number {
  if (remainingMs === undefined) return 0;
  return COST_OF_BEING_BUSY + Math.ceil(Math.max(0, remainingMs) / SECOND_MS);
}

/**
 * Tells Kubernetes, just before a scale-in, which pods are to go first. Only what has changed is written. A help, no condition: whatever
 * goes wrong here is left as it is. Needs `list` and `patch` on `pods`.
 */
export async function markPods(
  requests: KubernetesRequests,
  { namespace, selector }: { readonly namespace: string; readonly selector: string },
  readBusyPods: ReadBusyPods,
  outer: TimeLimit,
): Promise<void> {
  using limit = timeLimit(Math.min(LIMIT_MS, outer.limitMs / 2), outer.signal);
  try {
    // Not known is not idle: when nobody knows what the pods do, nothing is said about them.
    const busy = await within(limit, readBusyPods());
    const list = await requests.once(CoreV1Api, { verb: 'list', resource: 'pods', namespace }, limit, (api, options) =>
      api.listNamespacedPod({ namespace, labelSelector: selector }, options),
    );
    if (list.kind !== 'answer') return;
    const changes = list.value.items.flatMap((pod) => changeOf(pod, busy));
    const next = changes.values();
    await Promise.all(Array.from({ length: AT_ONCE }, () => writeAll(requests, namespace, next, limit)));
  } catch (error) {
    if (outer.signal.aborted) throw error; // the caller's end, not ours
  }
}

interface Change {
  readonly pod: string;
  readonly cost: number;
}

/** Pods that end or have ended are no candidates any more. */
function changeOf({ metadata, status }: V1Pod, busy: ReadonlyMap<string, number>): Change[] {
  const name = metadata?.name;
  if (name === undefined || metadata?.deletionTimestamp !== undefined) return [];
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return [];
  const cost = deletionCost(busy.get(hostNameOf(name)));
  return Number(metadata?.annotations?.[DELETION_COST] ?? 0) === cost ? [] : [{ pod: name, cost }];
}

/** Host names have 63 characters at most, and end with none of these. */
function hostNameOf(pod: string): string {
  return pod.slice(0, 63).replace(/[-.]+$/, '');
}

async function writeAll(
  requests: KubernetesRequests,
  namespace: string,
  changes: Iterator<Change> & Iterable<Change>,
  limit: TimeLimit,
): Promise<void> {
  for (const { pod, cost } of changes) {
    const body = { metadata: { annotations: { [DELETION_COST]: String(cost) } } };
    const action = { verb: 'patch', resource: 'pods', namespace, name: pod } as const;
    const outcome = await requests.once(CoreV1Api, action, limit, (api, options) =>
      api.patchNamespacedPod(
        { name: pod, namespace, body, fieldManager: 'almanac-autoscaler' },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch, options),
      ),
    );
    // A pod that is gone by now is no reason to stop; credentials that are refused are refused for the next one too.
    if (outcome.kind === 'stale-credentials') return;
  }
}

function within<T>(limit: TimeLimit, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason as Error), { once: true });
    promise.then(resolve, reject);
  });
}
