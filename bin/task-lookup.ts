import type { Task } from '../api/contract/task.ts';
import type { ApiClient } from './client.ts';

/** Finds tasks by their key. */
export interface TaskLookup {
  /** As it was a moment ago: whoever changes it names the revision. */
  find(key: string): Promise<Task | undefined>;
  /** As it is now, after somebody else was faster. */
  findAgain(key: string): Promise<Task | undefined>;
}

const PAGE = 200;

/**
 * Reads all tasks page by page where that takes fewer requests than asking for each of `wanted`; and again when as many were out of date
 * as there are pages, because then somebody else goes through the same tasks.
 */
export async function openTaskLookup(client: ApiClient, wanted: number): Promise<TaskLookup> {
  let known = wanted <= 1 ? undefined : await readAll(client, wanted);
  let outdated = 0;
  const findByKey = async (key: string): Promise<Task | undefined> => {
    const { items } = await client.call('listTasks', { query: { key, limit: 1 } });
    return items[0];
  };
  return {
    find: (key) => (known === undefined ? findByKey(key) : Promise.resolve(known.byKey.get(key))),
    async findAgain(key) {
      outdated += 1;
      if (known !== undefined && outdated >= known.pages) {
        outdated = 0;
        known = await readAll(client, wanted);
      }
      return findByKey(key);
    },
  };
}

interface Known {
  readonly byKey: ReadonlyMap<string, Task>;
  readonly pages: number;
}

async function readAll(client: ApiClient, wanted: number): Promise<Known | undefined> {
  const byKey = new Map<string, Task>();
  let pages = 0;
  let cursor: string | undefined;
  do {
    const page = await client.call('listTasks', { query: { sort: 'id', limit: PAGE, cursor } });
    if (page.total / PAGE > wanted) return undefined;
    for (const task of page.items) if (task.key !== null) byKey.set(task.key, task);
    pages += 1;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return { byKey, pages };
}
