import type { Simulation } from '../api/contract/simulate.ts';
import { withoutCalendars } from './apply-entry.ts';
import { type ApiClient, RefusedError } from './client.ts';
import type { FileTask } from './task-file.ts';

export interface TaskChange {
  readonly draft: FileTask;
  /** The task that it replaces; null: it is new. */
  readonly taskId: string | null;
}

export interface CostOfChanges {
  readonly hours: number;
  /** Changes that were reckoned with. */
  readonly tasks: number;
  readonly before: Simulation['summary']['before'];
  readonly after: Simulation['summary']['after'];
}

const HOURS = 24;
/** What one question may hold, in tasks and in characters. */
const MOST_TASKS = 2_000;
const MOST_CHARACTERS = 900_000;

/**
 * What all changes of a file do to the forecast of the default pool together; null when nobody can say: there are
 * none, or more than can be asked about, or the server refuses.
 */
export async function priceOfChanges(
  client: ApiClient,
  changes: readonly TaskChange[],
  missing: ReadonlySet<string>,
): Promise<CostOfChanges | null> {
  if (changes.length === 0 || changes.length > MOST_TASKS) return null;
  const add = changes.map(({ draft }) => withoutCalendars(draft, missing));
  if (JSON.stringify(add).length > MOST_CHARACTERS) return null;
  const remove = changes.flatMap(({ taskId }) => (taskId === null ? [] : [taskId]));
  try {
    const { summary } = await client.call('simulate', { body: { hours: HOURS, tasks: { add, remove } } });
    return { hours: HOURS, tasks: changes.length, before: summary.before, after: summary.after };
  } catch (error) {
    if (error instanceof RefusedError) return null; // what can be applied is not worth less because its cost can not be said
    throw error;
  }
}

export function describeCost(cost: CostOfChanges | null): string[] {
  if (cost === null) return [];
  const { before, after } = cost;
  const minutes = Math.round(after.replicaMinutes - before.replicaMinutes);
  const late = after.late > before.late ? `; ${after.late - before.late} more would start late` : '';
  return [
    `Capacity over the next ${cost.hours} h: peak ${before.peak} -> ${after.peak} instances, ` +
      `${minutes < 0 ? '' : '+'}${minutes} instance minutes${late}`,
  ];
}
