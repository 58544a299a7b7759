import { CreateSchema1763700000000 } from './migrations/1763700000000-create-schema.ts';
import { RightSchedules1763900000000 } from './migrations/1763900000000-right-schedules.ts';
import { Foresight1764000000000 } from './migrations/1764000000000-foresight.ts';
import { Smoothing1764300000000 } from './migrations/1764300000000-smoothing.ts';

/** Every migration, oldest first. */
export const MIGRATIONS = [
  CreateSchema1763700000000,
  RightSchedules1763900000000,
  Foresight1764000000000,
  Smoothing1764300000000,
];
