import { CreateSchema1763700000000 } from './migrations/1763700000000-create-schema.ts';
import { RightSchedules1763900000000 } from './migrations/1763900000000-right-schedules.ts';
import { Foresight1764000000000 } from './migrations/1764000000000-foresight.ts';
import { DemandRollup1764100000000 } from './migrations/1764100000000-demand-rollup.ts';
import { FillDemandRollup1764100000001 } from './migrations/1764100000001-fill-demand-rollup.ts';
import { ForecastAccuracy1764200000000 } from './migrations/1764200000000-forecast-accuracy.ts';
import { Smoothing1764300000000 } from './migrations/1764300000000-smoothing.ts';

/** Every migration, oldest first. */
export const MIGRATIONS = [
  CreateSchema1763700000000,
  RightSchedules1763900000000,
  Foresight1764000000000,
  DemandRollup1764100000000,
  FillDemandRollup1764100000001,
  ForecastAccuracy1764200000000,
  Smoothing1764300000000,
];
