import { type TaskDraft, TaskInput } from '../../api/contract/task.ts';
import { toDefinition } from '../../api/task-mapping.ts';
import { publishTaskTypes } from '../../bin/services.ts';
import type { OccurrenceStatus, OccurrenceTrigger } from '../../core/occurrence.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import type { TaskDefinition } from '../../db/task-definition.ts';
import { createTaskStore } from '../../db/task-store.ts';
import { loadTaskTypes, type TaskTypes } from '../../processor/registry.ts';
import type { TaskType } from '../../processor/task-type.ts';
import { createLogger } from '../../runtime/logger.ts';
import { installMovableClock } from './movable-clock.ts';
import { startPostgres, type TestDatabase } from './postgres.ts';
import * as testTypes from './task-types.ts';

export interface OccurrenceRow {
  readonly task_id: string;
  readonly scheduled_time: Date;
  readonly due_at: Date | null;
  readonly status: OccurrenceStatus;
  readonly trigger: OccurrenceTrigger;
  readonly attempt: number;
  readonly claim_id: string | null;
  readonly revision: number;
  readonly locked_by: string | null;
  readonly start_time: Date | null;
  readonly end_time: Date | null;
  readonly reason: string | null;
  readonly blocked_by: Date | null;
}

export interface RunRow {
  readonly task_id: string;
  readonly scheduled_time: Date;
  readonly attempt: number;
  readonly outcome: 'succeeded' | 'failed' | 'timed-out' | 'interrupted' | 'lost' | 'cancelled';
  readonly due_at: Date;
  readonly started_at: Date;
  readonly ended_at: Date;
  readonly elapsed_ms: number | null;
  readonly error: string | null;
  readonly processor: string;
}

/** A migrated database of the test's own, with the task types registered. Disposing closes and drops it. */
export interface ReadyDatabase extends AsyncDisposable {
  readonly url: string;
  readonly database: Database;
  readonly taskTypes: ReadonlyMap<string, TaskType>;
  /** Ordinary SQL, past the code under test. */
  query<R extends object>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Creates a task as the API does; what is left out is a `noop` that runs now. Answers its id. */
  createTask(draft: Partial<TaskDraft>): Promise<string>;
  /**
   * Writes an occurrence of the task that is due now, as its schedule would have; `trigger` says otherwise. Answers its scheduled time
   * (epoch ms), which is `aheadMs` after now.
   */
  addOccurrence(taskId: string, trigger?: OccurrenceTrigger, aheadMs?: number): Promise<number>;
  /** In the order of their times; of all tasks unless one is named. */
  occurrences(taskId?: string): Promise<OccurrenceRow[]>;
  runs(taskId?: string): Promise<RunRow[]>;
  /** Moves the database's clock; only of a database that was asked for with `movableClock`. */
  setClock(instant: string): Promise<void>;
  /** Another pool of connections to it. */
  open(planner: 'free' | 'keyed', poolSize: number): Promise<Database>;
}

/** A copy of a template that this mocha process migrated once. */
export async function createReadyDatabase(options: { readonly movableClock?: boolean } = {}): Promise<ReadyDatabase> {
  template ??= prepareTemplate();
  const { name, taskTypes } = await template;
  const postgres = await startPostgres();
  const copy = await postgres.cloneDatabase(name);
  const clock = options.movableClock === true ? await installMovableClock(copy.url) : undefined;
  const database = await open(copy.url, 'free', 6);
  if (clock !== undefined) await migrate(database); // binds the views to the clock that can be moved
  const others: Database[] = [];
  const query = <R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> =>
    database.dataSource.query<R[]>(text, [...values]);
  const ofTask = 'where $1::bigint is null or task_id = $1::bigint order by scheduled_time, task_id';
  return {
    url: copy.url,
    database,
    taskTypes,
    query,
    createTask: (draft) => createTaskStore(database).create(definitionOf(draft)),
    async addOccurrence(taskId, trigger = 'schedule', aheadMs = 0) {
      const [row] = await query<{ ms: string }>(
        `with added as (
           insert into task_schedule (task_id, scheduled_time, due_at, revision, trigger)
           select id, clock_timestamp() + $3::float8 * interval '1 ms', clock_timestamp(), revision, $2::occurrence_trigger
           from tasks where id = $1::bigint
           returning scheduled_time
         )
         select extract(epoch from scheduled_time) * 1000 as ms, pg_notify('almanac_work', '') from added`,
        [taskId, trigger, aheadMs],
      );
      return Number(row?.ms);
    },
    occurrences: (taskId) => query<OccurrenceRow>(`select * from task_schedule ${ofTask}`, [taskId ?? null]),
    runs: (taskId) => query<RunRow>(`select * from task_runs ${ofTask}, attempt`, [taskId ?? null]),
    setClock: (instant) =>
      clock?.set(instant) ?? Promise.reject(new Error('The clock of this database can not be moved.')),
    async open(planner, poolSize) {
      const other = await open(copy.url, planner, poolSize);
      others.push(other);
      return other;
    },
    async [Symbol.asyncDispose]() {
      for (const other of others) await other[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await copy.drop();
    },
  };
}

/** What the store takes of a task; what is left out is a `noop` that runs now. */
export function definitionOf(draft: Partial<TaskDraft>): TaskDefinition {
  return toDefinition(TaskInput.parse({ ...PLAIN_TASK, ...draft }));
}

const PLAIN_TASK: TaskDraft = { name: 'a task', taskType: 'noop', schedule: { kind: 'immediate' } };

let template: Promise<{ name: string; taskTypes: TaskTypes }> | undefined;

async function prepareTemplate(): Promise<{ name: string; taskTypes: TaskTypes }> {
  const postgres = await startPostgres();
  const empty: TestDatabase = await postgres.createDatabase();
  await using database = await open(empty.url, 'free', 3);
  await migrate(database);
  const taskTypes = await loadTaskTypes({ settings: { httpAllow: [], shellCommands: new Map() } });
  const all = Object.assign(new Map(taskTypes), { [Symbol.asyncDispose]: () => taskTypes[Symbol.asyncDispose]() });
  for (const taskType of Object.values(testTypes)) all.set(taskType.name, taskType);
  await publishTaskTypes({ database }, all);
  return { name: empty.name, taskTypes: all };
}

function open(url: string, planner: 'free' | 'keyed', poolSize: number): Promise<Database> {
  const log = createLogger('test', 'silent');
  return openDatabase({ url, log, applicationName: 'almanac test', poolSize, statementTimeoutMs: 20_000, planner });
}
