import { isIP } from 'node:net';

import type { Context, Middleware } from 'koa';

import { HttpProblem } from '../problem.ts';

/**
 * There is no sign-in, so whoever can send a request is obeyed; a web page of somebody else must not be able to. Names other than the
 * allowed ones are refused (a foreign name may be made to point here), and so is every write that a browser sends for another origin.
 */
export function originGuard(allowedHosts: readonly string[]): Middleware {
  const allowed = new Set(['localhost', ...allowedHosts.map((host) => host.toLowerCase())]);
  return (context, next) => {
    const host = hostOf(context);
    if (!allowed.has('*') && !allowed.has(host.hostname) && isIP(host.hostname.replace(/^\[|\]$/g, '')) === 0) {
      throw new HttpProblem(421, 'host_not_allowed', `This server does not answer to the name ${host.hostname}.`);
    }
    if (!SAFE_METHODS.has(context.method) && isCrossOrigin(context, host)) {
      throw new HttpProblem(403, 'cross_origin', 'Pages of other origins may not change anything here.');
    }
    return next();
  };
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

function hostOf(context: Context): URL {
  const header = context.get('Host');
  const url =
    /^[^\s/@?#\\]+$/.test(header) && URL.canParse(`http://${header}`) ? new URL(`http://${header}`) : undefined;
  if (url === undefined) throw new HttpProblem(400, 'malformed_host', 'The Host header names no host.');
  return url;
}

/** Programs that are no browsers send neither header. */
function isCrossOrigin(context: Context, host: URL): boolean {
  const site = context.get('Sec-Fetch-Site');
  if (site !== '' && site !== 'same-origin' && site !== 'none') return true;
  const origin = context.get('Origin');
  if (origin === '') return false;
  // Behind a proxy that ends TLS the scheme differs, and with it the port that goes without saying.
  return (
    !URL.canParse(origin) ||
    new URL(origin).hostname !== host.hostname ||
    portOf(new URL(origin)) !== portOf(host, origin)
  );
}

function portOf(url: URL, origin?: string): string {
  if (url.port !== '') return url.port;
  return (origin ?? url.href).startsWith('https:') ? '443' : '80';
}
