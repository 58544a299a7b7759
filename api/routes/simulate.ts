import { InvalidInputError } from '../../core/errors.ts';
import { withDatabase } from '../../db/postgres-errors.ts';
import type { TaskDefinition } from '../../db/task-definition.ts';
import { listTaskTypes } from '../../db/task-type-store.ts';
import type { ApiConfig } from '../config.ts';
import type { SimulateInput } from '../contract/simulate.ts';
import type { ApiDeps } from '../deps.ts';
import type { Handlers } from '../router.ts';
import { simulate } from '../simulation-reader.ts';
import { createTaskCheck } from '../task-check.ts';
import { toDefinition } from '../task-mapping.ts';

/** What if. Tasks are checked as if they were posted. */
export function simulateRoutes(
  { database, planSettings }: Pick<ApiDeps, 'database' | 'planSettings'>,
  { maxRunsPerDay, misfireGraceMs }: Pick<ApiConfig, 'maxRunsPerDay' | 'misfireGraceMs'>,
): Pick<Handlers, 'simulate'> {
  const check = createTaskCheck(maxRunsPerDay);

  const checkAll = async ({ tasks }: SimulateInput): Promise<TaskDefinition[]> => {
    if (tasks.add.length === 0) return [];
    const taskTypes = await withDatabase(() => listTaskTypes(database));
    return tasks.add.map((input, index) => {
      try {
        const definition = toDefinition(input);
        check(definition, taskTypes);
        return definition;
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        throw new InvalidInputError(
          error.errors.map(({ path, message }) => ({ path: `tasks.add.${index}.${path}`, message })),
        );
      }
    });
  };

  return {
    async simulate({ body }) {
      const { tasks, ...question } = body;
      const add = await checkAll(body);
      const asked = { ...question, add, remove: tasks.remove };
      return { body: await withDatabase(() => simulate(database, planSettings, misfireGraceMs, asked)) };
    },
  };
}
