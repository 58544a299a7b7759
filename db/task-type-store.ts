import type { QueryDeepPartialEntity } from 'typeorm';

import type { Database } from './database.ts';
import { taskTypeEntity, type TaskTypeRow } from './entities/task-type.ts';

/** Makes the database know these task types as they are now; types of other processors stay. */
export async function registerTaskTypes(database: Database, taskTypes: readonly TaskTypeRow[]): Promise<void> {
  if (taskTypes.length === 0) return;
  const repository = database.dataSource.getRepository(taskTypeEntity);
  const ordered = [...taskTypes].sort((a, b) => (a.name < b.name ? -1 : 1)); // one order of locks for all processors
  // TypeORM takes the values of a jsonb column for nested entities in its types.
  await repository.upsert(ordered as QueryDeepPartialEntity<TaskTypeRow>[], {
    conflictPaths: ['name'],
    skipUpdateIfNoValuesChanged: true,
  });
}

export function listTaskTypes(database: Database): Promise<TaskTypeRow[]> {
  return database.dataSource.getRepository(taskTypeEntity).find({ order: { name: 'ASC' } });
}
