import { readAccuracy } from '../api/accuracy-reader.ts';
import { readAutoscaler } from '../api/autoscaler-reader.ts';
import type { ApiDeps } from '../api/deps.ts';
import { createForecastReader } from '../api/forecast-reader.ts';
import { autoscalerConfig } from './config.ts';
import type { Context } from './context.ts';

/** What the API is built on, with the limits of the autoscaler beside it (`local`) or of one elsewhere. */
export function apiDeps({ database, broker, log, metrics, env }: Context, autoscaler: 'local' | 'elsewhere'): ApiDeps {
  const settings = autoscalerConfig(env, autoscaler === 'local');
  return {
    database,
    log,
    metrics,
    brokerReady: () => broker.isReady(),
    forecast: createForecastReader(database, settings),
    accuracy: (query) => readAccuracy(database, settings, query),
    planSettings: settings,
    autoscalerReplicas: (pool) => readAutoscaler(database, pool, settings),
  };
}
