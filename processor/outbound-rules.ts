import { DomainError } from '../core/errors.ts';
import { type AllowedTarget, isAllowedAddress, isAllowedEndpoint, isPublicAddress } from './address-rules.ts';

/** A request that handlers may not make. The same request will be refused again, so it is not retried. */
export class OutboundRefusedError extends DomainError {
  readonly code = 'ssrf_blocked';
  readonly retryable = false;
}

/**
 * Checks what can be known of a URL before its name is resolved: scheme, credentials, port, and an address written as such.
 * The WHATWG parser has already turned `0x7f.1`, `2130706433` and full-width digits into plain addresses.
 * @throws OutboundRefusedError
 */
export function checkOutboundUrl(text: string, allowed: readonly AllowedTarget[]): URL {
  if (!URL.canParse(text)) throw new OutboundRefusedError('The URL can not be read.');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new OutboundRefusedError(`Only http and https are allowed, not ${url.protocol.slice(0, 30)}`);
  if (url.username !== '' || url.password !== '')
    throw new OutboundRefusedError('A user name or password in the URL is not allowed; use a header.');

  const port = portOf(url);
  if (isAllowedEndpoint(url.hostname, port, allowed)) return url;
  if (!isOrdinaryPort(port)) throw new OutboundRefusedError(`Port ${port} is not one for HTTP. ${howToAllow(url)}`);
  if (isAddress(url.hostname)) checkAddress(url, url.hostname, allowed);
  else if (isLocalName(url.hostname))
    throw new OutboundRefusedError(`${url.hostname} is a local name. ${howToAllow(url)}`);
  return url;
}

/**
 * Checks one address that a URL's name resolved to, or that it was connected with.
 * @throws OutboundRefusedError
 */
export function checkAddress(url: URL, address: string, allowed: readonly AllowedTarget[]): void {
  if (isPublicAddress(address) || isAllowedAddress(address, allowed)) return;
  if (isAllowedEndpoint(url.hostname, portOf(url), allowed)) return;
  throw new OutboundRefusedError(`${url.hostname} is at ${address}, which is not a public address. ${howToAllow(url)}`);
}

export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

export function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^[\d.]+$/.test(hostname);
}

/** Headers that a handler's author may not set: they frame the message, name the connection, or are ours. */
const RESERVED_HEADERS: readonly string[] = [
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'idempotency-key',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-attempt',
];

/** Names and values in JSON Schema's regular expressions, so that the API refuses the others when a task is saved. */
export const HEADER_NAME = new RegExp(`^(?!(?:${anyCase(RESERVED_HEADERS)})$)[!#$%&'*+.^_\`|~0-9A-Za-z-]{1,100}$`);
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]{0,4000}$/;
/** http or https, a host, no credentials, no white space. What the host is, is checked when it is called. */
export const HTTP_URL = /^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^\s/?#@\\]+(?:[/?#][^\s\\]*)?$/;

/** Ports below 1024 other than HTTP's, and those of the usual databases, brokers and cluster services. */
function isOrdinaryPort(port: number): boolean {
  return port === 80 || port === 443 || (port >= 1_024 && !INFRASTRUCTURE_PORTS.has(port));
}

const INFRASTRUCTURE_PORTS: ReadonlySet<number> = new Set([
  1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5671, 5672, 5900, 5984, 6000, 6379, 6443,
  6667, 9042, 9092, 9200, 9300, 10250, 10255, 11211, 15672, 25672, 27017,
]);

function isLocalName(hostname: string): boolean {
  const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  return name === 'localhost' || /\.(?:localhost|local|internal|localdomain)$/.test(name) || !name.includes('.');
}

function howToAllow(url: URL): string {
  return `If it is meant, an operator can allow it with ALMANAC_HTTP_ALLOW=${url.hostname}:${portOf(url)}`;
}

/** A regular expression for these words in any case, without a flag: JSON Schema has none. */
function anyCase(words: readonly string[]): string {
  const letters = (word: string): string => word.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
  return words.map(letters).join('|');
}
