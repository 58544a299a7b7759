import type { Database } from '../db/database.ts';
import { withDatabase } from '../db/postgres-errors.ts';
import type { TaskDefinition } from '../db/task-definition.ts';
import { listTaskTypes } from '../db/task-type-store.ts';
import type { TaskInput } from './contract/task.ts';
import type { TaskCheck } from './task-check.ts';
import { toDefinition } from './task-mapping.ts';

export interface CheckedTask {
  readonly definition: TaskDefinition;
  /** Of its task type. */
  readonly pool: string;
}

/** A task as posted, checked against what the database knows. @throws InvalidInputError with all that is wrong at once. */
export async function checkInput(database: Database, check: TaskCheck, input: TaskInput): Promise<CheckedTask> {
  const definition = toDefinition(input);
  const taskTypes = await withDatabase(() => listTaskTypes(database));
  check(definition, taskTypes);
  const pool = taskTypes.find(({ name }) => name === definition.taskType)?.pool ?? 'default';
  return { definition, pool };
}
