import type { Middleware } from 'koa';

import { readSystemHealth, type SystemHealth } from '../../db/health-store.ts';
import type { Health } from '../contract/forecast.ts';
import type { ApiDeps } from '../deps.ts';
import { toInstant } from '../instants.ts';
import type { Handlers } from '../router.ts';

type HealthDeps = Pick<ApiDeps, 'database' | 'metrics' | 'brokerReady'>;

/** `down` without the database: nothing works. `degraded` when the broker is away or a service has no live copy: work waits. */
export function healthRoutes(deps: HealthDeps, version: string): Pick<Handlers, 'health'> {
  return {
    async health() {
      const system = await readInTime(deps);
      const body = toHealth(system, deps.brokerReady(), version);
      return { status: body.status === 'down' ? 503 : 200, body };
    },
  };
}

/** For the machines that watch: /livez says that this process answers, /readyz that it can serve, /metrics how it fares. */
export function probes(deps: HealthDeps): Middleware {
  return async (context, next) => {
    switch (context.method === 'GET' || context.method === 'HEAD' ? context.path : '') {
      case '/livez':
        context.body = 'ok\n';
        return;
      case '/readyz': {
        const isReady = (await readInTime(deps)) !== undefined;
        context.status = isReady ? 200 : 503;
        context.body = isReady ? 'ready\n' : 'not ready: the database does not answer\n';
        return;
      }
      case '/metrics':
        context.body = await deps.metrics.text();
        context.type = deps.metrics.contentType;
        return;
      default:
        await next();
    }
  };
}

/** Without each of these something of the promise is not kept; the API itself is here. */
const SERVICES = ['scheduler', 'distributor', 'processor', 'autoscaler'] as const;

/** Whoever asks whether we are well must not wait as long as a connection attempt may take. */
const PATIENCE_MS = 2_000;

function toHealth(system: SystemHealth | undefined, isBrokerReady: boolean, version: string): Health {
  const missing = system === undefined ? [] : SERVICES.filter((service) => (system.services[service] ?? 0) === 0);
  const checks: Health['checks'] = {
    database: check(system !== undefined, 'it does not answer'),
    broker: check(isBrokerReady, 'it is not connected, or does not take messages'),
    ...(system !== undefined && { services: check(missing.length === 0, `no live copy of: ${missing.join(', ')}`) }),
  };
  const isWell = Object.values(checks).every(({ status }) => status === 'ok');
  return {
    status: system === undefined ? 'down' : isWell ? 'ok' : 'degraded',
    version,
    now: toInstant(system?.nowMs ?? Date.now()),
    checks,
    services: { ...system?.services },
    unreadableMessages: system?.unreadableMessages ?? 0,
  };
}

function check(isOk: boolean, detail: string): Health['checks'][string] {
  return isOk ? { status: 'ok', detail: null } : { status: 'down', detail };
}

async function readInTime({ database }: HealthDeps): Promise<SystemHealth | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  try {
    return await Promise.race([readSystemHealth(database), tooLate]);
  } catch {
    return undefined; // away, for whatever reason: that is the answer
  } finally {
    clearTimeout(timer);
  }
}
