import { CreateSchema1763700000000 } from './migrations/1763700000000-create-schema.ts';

/** Every migration, oldest first. */
export const MIGRATIONS = [CreateSchema1763700000000];
