import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';

import { Agent, buildConnector, type Dispatcher } from 'undici';

import type { AllowedTarget } from './address-rules.ts';
import { checkAddress, checkOutboundUrl, isAddress } from './outbound-rules.ts';

/** The one way by which handlers reach other servers. */
export interface OutboundHttp extends AsyncDisposable {
  /** Rejects with OutboundRefusedError for what is not allowed, and with the network's error for what did not work. */
  send(request: OutboundRequest): Promise<OutboundResponse>;
}

export interface OutboundRequest {
  readonly method: OutboundMethod;
  readonly url: string;
  /** Names in any case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Reading stops there; the rest of the body is not fetched. */
  readonly maxResponseBytes: number;
  /** 0: a redirect is an answer like any other. */
  readonly maxRedirects: number;
}

type OutboundMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly truncated: boolean;
  /** Where the answer came from, after redirects. */
  readonly url: string;
}

/** How names become addresses; the system's resolver outside of tests. */
export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

/**
 * Opens the guarded HTTP client. Public addresses only, but for `allowed`. A name is resolved once, every one of its addresses is
 * checked, and the connection is made to those very addresses, so that a name can not change its mind in between. No proxy from the
 * environment, no redirects unless asked for, TLS always verified.
 */
export function openOutboundHttp(
  allowed: readonly AllowedTarget[],
  resolveName: ResolveName = resolveWithSystem,
): OutboundHttp {
  const agent = new Agent({
    connect: guardedConnector(allowed, resolveName),
    headersTimeout: 0, // the attempt's own time-out governs
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  return {
    async send(request) {
      let hop: Hop = {
        ...request,
        url: checkOutboundUrl(request.url, allowed),
        redirectsLeft: request.maxRedirects,
      };
      for (;;) {
        const answer = await sendHop(agent, hop, request);
        const next = nextHop(hop, answer, allowed);
        if (next === undefined) return { ...answer, url: hop.url.href };
        hop = next;
      }
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

const MAX_HEADER_BYTES = 16_384;
const CONNECT_TIMEOUT_MS = 10_000;

interface Hop {
  readonly url: URL;
  readonly method: OutboundMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly redirectsLeft: number;
}
type Answer = Omit<OutboundResponse, 'url'>;

async function sendHop(agent: Agent, hop: Hop, limits: OutboundRequest): Promise<Answer> {
  const response = await agent.request({
    origin: hop.url.origin,
    path: `${hop.url.pathname}${hop.url.search}`,
    method: hop.method,
    // A compressed answer would have to be unpacked before it can be measured.
    headers: { 'accept-encoding': 'identity', ...hop.headers },
    body: hop.body ?? null,
    signal: limits.signal,
  });
  const { body, truncated } = await readBody(response.body, limits.maxResponseBytes);
  return { status: response.statusCode, headers: flatHeaders(response.headers), body, truncated };
}

async function readBody(
  stream: Dispatcher.ResponseData['body'],
  maxBytes: number,
): Promise<{ body: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break; // leaving the loop destroys the stream and with it the connection
  }
  return { body: Buffer.concat(chunks).subarray(0, maxBytes), truncated: size > maxBytes };
}

function flatHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  return flat;
}

/** Where a redirect leads, checked like the first URL; `undefined` when the answer is final. */
function nextHop(hop: Hop, answer: Answer, allowed: readonly AllowedTarget[]): Hop | undefined {
  const location = answer.headers.location;
  if (hop.redirectsLeft === 0 || location === undefined || !REDIRECTS.has(answer.status)) return undefined;
  if (!URL.canParse(location, hop.url.href)) return undefined;
  const url = checkOutboundUrl(new URL(location, hop.url).href, allowed);
  const becomesGet = answer.status === 303 ? hop.method !== 'HEAD' : answer.status < 303 && hop.method === 'POST';
  const crossing = url.origin !== hop.url.origin;
  const headers = Object.entries(hop.headers).filter(
    ([name]) => (!crossing || SAFE_ELSEWHERE.has(name.toLowerCase())) && !(becomesGet && /^content-/i.test(name)),
  );
  return {
    url,
    method: becomesGet ? 'GET' : hop.method,
    headers: Object.fromEntries(headers),
    ...(hop.body !== undefined && !becomesGet && { body: hop.body }),
    redirectsLeft: hop.redirectsLeft - 1,
  };
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Any other header may be a credential, so it does not follow to another origin. */
const SAFE_ELSEWHERE: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-type',
  'idempotency-key',
  'user-agent',
  'x-attempt',
]);

function guardedConnector(allowed: readonly AllowedTarget[], resolveName: ResolveName): buildConnector.connector {
  return (options, callback) => {
    const host = options.hostname.includes(':') ? `[${options.hostname.replace(/^\[|\]$/g, '')}]` : options.hostname;
    const url = new URL(`${options.protocol}//${host}${options.port === '' ? '' : `:${options.port}`}`);
    checkedAddresses(url, allowed, resolveName).then(
      (addresses) => {
        const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: pinned(addresses) });
        connect(options, (...[error, socket]) => {
          if (error !== null) callback(error, null);
          else handOver(url, socket, allowed, callback);
        });
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

/** Every address of a URL's host; one that is not allowed is enough to refuse them all. */
async function checkedAddresses(
  url: URL,
  allowed: readonly AllowedTarget[],
  resolveName: ResolveName,
): Promise<readonly LookupAddress[]> {
  if (isAddress(url.hostname)) {
    checkAddress(url, url.hostname, allowed);
    return [];
  }
  const addresses = await resolveName(url.hostname);
  for (const { address } of addresses) checkAddress(url, address, allowed);
  return addresses;
}

/** A look-up that knows its answer. A host that is an address is never looked up. */
function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const first = addresses[0];
    if (first === undefined) callback(new Error('The name has no address.'), '', 0);
    else if (options.all === true) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}

/** The last look: at the address that the socket is really connected with. */
function handOver(
  url: URL,
  socket: Socket,
  allowed: readonly AllowedTarget[],
  callback: buildConnector.Callback,
): void {
  try {
    checkAddress(url, socket.remoteAddress ?? '', allowed);
    callback(null, socket);
  } catch (error) {
    socket.destroy();
    callback(error as Error, null);
  }
}

function resolveWithSystem(hostname: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    dnsLookup(hostname, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}
