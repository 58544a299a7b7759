import { openApiServer } from '../api/server.ts';
import { PlanBoard } from '../autoscaler/plan-view.ts';
import type { ScaleTarget } from '../autoscaler/scale-target.ts';
import { migrate } from '../db/migrate.ts';
import { Disposables } from '../runtime/disposables.ts';
import { aborted, runTogether } from '../runtime/lifecycle.ts';
import { apiDeps } from './api-deps.ts';
import { apiConfig, type Environment, readEnvironment } from './config.ts';
import { type Context, openContext, type Servers, withKeyedDatabase, withPresence } from './context.ts';
import { type EmbeddedPostgres, openEmbeddedPostgres } from './embedded-postgres.ts';
import { addDemoPeak, type Examples, loadExampleTasks, openExamples, PEAK_TASK_TYPE } from './examples.ts';
import { openWorkerProcesses, openWorkersInProcess } from './local-workers.ts';
import { openPlanServers } from './plan-servers.ts';
import { openScaleTarget } from './scale-targets.ts';
import {
  keepStrayErrorsOut,
  loadConfiguredTaskTypes,
  publishTaskTypes,
  serveAutoscaler,
  serveDistributor,
  serveScheduler,
} from './services.ts';
import { StartError } from './start-error.ts';
import { VERSION, WEB_ROOT } from './version.ts';
import { openWorkspace } from './workspace.ts';

export interface StartOptions {
  /** Offer the example tasks on an empty database, and run the instruments that they measure. */
  readonly examples: boolean;
  /** Add a burst of work this long from now. */
  readonly demoPeakMs: number | undefined;
}

/** Everything in one go: servers, services, workers and UI; ends when the signal aborts, in the reverse order. */
export async function start(variables: NodeJS.ProcessEnv, options: StartOptions, signal: AbortSignal): Promise<void> {
  const asked = readEnvironment(variables);
  await using opened = new Disposables();
  const say = (line: string): void => void process.stdout.write(`${line}\n`);

  const workspace = opened.use(await openWorkspace(asked.ALMANAC_DATA_DIR));
  const examples =
    options.examples || options.demoPeakMs !== undefined ? opened.use(await openExamples(variables, say)) : undefined;
  const settings = examples?.variables ?? variables;
  const env = readEnvironment(settings);
  const { postgres, ...servers } = await provideServers(env, workspace.path('postgres'), opened, say);
  // Services drain when the signal aborts; connections close only after all of them have.
  const context = await openContext(
    env,
    servers,
    { service: 'almanac', connections: env.ALMANAC_DATABASE_POOL, planner: 'free' },
    opened,
  );
  const keyed = await withKeyedDatabase(context, servers.databaseUrl, 2 * env.ALMANAC_DATABASE_POOL, opened);
  say('Preparing the database …');
  await migrate(context.database);
  const taskTypes = opened.use(await loadConfiguredTaskTypes(env));
  if (options.demoPeakMs !== undefined && !taskTypes.has(PEAK_TASK_TYPE)) {
    throw new StartError(
      `--demo-peak is made of ${PEAK_TASK_TYPE}, a task type of the examples, which --handlers leaves out. Use one or the other.`,
    );
  }
  await publishTaskTypes(context, taskTypes);

  const api = opened.use(await openApiServer(apiDeps(context, 'local'), apiConfig(env, VERSION, WEB_ROOT)));
  await workspace.announce(api.url);
  if (servers.amqpUrl === undefined) keepStrayErrorsOut(context, opened);
  const plans = new PlanBoard();
  await openPlanServers(context, plans, opened);
  const workers = opened.use(await chooseTarget(context, keyed, servers, taskTypes, settings));
  await offerExamples(context, examples, options, say);
  say(
    `\n  Almanac is running:  ${api.url}\n  Ctrl-C stops everything; the data stays in ${postgres?.dataDir ?? 'your database'}.\n`,
  );
  await runTogether(signal, [
    (stop) => serveScheduler(context, stop),
    (stop) => serveDistributor(keyed, stop),
    (stop) => serveAutoscaler(context, workers, stop, plans),
    (stop) => withPresence(context, 'api', stop, () => aborted(stop)),
    async (stop) => {
      const lost = await Promise.race([aborted(stop), postgres?.lost ?? aborted(stop)]);
      if (lost instanceof StartError) throw lost;
      say('Stopping: running work may finish …');
    },
  ]);
}

async function provideServers(
  env: Environment,
  dataDir: string,
  opened: Disposables,
  say: (line: string) => void,
): Promise<Servers & { readonly postgres: EmbeddedPostgres | undefined }> {
  if (env.DATABASE_URL !== undefined)
    return { databaseUrl: env.DATABASE_URL, amqpUrl: env.AMQP_URL, postgres: undefined };
  say('Starting PostgreSQL …');
  const postgres = opened.use(await openEmbeddedPostgres({ dataDir, log: say }));
  return { databaseUrl: postgres.url, amqpUrl: env.AMQP_URL, postgres };
}

async function chooseTarget(
  context: Context,
  keyed: Context,
  servers: Servers,
  taskTypes: Parameters<typeof openWorkersInProcess>[1],
  variables: NodeJS.ProcessEnv,
): Promise<ScaleTarget> {
  const { ALMANAC_SCALE_TARGET: wanted = 'local' } = context.env;
  if (wanted !== 'local') return openScaleTarget(wanted, context);
  if (servers.amqpUrl === undefined) return openWorkersInProcess(keyed, taskTypes);
  return openWorkerProcesses(context, { ...variables, DATABASE_URL: servers.databaseUrl, AMQP_URL: servers.amqpUrl });
}

async function offerExamples(
  context: Context,
  examples: Examples | undefined,
  options: StartOptions,
  say: (line: string) => void,
): Promise<void> {
  if (examples !== undefined && options.examples) await loadExampleTasks(context.database, examples, say);
  if (options.demoPeakMs === undefined) return;
  const at = await addDemoPeak(context.database, options.demoPeakMs);
  say(`A burst of work is scheduled for ${at.toISOString()}: watch the forecast and the instances before it.`);
}
