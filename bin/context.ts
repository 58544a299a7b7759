import { setTimeout as sleep } from 'node:timers/promises';

import type { Broker } from '../broker/broker.ts';
import { openBroker } from '../broker/open.ts';
import { SECOND_MS } from '../core/duration.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../db/database.ts';
import { listen } from '../db/notify.ts';
import { createReplicaStore, type Service } from '../db/replica-store.ts';
import type { Disposables } from '../runtime/disposables.ts';
import { ConfigurationError } from '../runtime/env.ts';
import { type JsonPage, openHealthServer } from '../runtime/health-server.ts';
import { createLogger, type Logger } from '../runtime/logger.ts';
import { createMetrics, type Metrics } from '../runtime/metrics.ts';
import { rest, Wake } from '../runtime/ticker.ts';
import { type Environment, replicaName } from './config.ts';
import { StartError } from './start-error.ts';
import { openTerminalLog } from './terminal-log.ts';

/** What every service of one process shares. */
export interface Context {
  readonly env: Environment;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly broker: Broker;
  /** A bell that rings whenever schedules changed or something is due at once. */
  createWake(): Wake;
  /** Hears which processor (replica id) runs something that is to end; null: any may. What comes back stops that. */
  readonly onEnding: (hear: (replicaId: string | null) => void) => () => void;
}

/** Where the servers are; `almanac start` may have started them itself. */
export interface Servers {
  readonly databaseUrl: string;
  readonly amqpUrl: string | undefined;
}

/** @throws ConfigurationError naming the addresses that a service of its own can not do without. */
export function serversOf(env: Environment): Servers {
  const { DATABASE_URL: databaseUrl, AMQP_URL: amqpUrl } = env;
  const missing = [
    ...(databaseUrl === undefined ? ['DATABASE_URL'] : []),
    ...(amqpUrl === undefined ? ['AMQP_URL'] : []),
  ];
  if (databaseUrl === undefined || amqpUrl === undefined) {
    throw new ConfigurationError(
      missing.map((name) => `${name}: a service on its own needs it; only \`almanac start\` brings its own servers`),
    );
  }
  return { databaseUrl, amqpUrl };
}

/** Opens what the services need, in order; what was opened is closed in reverse when `opened` is disposed. */
export async function openContext(
  env: Environment,
  servers: Servers,
  {
    service,
    connections,
    planner,
  }: Pick<DatabaseOptions, 'planner'> & { readonly service: string; readonly connections: number },
  opened: Disposables,
): Promise<Context> {
  const log = createLogger(service, env.ALMANAC_LOG_LEVEL, await openTerminalLog());
  const metrics = createMetrics({ processMetrics: true });
  const database = opened.use(
    await openReachable({
      url: servers.databaseUrl,
      log,
      applicationName: `almanac ${service}`,
      poolSize: connections,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      planner,
    }),
  );
  const broker = opened.use(await openBroker({ amqpUrl: servers.amqpUrl, log }));
  const bells: Wake[] = [];
  const ends = new Set<(replicaId: string | null) => void>();
  const hearers = {
    almanac_work: () => bells.forEach((bell) => bell.ring()),
    almanac_end: (replicaId: string | null) => ends.forEach((hear) => hear(replicaId)),
  };
  opened.use(await listen(servers.databaseUrl, log, hearers));
  return {
    env,
    log,
    metrics,
    database,
    broker,
    createWake() {
      const bell = new Wake();
      bells.push(bell);
      return bell;
    },
    onEnding: (hear) => {
      ends.add(hear);
      return () => ends.delete(hear);
    },
  };
}

/** @throws StartError when nothing answers at the address, or it refuses us; the password is not shown. */
export async function openReachable(options: DatabaseOptions): Promise<Database> {
  try {
    return await openDatabase(options);
  } catch (error) {
    const { host, pathname, username } = new URL(options.url);
    const cause = error instanceof AggregateError ? (error.errors[0] as Error) : (error as Error);
    throw new StartError(
      `PostgreSQL at ${host}${pathname} can not be used as ${username === '' ? 'the default user' : username}: ${cause.message}. ` +
        'Check that it runs and that DATABASE_URL is right.',
      { cause: error },
    );
  }
}

/** The same context with connections of its own, planned for statements that name their rows by key. */
export async function withKeyedDatabase(
  context: Context,
  url: string,
  connections: number,
  opened: Disposables,
): Promise<Context> {
  const database = await openDatabase({
    url,
    log: context.log,
    applicationName: 'almanac keyed',
    poolSize: connections,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    planner: 'keyed',
  });
  return { ...context, database: opened.use(database) };
}

const STATEMENT_TIMEOUT_MS = 30 * SECOND_MS;
const PRESENCE_LEASE_MS = 15 * SECOND_MS;

/** Shows this process in `replicas` for as long as `work` runs. The id names it as the holder of what it claims. */
export async function withPresence(
  { database, log }: Pick<Context, 'database' | 'log'>,
  service: Service,
  signal: AbortSignal,
  work: (replicaId: string) => Promise<void>,
): Promise<void> {
  const replicas = createReplicaStore(database);
  const registration = {
    service,
    name: replicaName(service),
    pool: null,
    slots: 0,
    leaseMs: PRESENCE_LEASE_MS,
    requestedMs: null,
  };
  let replicaId = await replicas.register(registration);
  const over = new AbortController();
  const presence = (async () => {
    while (!over.signal.aborted) {
      await rest(PRESENCE_LEASE_MS / 3, over.signal);
      const heartbeat = {
        status: signal.aborted ? ('draining' as const) : ('ready' as const),
        running: 0,
        unreadableMessages: 0,
      };
      try {
        // A process that was frozen or cut off comes back under a new id; its claims have their own leases.
        if (!(await replicas.heartbeat(replicaId, PRESENCE_LEASE_MS, heartbeat)))
          replicaId = await replicas.register(registration);
      } catch (error) {
        log.debug({ err: error }, 'heartbeat failed; it is tried again');
        await sleep(SECOND_MS);
      }
    }
  })();
  try {
    await work(replicaId);
  } finally {
    over.abort();
    await presence;
    await replicas.leave(replicaId).catch(() => undefined); // its lease ends by itself
  }
}

/** Serves /livez, /readyz, /metrics and the service's own pages while a single service runs, when a port is configured. */
export async function openServiceHealth(
  { env, metrics, database, broker }: Context,
  opened: Disposables,
  pages?: Readonly<Record<string, JsonPage>>,
): Promise<void> {
  if (env.ALMANAC_HEALTH_PORT === undefined) return;
  opened.use(
    await openHealthServer({
      host: env.ALMANAC_HOST,
      port: env.ALMANAC_HEALTH_PORT,
      metrics,
      pages,
      isReady: async () => {
        await database.run('queries/database_clock.sql', []);
        return broker.isReady();
      },
    }),
  );
}
