import { PlanBoard } from '../autoscaler/plan-view.ts';
import { replicasPage } from '../autoscaler/replicas-page.ts';
import { SECOND_MS } from '../core/duration.ts';
import { migrate } from '../db/migrate.ts';
import { Disposables } from '../runtime/disposables.ts';
import { ConfigurationError } from '../runtime/env.ts';
import { aborted, anySignal } from '../runtime/lifecycle.ts';
import { createLogger } from '../runtime/logger.ts';
import { apiConfig, processorConfig, readEnvironment } from './config.ts';
import { type Context, openContext, openReachable, openServiceHealth, serversOf, withPresence } from './context.ts';
import { parentGone } from './local-workers.ts';
import { openPlanServers } from './plan-servers.ts';
import { openScaleTarget } from './scale-targets.ts';
import type { ServiceName } from './service-names.ts';
import {
  keepStrayErrorsOut,
  loadConfiguredTaskTypes,
  publishTaskTypes,
  serveAutoscaler,
  serveDistributor,
  serveProcessor,
  serveScheduler,
} from './services.ts';
import { VERSION, WEB_ROOT } from './version.ts';

/** The services whose statements name their rows by key. */
const KEYED: readonly ServiceName[] = ['distributor', 'processor'];

/** One service as a process of its own, on real servers, until the signal aborts. Any number of copies may run. */
export async function runService(name: ServiceName, variables: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const env = readEnvironment(variables);
  const servers = serversOf(env);
  const parent = parentGone();
  const stop = parent === undefined ? signal : anySignal([signal, parent]);
  await using opened = new Disposables();
  const context = await openContext(
    env,
    servers,
    { service: name, connections: env.ALMANAC_DATABASE_POOL, planner: KEYED.includes(name) ? 'keyed' : 'free' },
    opened,
  );
  if (name !== 'api' && name !== 'autoscaler') await openServiceHealth(context, opened);
  context.log.info({ version: VERSION }, 'started');
  await SERVICES[name](context, opened, stop);
  context.log.info('stopped');
}

/** What only one of them needs it loads itself: a worker is to be there soon. */
const SERVICES: Readonly<
  Record<ServiceName, (context: Context, opened: Disposables, signal: AbortSignal) => Promise<void>>
> = {
  scheduler: (context, _opened, signal) => serveScheduler(context, signal),
  distributor: (context, _opened, signal) => serveDistributor(context, signal),
  async processor(context, opened, signal) {
    const taskTypes = opened.use(await loadConfiguredTaskTypes(context.env));
    await publishTaskTypes(context, taskTypes);
    keepStrayErrorsOut(context, opened);
    await serveProcessor(context, taskTypes, processorConfig(context.env), signal);
  },
  async autoscaler(context, opened, signal) {
    const { ALMANAC_SCALE_TARGET: wanted = 'observe' } = context.env;
    if (wanted === 'local')
      throw new ConfigurationError([
        'ALMANAC_SCALE_TARGET: local workers belong to `almanac start`; use kubernetes, hpa-floor or observe',
      ]);
    const plans = new PlanBoard();
    const { ALMANAC_POOL: pool, ALMANAC_PLAN_STALE_MS: staleMs } = context.env;
    await openServiceHealth(context, opened, {
      '/replicas': replicasPage(plans, { pool, staleMs }),
    });
    await openPlanServers(context, plans, opened);
    await serveAutoscaler(context, opened.use(await openScaleTarget(wanted, context)), signal, plans);
  },
  async api(context, opened, signal) {
    const [{ openApiServer }, { apiDeps }] = [await import('../api/server.ts'), await import('./api-deps.ts')];
    const server = opened.use(
      await openApiServer(apiDeps(context, 'elsewhere'), apiConfig(context.env, VERSION, WEB_ROOT)),
    );
    context.log.info({ url: server.url }, 'the API answers');
    await withPresence(context, 'api', signal, () => aborted(signal));
  },
};

/** Applies migrations, replaces views and makes the built-in task types known. */
export async function runMigrate(variables: NodeJS.ProcessEnv): Promise<void> {
  const env = readEnvironment(variables);
  const log = createLogger('migrate', env.ALMANAC_LOG_LEVEL);
  if (env.DATABASE_URL === undefined) throw new ConfigurationError(['DATABASE_URL: says which database to migrate']);
  await using opened = new Disposables();
  const database = opened.use(
    await openReachable({
      url: env.DATABASE_URL,
      log,
      applicationName: 'almanac migrate',
      poolSize: 3,
      statementTimeoutMs: 600 * SECOND_MS,
      planner: 'free',
    }),
  );
  const report = await migrate(database);
  await publishTaskTypes({ database }, opened.use(await loadConfiguredTaskTypes(env)));
  log.info({ ...report }, 'the database is up to date');
}
