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
  readonly verb: 'get' | 'patch';
  readonly resource: 'deployments' | 'deployments/scale';
  readonly namespace: string;
  readonly deployment: string;
}

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
  if (status === 404) {
    return {
      kind: 'give-up',
      message:
        `There is no Deployment ${action.deployment} in namespace ${action.namespace}. ` +
        'Check ALMANAC_KUBE_NAMESPACE and ALMANAC_KUBE_DEPLOYMENT.',
    };
  }
  const message = `The API server answered ${status} to ${describe(action)}: ${failure.message}`;
  if (status === 408 || status === 429 || status >= 500) {
    return { kind: 'retry', afterMs: retryAfterMs(failure.retryAfterHeader), message };
  }
  return { kind: 'give-up', message };
}

const CREDENTIALS_REFUSED =
  'The API server does not accept our credentials (401). The service account token or the kubeconfig user is not valid for this cluster.';

function forbidden(failure: RequestFailure, action: RequestedAction): string {
  return (
    `We may not ${describe(action)}. A Role in namespace ${action.namespace}, bound to our service account, ` +
    `must allow apiGroups: [apps], resources: [${action.resource}], resourceNames: [${action.deployment}], ` +
    `verbs: [${action.verb}]. The API server says: ${failure.message}`
  );
}

function describe(action: RequestedAction): string {
  return `${action.verb} ${action.resource} of ${action.namespace}/${action.deployment}`;
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
