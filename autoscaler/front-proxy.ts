/** Who asks, in the words of Kubernetes. */
export interface KubernetesUser {
  readonly username: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** How the API server says who it is and for whom it asks: what `extension-apiserver-authentication` in kube-system holds. */
export interface FrontProxyTrust {
  /** Authorities (PEM) of the client certificate with which it connects. */
  readonly clientCa: string;
  /** Common names that the certificate may have; empty allows any. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/**
 * `undefined` when the cluster has no aggregation layer: then nobody is believed in what the headers say.
 * @throws Error when a list is no list.
 */
export function parseFrontProxyTrust(data: Readonly<Record<string, string>>): FrontProxyTrust | undefined {
  const clientCa = data['requestheader-client-ca-file'] ?? '';
  const usernameHeaders = names(data, 'requestheader-username-headers');
  if (clientCa.trim() === '' || usernameHeaders.length === 0) return undefined;
  return {
    clientCa,
    allowedNames: names(data, 'requestheader-allowed-names'),
    usernameHeaders,
    uidHeaders: names(data, 'requestheader-uid-headers'),
    groupHeaders: names(data, 'requestheader-group-headers'),
    extraHeaderPrefixes: names(data, 'requestheader-extra-headers-prefix'),
  };
}

/** Header names in lower case, each with all its values, as `IncomingMessage.headersDistinct` has them. */
export type DistinctHeaders = Readonly<Record<string, readonly string[] | undefined>>;

/** For whom the API server asks. Only to be called when its certificate was found good. `undefined` when it does not say. */
export function userFromHeaders(trust: FrontProxyTrust, headers: DistinctHeaders): KubernetesUser | undefined {
  const username = first(headers, trust.usernameHeaders);
  if (username === undefined) return undefined;
  const extra: Record<string, readonly string[]> = {};
  for (const prefix of trust.extraHeaderPrefixes.map((name) => name.toLowerCase())) {
    for (const [name, values] of Object.entries(headers)) {
      if (name.startsWith(prefix) && values !== undefined) extra[unescape(name.slice(prefix.length))] = values;
    }
  }
  return {
    username,
    uid: first(headers, trust.uidHeaders),
    groups: trust.groupHeaders.flatMap((name) => headers[name.toLowerCase()] ?? []),
    extra,
  };
}

function first(headers: DistinctHeaders, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = headers[name.toLowerCase()]?.[0];
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

/** Keys of extra fields may have characters that header names may not. */
function unescape(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function names(data: Readonly<Record<string, string>>, key: string): readonly string[] {
  const text = data[key] ?? '';
  const list: unknown = text === '' ? [] : JSON.parse(text);
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  throw new Error(`${key} is not a list of names: ${text}`);
}
