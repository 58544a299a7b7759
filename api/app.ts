import Koa from 'koa';

import type { ApiConfig } from './config.ts';
import type { ApiDeps } from './deps.ts';
import { apiDocs } from './middleware/api-docs.ts';
import { identity } from './middleware/identity.ts';
import { originGuard } from './middleware/origin-guard.ts';
import { problemDetails } from './middleware/problem-details.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { staticFiles } from './middleware/static-files.ts';
import { HttpProblem } from './problem.ts';
import { createRouter, type Handlers, refuseOtherMethods } from './router.ts';
import { adviceRoutes } from './routes/advice.ts';
import { backfillRoutes } from './routes/backfill.ts';
import { calendarRoutes } from './routes/calendars.ts';
import { counterfactualRoutes } from './routes/counterfactual.ts';
import { cronRoutes } from './routes/cron.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { forecastRoutes } from './routes/forecast.ts';
import { healthRoutes, probes } from './routes/health.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { loadRoutes } from './routes/load.ts';
import { occurrenceRoutes } from './routes/occurrences.ts';
import { runRoutes } from './routes/runs.ts';
import { scalingRoutes } from './routes/scaling.ts';
import { simulateRoutes } from './routes/simulate.ts';
import { taskTypeRoutes } from './routes/task-types.ts';
import { taskRoutes } from './routes/tasks.ts';
import { whyRoutes } from './routes/why.ts';

export type AppConfig = Pick<
  ApiConfig,
  'allowedHosts' | 'version' | 'webRoot' | 'checkResponses' | 'maxRunsPerDay' | 'retentionDays' | 'misfireGraceMs'
>;

/** The whole API as one Koa application; it does no I/O until a request comes. */
export function createApp(deps: ApiDeps, config: AppConfig): Koa {
  const handlers: Handlers = {
    ...taskRoutes(deps, config),
    ...backfillRoutes(deps, config),
    ...whyRoutes(deps, config),
    ...calendarRoutes(deps, config),
    ...ledgerRoutes(deps),
    ...occurrenceRoutes(deps),
    ...runRoutes(deps),
    ...taskTypeRoutes(deps),
    ...forecastRoutes(deps),
    ...loadRoutes(deps, config),
    ...scalingRoutes(deps),
    ...simulateRoutes(deps, config),
    ...counterfactualRoutes(deps),
    ...adviceRoutes(deps, config),
    ...deadLetterRoutes(deps),
    ...cronRoutes(deps),
    ...healthRoutes(deps, config.version),
  };
  const router = createRouter(handlers, config.checkResponses);

  const app = new Koa();
  app.on('error', (error: unknown) => deps.log.debug({ err: error }, 'an answer could not be sent'));
  app.use(problemDetails(deps.log, deps.metrics));
  app.use(securityHeaders());
  app.use(originGuard(config.allowedHosts));
  app.use(probes(deps));
  app.use(identity());
  app.use(apiDocs(config.version));
  app.use(router.routes());
  app.use(refuseOtherMethods(router));
  if (config.webRoot !== null) app.use(staticFiles(config.webRoot));
  app.use((context) => {
    throw new HttpProblem(404, 'not_found', `There is nothing at ${context.path}.`);
  });
  return app;
}
