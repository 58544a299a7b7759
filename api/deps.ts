import type { z } from 'zod';

import type { FleetPlanSettings } from '../core/fleet-plan.ts';
import type { Database } from '../db/database.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { AutoscalerReplicas, Forecast, ForecastQuery } from './contract/forecast.ts';

/** What the API needs from the world. */
export interface ApiDeps {
  readonly database: Database;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Whether the broker takes messages now. */
  readonly brokerReady: () => boolean;
  readonly forecast: (query: z.infer<typeof ForecastQuery>) => Promise<Forecast>;
  /** What price tags and simulations plan with; no measured start-up counts for less than the floor. */
  readonly planSettings: FleetPlanSettings & { readonly leadFloorMs?: number };
  readonly autoscalerReplicas: (pool: string) => Promise<AutoscalerReplicas>;
}
