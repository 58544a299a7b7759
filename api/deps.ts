import type { z } from 'zod';

import type { FleetPlanSettings } from '../core/fleet-plan.ts';
import type { Database } from '../db/database.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { AccuracyQuery, ForecastAccuracy } from './contract/accuracy.ts';
import type { AutoscalerReplicas } from './contract/forecast.ts';
import type { ForecastReader } from './forecast-reader.ts';

/** What the API needs from the world. */
export interface ApiDeps {
  readonly database: Database;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Whether the broker takes messages now. */
  readonly brokerReady: () => boolean;
  readonly forecast: ForecastReader;
  readonly accuracy: (query: z.infer<typeof AccuracyQuery>) => Promise<ForecastAccuracy>;
  /** What price tags and simulations plan with; no measured start-up counts for less than the floor. */
  readonly planSettings: FleetPlanSettings & { readonly leadFloorMs?: number };
  readonly autoscalerReplicas: (pool: string) => Promise<AutoscalerReplicas>;
}
