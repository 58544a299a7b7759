import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

import type { DelegatedAuth } from './delegated-auth.ts';
import { type FrontProxyTrust, type KubernetesUser, userFromHeaders } from './front-proxy.ts';

export type Identity =
  { readonly kind: 'user'; readonly user: KubernetesUser } | { readonly kind: 'unknown'; readonly message: string };

/**
 * Who asks: whoever the API server names, when its certificate is good, else the owner of the bearer token. Headers that name a user count
 * for nothing without that certificate.
 * @throws ScaleTargetError when the API server can not be asked about the token.
 */
export async function identify(
  request: IncomingMessage & { readonly socket: TLSSocket },
  auth: DelegatedAuth,
  nowMs: number,
): Promise<Identity> {
  const trust = auth.trust();
  const problem = trust === undefined ? NO_TRUST : proxyProblem(request.socket, trust, nowMs);
  if (trust !== undefined && problem === undefined) {
    const user = userFromHeaders(trust, request.headersDistinct);
    if (user !== undefined) return { kind: 'user', user };
  }
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return { kind: 'unknown', message: problem ?? 'The request names no user.' };
  const user = await auth.authenticate(token);
  return user === undefined ? { kind: 'unknown', message: 'The token is not valid.' } : { kind: 'user', user };
}

const NO_TRUST = 'The request has no token, and the front proxy of this cluster is not known.';

/** Why the connection is not the API server's; `undefined` when it is. */
function proxyProblem(socket: TLSSocket, trust: FrontProxyTrust, nowMs: number): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return 'The request has neither a client certificate nor a token.';
  if (!socket.authorized) return `The client certificate was refused: ${String(socket.authorizationError)}.`;
  // A connection may outlive the certificate with which it was made.
  if (nowMs > Date.parse(certificate.validTo)) return 'The client certificate was refused: it has expired.';
  const names: unknown = socket.getPeerCertificate().subject.CN;
  if (trust.allowedNames.length === 0) return undefined;
  if (typeof names === 'string' && trust.allowedNames.includes(names)) return undefined;
  return `The client certificate is of ${String(names)}, which is not among the allowed names.`;
}
