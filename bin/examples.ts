import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { TaskInput } from '../api/contract/task.ts';
import { toDefinition } from '../api/task-mapping.ts';
import type { Database } from '../db/database.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { createTaskStore } from '../db/task-store.ts';
import { startInstrumentSimulator } from '../examples/lab/instrument-simulator.ts';
import { type FileTask, readTaskFile } from './task-file.ts';

const TASK_FILE = new URL('../../examples/lab/tasks.yaml', import.meta.url);
const HANDLERS = fileURLToPath(new URL('../examples/lab/handlers.js', import.meta.url));

/** The laboratory of the examples: its instruments, running, and the settings by which workers reach them. */
export interface Examples extends AsyncDisposable {
  readonly variables: NodeJS.ProcessEnv;
  readonly tasks: readonly FileTask[];
}

/** Starts the instruments; without a port for them the examples stay as they are, and their measurements fail and are retried. */
export async function openExamples(variables: NodeJS.ProcessEnv, say: (line: string) => void): Promise<Examples> {
  const simulator = await startInstrumentSimulator().catch(() => undefined);
  if (simulator === undefined) say("The port of the example's instruments is taken; their measurements will fail.");
  const instruments = simulator === undefined ? [] : [new URL(simulator.url).host];
  const allowed = [variables.ALMANAC_HTTP_ALLOW, ...instruments].filter((entry) => entry !== undefined && entry !== '');
  return {
    variables: {
      ...variables,
      ALMANAC_HTTP_ALLOW: allowed.join(','),
      ALMANAC_HANDLERS: variables.ALMANAC_HANDLERS ?? HANDLERS,
    },
    tasks: readTaskFile(readFileSync(TASK_FILE, 'utf8')),
    async [Symbol.asyncDispose]() {
      await simulator?.[Symbol.asyncDispose]();
    },
  };
}

const CREATED_AT_ONCE = 8;

/** Creates the example tasks when there never was a task: whoever deleted them does not want them back. */
export async function loadExampleTasks(
  database: Database,
  examples: Examples,
  say: (line: string) => void,
): Promise<void> {
  const rows = await database.run<{ any: boolean }>('queries/has_any_task.sql', []);
  if (rows[0]?.any !== false) return;
  say(`Adding ${examples.tasks.length} example tasks: a laboratory's day (leave them out with --no-examples) …`);
  await createAll(database, examples.tasks);
}

const PEAK_TASKS = 12;
export const PEAK_TASK_TYPE = 'lab.analysis';

/** Schedules a burst for one instant, of as many long runs as need several instances. Answers the instant. */
export async function addDemoPeak(database: Database, inMs: number): Promise<Date> {
  const at = new Date(Math.ceil(((await readDatabaseClock(database)) + inMs) / 1_000) * 1_000);
  const tasks = Array.from({ length: PEAK_TASKS }, (_, index) => ({
    name: `Demo peak, sample ${index + 1}`,
    taskType: PEAK_TASK_TYPE,
    payload: { sample: `P-${index + 1}`, workMs: 4_000 },
    schedule: { kind: 'once' as const, at: at.toISOString() },
    labels: { demo: 'peak' },
  }));
  await createAll(database, tasks);
  return at;
}

async function createAll(database: Database, drafts: readonly unknown[]): Promise<void> {
  const store = createTaskStore(database);
  const waiting = drafts.map((draft) => toDefinition(TaskInput.parse(draft)));
  const worker = async (): Promise<void> => {
    for (let definition = waiting.shift(); definition !== undefined; definition = waiting.shift())
      await store.create(definition);
  };
  await Promise.all(Array.from({ length: CREATED_AT_ONCE }, worker));
}
