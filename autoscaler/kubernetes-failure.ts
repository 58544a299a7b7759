import { SECOND_MS } from '../core/duration.ts';

/** What is known about a request to the API server that did not succeed. */
export interface RequestFailure {
  /** HTTP status; `undefined` when there was no answer. */
  readonly status: number | undefined;
  /** The server's own words, or the operating system's. */
  readonly message: string;
  /** `ECONNREFUSED`, `CERT_HAS_EXPIRED` and the like. */
  readonly networkCode?: string | undefined;
  readonly retryAfterHeader?: string | undefined;
}

export interface RequestedAction {
  readonly verb: 'get' | 'list' | 'patch' | 'create';
  readonly resource: keyof typeof RESOURCES;
  /** `undefined` for objects of the whole cluster. */
  readonly namespace?: string | undefined;
  /** `undefined` when it is not about one object. */
  readonly name?: string | undefined;
}

/** What the messages have to know about the resources that are used: the API group, and the kind and setting of what may be missing. */
const RESOURCES = {
  deployments: { group: 'apps', kind: 'Deployment', setting: 'ALMANAC_KUBE_DEPLOYMENT' },
  'deployments/scale': { group: 'apps', kind: 'Deployment', setting: 'ALMANAC_KUBE_DEPLOYMENT' },
  horizontalpodautoscalers: { group: 'autoscaling', kind: 'HorizontalPodAutoscaler', setting: 'ALMANAC_KUBE_HPA' },
  pods: { group: '""', kind: 'Pod', setting: undefined },
  configmaps: { group: '""', kind: 'ConfigMap', setting: undefined },
  tokenreviews: { group: 'authentication.k8s.io', kind: 'TokenReview', setting: undefined },
  subjectaccessreviews: { group: 'authorization.k8s.io', kind: 'SubjectAccessReview', setting: undefined },
} as const;

export type FailureVerdict =
  /** Somebody else changed the object since it was read: read again, then decide again. */
  | { readonly kind: 'conflict' }
  /** The token may have been replaced since it was read: read it again. */
  | { readonly kind: 'stale-credentials'; readonly message: string }
  | { readonly kind: 'retry'; readonly afterMs: number | undefined; readonly message: string }
  | { readonly kind: 'give-up'; readonly message: string };

/** Whether a failed request is worth repeating, and the sentence for whoever has to repair what is not. */
export function judgeFailure(failure: RequestFailure, action: RequestedAction): FailureVerdict {
  const { status } = failure;
  if (status === undefined) return judgeNoAnswer(failure);
  if (status === 409) return { kind: 'conflict' };
  if (status === 401) return { kind: 'stale-credentials', message: CREDENTIALS_REFUSED };
  if (status === 403) return { kind: 'give-up', message: forbidden(failure, action) };
  if (status === 404) return { kind: 'give-up', message: missing(action) };
  const message = `The API server answered ${status} to ${describe(action)}: ${failure.message}`;
  if (status === 408 || status === 429 || status >= 500) {
    return { kind: 'retry', afterMs: retryAfterMs(failure.retryAfterHeader), message };
  }
  return { kind: 'give-up', message };
}

const CREDENTIALS_REFUSED =
  'The API server does not accept our credentials (401). The service account token or the kubeconfig user is not valid for this cluster.';

function missing({ resource, namespace, name = '' }: RequestedAction): string {
  const { kind, setting } = RESOURCES[resource];
  const sentence = `There is no ${kind} ${name} in namespace ${namespace ?? ''}.`;
  return setting === undefined ? sentence : `${sentence} Check ALMANAC_KUBE_NAMESPACE and ${setting}.`;
}

function forbidden(failure: RequestFailure, action: RequestedAction): string {
  const { verb, resource, namespace, name } = action;
  const role = namespace === undefined ? 'A ClusterRole' : `A Role in namespace ${namespace}`;
  const names = name === undefined ? '' : `resourceNames: [${name}], `;
  return (
    `We may not ${describe(action)}. ${role}, bound to our service account, ` +
    `must allow apiGroups: [${RESOURCES[resource].group}], resources: [${resource}], ${names}` +
    `verbs: [${verb}]. The API server says: ${failure.message}`
  );
}

function describe({ verb, resource, namespace, name }: RequestedAction): string {
  if (namespace === undefined) return `${verb} ${resource}`;
  return name === undefined ? `${verb} ${resource} in ${namespace}` : `${verb} ${resource} of ${namespace}/${name}`;
}

function judgeNoAnswer(failure: RequestFailure): FailureVerdict {
  if (isCertificateProblem(failure.networkCode)) {
    return {
      kind: 'give-up',
      message:
        `The API server's certificate was refused (${failure.networkCode ?? 'TLS'}), so nothing was sent to it. ` +
        `Check the certificate authority of the service account or the kubeconfig. ${failure.message}`,
    };
  }
  return { kind: 'retry', afterMs: undefined, message: `The API server did not answer: ${failure.message}` };
}

// OpenSSL's verification results, under the names that Node gives them, and Node's own.
const CERTIFICATE_PROBLEM =
  /^(ERR_TLS_CERT|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;

function isCertificateProblem(networkCode: string | undefined): boolean {
  return networkCode !== undefined && CERTIFICATE_PROBLEM.test(networkCode);
}

/** The API server sends whole seconds only; anything else leaves the waiting to us. */
function retryAfterMs(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * SECOND_MS : undefined;
}
