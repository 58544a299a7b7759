import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

/** One exception from the rule that handlers may reach public addresses only. */
export type AllowedTarget =
  | { readonly kind: 'endpoint'; readonly host: string; readonly port: number }
  | { readonly kind: 'network'; readonly address: ipaddr.IPv4 | ipaddr.IPv6; readonly prefixLength: number };

/**
 * Whether an address is one of the public internet. Everything that is private, local, reserved, for documentation or a way to
 * reach IPv4 through IPv6 is not; text that is no address is not either.
 */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  if (address === undefined) return false;
  if (address instanceof ipaddr.IPv4) return !inAny(address, CLOSED_IPV4);
  return address.match(GLOBAL_UNICAST_IPV6, 3) && !inAny(address, CLOSED_IPV6);
}

/** Whether the operator allowed this address by its network. */
export function isAllowedAddress(text: string, allowed: readonly AllowedTarget[]): boolean {
  const address = parseAddress(text);
  if (address === undefined) return false;
  return allowed.some(
    (target) =>
      target.kind === 'network' &&
      target.address.kind() === address.kind() &&
      matches(address, target.address, target.prefixLength),
  );
}

/** Whether the operator allowed this host and port, whatever address it has. `host` as in `URL.hostname`. */
export function isAllowedEndpoint(host: string, port: number, allowed: readonly AllowedTarget[]): boolean {
  return allowed.some((target) => target.kind === 'endpoint' && target.host === host && target.port === port);
}

/** Reads one entry of the allow list: `host:port`, `[::1]:port` or a network such as `10.20.0.0/16`. `undefined` when it is neither. */
export function parseAllowedTarget(entry: string): AllowedTarget | undefined {
  if (entry.includes('/')) {
    // Short forms such as 10/8 mean different networks to different readers.
    if (!ipaddr.isValidCIDR(entry) || isIP(entry.slice(0, entry.indexOf('/'))) === 0) return undefined;
    const [address, prefixLength] = ipaddr.parseCIDR(entry);
    return { kind: 'network', address, prefixLength };
  }
  const match = /^(\[[0-9a-fA-F:.]+\]|[^\s:/@?#[\]]+):(\d{1,5})$/.exec(entry);
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || port < 1 || port > 65_535) return undefined;
  const url = URL.canParse(`http://${match[1]}`) ? new URL(`http://${match[1]}`) : undefined;
  return url === undefined ? undefined : { kind: 'endpoint', host: url.hostname, port };
}

/** Unmaps `::ffff:10.0.0.1`, which is an IPv4 address in another spelling. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return isIP(bare) === 0 ? undefined : ipaddr.process(bare);
}

function matches(address: ipaddr.IPv4 | ipaddr.IPv6, network: ipaddr.IPv4 | ipaddr.IPv6, prefix: number): boolean {
  if (address instanceof ipaddr.IPv4) return network instanceof ipaddr.IPv4 && address.match(network, prefix);
  return network instanceof ipaddr.IPv6 && address.match(network, prefix);
}

function inAny(address: ipaddr.IPv4 | ipaddr.IPv6, networks: readonly (readonly [string, number])[]): boolean {
  return networks.some(([network, prefix]) => matches(address, ipaddr.parse(network), prefix));
}

/** Everything outside 2000::/3 is unassigned, local or multicast. */
const GLOBAL_UNICAST_IPV6 = ipaddr.IPv6.parse('2000::');

const CLOSED_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

/** Inside 2000::/3: protocol assignments and Teredo, documentation (two blocks), and 6to4, which hides an IPv4 address. */
const CLOSED_IPV6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;
