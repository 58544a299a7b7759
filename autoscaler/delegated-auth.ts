import { createHash } from 'node:crypto';

import {
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  V1SubjectAccessReview,
  V1TokenReview,
} from '@kubernetes/client-node';

import { MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import type { Logger } from '../runtime/logger.ts';
import { ExpiringCache } from './expiring-cache.ts';
import { type FrontProxyTrust, type KubernetesUser, parseFrontProxyTrust } from './front-proxy.ts';
import type { KubernetesRequests } from './kubernetes-requests.ts';
import { ScaleTargetError } from './scale-target.ts';

/** What a request is for. */
export type RequestedAccess =
  | { readonly kind: 'metric'; readonly group: string; readonly namespace: string; readonly metric: string }
  | { readonly kind: 'path'; readonly path: string };

/** Kubernetes decides who somebody is and what they may do. Both answers are kept for seconds. */
export interface DelegatedAuth extends AsyncDisposable {
  /** How to know the API server; `undefined` while that is not known, and in clusters without an aggregation layer. */
  readonly trust: () => FrontProxyTrust | undefined;
  /** `undefined` when the token is nobody's. @throws ScaleTargetError when the API server can not be asked. */
  authenticate(token: string): Promise<KubernetesUser | undefined>;
  /** @throws ScaleTargetError when the API server can not be asked. */
  isAllowed(user: KubernetesUser, access: RequestedAccess): Promise<boolean>;
}

export interface DelegatedAuthOptions {
  /** How often the trust is read again. Default 1 min. */
  readonly reloadMs?: number;
  /** For how long answers about people are kept. Default 10 s. */
  readonly keepMs?: number;
}

/** The group that may do everything; asking whether it may would make an outage of the API server worse. */
const MASTERS = 'system:masters';
/** What could not be read is asked for again sooner. */
const RETRY_MS = 5 * SECOND_MS;
const TRUST = { name: 'extension-apiserver-authentication', namespace: 'kube-system' } as const;

/** `onTrust` hears of each trust that differs from the one before. Without any, only bearer tokens count; it is asked for until there is one. */
export async function openDelegatedAuth(
  requests: KubernetesRequests,
  log: Logger,
  onTrust: (trust: FrontProxyTrust | undefined) => void,
  { reloadMs = MINUTE_MS, keepMs = 10 * SECOND_MS }: DelegatedAuthOptions = {},
): Promise<DelegatedAuth> {
  let trust: FrontProxyTrust | undefined;
  const options = { keepMs, size: 1_000, now: () => performance.now() };
  const users = new ExpiringCache<KubernetesUser | undefined>(options);
  const verdicts = new ExpiringCache<boolean>(options);

  let readAtMs = -Infinity;
  const reload = async (): Promise<void> => {
    if (performance.now() - readAtMs < reloadMs) return;
    try {
      const read = await readTrust(requests);
      readAtMs = performance.now();
      if (JSON.stringify(read) === JSON.stringify(trust)) return;
      trust = read;
      onTrust(read);
    } catch (error) {
      log.warn({ err: error }, 'it is not known how the API server identifies itself; what was known before counts');
    }
  };
  let loading = reload();
  const timer = setInterval(() => void (loading = loading.then(reload)), Math.min(reloadMs, RETRY_MS)).unref();
  await loading;

  return {
    trust: () => trust,
    authenticate: (token) => users.get(fingerprint(token), () => reviewToken(requests, token)),
    isAllowed: (user, access) =>
      user.groups.includes(MASTERS)
        ? Promise.resolve(true)
        : verdicts.get(JSON.stringify([user, access]), () => reviewAccess(requests, user, access)),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      requests.close();
      await loading;
    },
  };
}

async function readTrust(requests: KubernetesRequests): Promise<FrontProxyTrust | undefined> {
  using limit = requests.limit();
  const action = { verb: 'get', resource: 'configmaps', ...TRUST } as const;
  const outcome = await requests.request(CoreV1Api, action, limit, (api, options) =>
    api.readNamespacedConfigMap(TRUST, options),
  );
  if (outcome.kind !== 'answer') throw unexpected();
  return parseFrontProxyTrust(outcome.value.data ?? {});
}

async function reviewToken(requests: KubernetesRequests, token: string): Promise<KubernetesUser | undefined> {
  using limit = requests.limit();
  const action = { verb: 'create', resource: 'tokenreviews' } as const;
  const body = Object.assign(new V1TokenReview(), { spec: { token } });
  const outcome = await requests.request(AuthenticationV1Api, action, limit, (api, options) =>
    api.createTokenReview({ body }, options),
  );
  if (outcome.kind !== 'answer') throw unexpected();
  const user = outcome.value.status?.authenticated === true ? outcome.value.status.user : undefined;
  if (user?.username === undefined) return undefined;
  return { username: user.username, uid: user.uid, groups: user.groups ?? [], extra: user.extra ?? {} };
}

async function reviewAccess(
  requests: KubernetesRequests,
  { username, uid, groups, extra }: KubernetesUser,
  access: RequestedAccess,
): Promise<boolean> {
  using limit = requests.limit();
  const what =
    access.kind === 'path'
      ? { nonResourceAttributes: { path: access.path, verb: 'get' } }
      : {
          resourceAttributes: {
            verb: 'get',
            group: access.group,
            version: 'v1beta1',
            resource: access.metric,
            namespace: access.namespace,
          },
        };
  const whoElse = uid === undefined ? {} : { uid };
  const spec = { user: username, groups: [...groups], extra: writable(extra), ...whoElse, ...what };
  const action = { verb: 'create', resource: 'subjectaccessreviews' } as const;
  const body = Object.assign(new V1SubjectAccessReview(), { spec });
  const outcome = await requests.request(AuthorizationV1Api, action, limit, (api, options) =>
    api.createSubjectAccessReview({ body }, options),
  );
  if (outcome.kind !== 'answer') throw unexpected();
  return outcome.value.status?.allowed === true && outcome.value.status.denied !== true;
}

function writable(extra: KubernetesUser['extra']): Record<string, string[]> {
  return Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]));
}

/** Tokens themselves are not kept in memory longer than their request. */
function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

function unexpected(): ScaleTargetError {
  return new ScaleTargetError('The API server answered with a conflict to a question that changes nothing.', true);
}
