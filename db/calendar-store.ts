import { isDeepStrictEqual } from 'node:util';

import { ConflictError, NotFoundError, RevisionMismatchError } from '../core/errors.ts';
import { DEFAULT_MISFIRE_GRACE_MS } from '../core/plan.ts';
import type { ExclusionRule } from '../core/task.ts';
import type { Database, Queryable, Transaction } from './database.ts';
import { expandBehind } from './expand-behind.ts';
import { readDatabaseClock } from './expansion-store.ts';
import { notifyWork } from './notify.ts';
import { withDatabase } from './postgres-errors.ts';
import { lockTasksOf, rescheduleTasks } from './reschedule-tasks.ts';
import { holdStartable } from './task-edit.ts';

export interface CalendarDefinition {
  readonly title: string;
  readonly timeZone: string;
  readonly rules: readonly ExclusionRule[];
}

export interface CalendarRecord extends CalendarDefinition {
  readonly name: string;
  readonly revision: number;
  /** How many tasks that are not deleted name it. */
  readonly tasks: number;
  readonly updatedAtMs: number;
}

/**
 * Exclusion calendars. A change of one and what follows from it for the tasks that name it are one transaction.
 *
 * Locks are taken calendars first, then tasks in the order of their ids, here and wherever a task begins to name a calendar; so changes of
 * calendars and of tasks wait for each other and do not lock each other out.
 */
export interface CalendarStore {
  /** In the order of their names. */
  list(): Promise<CalendarRecord[]>;
  find(name: string): Promise<CalendarRecord | undefined>;
  /** @throws NotFoundError */
  get(name: string): Promise<CalendarRecord>;
  /**
   * Creates or replaces it; with what it is already, nothing changes.
   * @throws RevisionMismatchError when `expectedRevision` is not the present one (null: whatever it is), NotFoundError when there is none.
   */
  put(name: string, definition: CalendarDefinition, expectedRevision: number | null): Promise<CalendarRecord>;
  /** @throws NotFoundError, ConflictError when tasks name it. */
  remove(name: string): Promise<void>;
}

/** `graceMs`: how late an occurrence may be written and still count as on time, unless its task says otherwise. */
export function createCalendarStore(database: Database, graceMs = DEFAULT_MISFIRE_GRACE_MS): CalendarStore {
  const change = <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> =>
    withDatabase(() => database.transaction(work));
  return {
    list: () => withDatabase(() => read(database, null)),
    find: (name) => withDatabase(async () => (await read(database, name))[0]),
    get: (name) => withDatabase(() => get(database, name)),
    put: (name, definition, expectedRevision) =>
      change((transaction) => put(transaction, name, definition, expectedRevision, graceMs)),
    remove: (name) => change((transaction) => remove(transaction, name)),
  };
}

interface CalendarRow {
  name: string;
  title: string;
  time_zone: string;
  rules: ExclusionRule[];
  revision: number;
  tasks: number;
  updated_ms: number;
}

async function read(on: Queryable, name: string | null): Promise<CalendarRecord[]> {
  const rows = await on.run<CalendarRow>('queries/read_calendars.sql', [name]);
  return rows.map(({ time_zone: timeZone, updated_ms: updatedAtMs, ...row }) => ({ ...row, timeZone, updatedAtMs }));
}

async function get(on: Queryable, name: string): Promise<CalendarRecord> {
  const [calendar] = await read(on, name);
  if (calendar === undefined) throw new NotFoundError('calendar', name);
  return calendar;
}

async function put(
  transaction: Transaction,
  name: string,
  definition: CalendarDefinition,
  expectedRevision: number | null,
  graceMs: number,
): Promise<CalendarRecord> {
  const before = await lock(transaction, name);
  if (before === undefined && expectedRevision !== null) throw new NotFoundError('calendar', name);
  if (before !== undefined && expectedRevision !== null && expectedRevision !== before.revision) {
    throw new RevisionMismatchError(expectedRevision, before.revision, 'calendar');
  }
  if (before !== undefined || !(await insert(transaction, name, definition))) {
    const present = before ?? (await lock(transaction, name));
    if (present === undefined) throw new ConflictError(`Somebody else deletes the calendar ${name} just now.`);
    await replace(transaction, name, present, definition, graceMs);
  }
  return get(transaction, name);
}

/** No task names it yet, so nothing follows. Answers false when somebody else has just made it. */
async function insert(transaction: Transaction, name: string, definition: CalendarDefinition): Promise<boolean> {
  const rows = await transaction.run('queries/insert_calendar.sql', [name, ...toColumns(definition)]);
  if (rows.length > 0) await recordRevision(transaction, name, await nowOf(transaction));
  return rows.length > 0;
}

async function replace(
  transaction: Transaction,
  name: string,
  before: CalendarDefinition,
  definition: CalendarDefinition,
  graceMs: number,
): Promise<void> {
  const { title, timeZone, rules } = before;
  if (isDeepStrictEqual({ title, timeZone, rules }, { ...definition })) return;
  const taskIds = excludesTheSame(before, definition) ? [] : await lockTasksOf(transaction, name);
  if (taskIds.length > 0) await holdStartable(transaction, taskIds);
  const nowMs = await nowOf(transaction); // after the last lock: no task was changed later, and nothing started later
  await expandBehind(transaction, taskIds, nowMs, graceMs); // by the calendar as it was
  await transaction.run('queries/update_calendar.sql', [name, ...toColumns(definition)]);
  await recordRevision(transaction, name, nowMs);
  await rescheduleTasks(transaction, taskIds, nowMs, 'calendar');
  if (taskIds.length > 0) await notifyWork(transaction);
}

function excludesTheSame(a: CalendarDefinition, b: CalendarDefinition): boolean {
  const times = ({ timeZone, rules }: CalendarDefinition) => ({
    timeZone,
    rules: rules.map((rule) => ({ ...rule, label: null })),
  });
  return isDeepStrictEqual(times(a), times(b));
}

async function remove(transaction: Transaction, name: string): Promise<void> {
  if ((await lock(transaction, name)) === undefined) throw new NotFoundError('calendar', name);
  const users = await transaction.run<{ id: string; name: string; total: number }>('queries/list_calendar_users.sql', [
    name,
  ]);
  const [first] = users;
  if (first !== undefined) throw new ConflictError(describeUse(name, users, first.total));
  await transaction.run('queries/delete_calendar.sql', [name, await nowOf(transaction)]);
}

function describeUse(name: string, users: readonly { id: string; name: string }[], total: number): string {
  const named = users.map((task) => `${task.id} (${task.name})`).join(', ');
  const others = total > users.length ? ` and ${total - users.length} more` : '';
  return `The calendar ${name} is named by ${total === 1 ? 'the task' : 'the tasks'} ${named}${others}. Take it off there first.`;
}

interface LockedCalendar extends CalendarDefinition {
  readonly revision: number;
}

async function lock(transaction: Transaction, name: string): Promise<LockedCalendar | undefined> {
  const [row] = await transaction.run<Pick<CalendarRow, 'title' | 'time_zone' | 'rules' | 'revision'>>(
    'queries/lock_calendar.sql',
    [name],
  );
  return row && { title: row.title, timeZone: row.time_zone, rules: row.rules, revision: row.revision };
}

function toColumns({ title, timeZone, rules }: CalendarDefinition): readonly string[] {
  return [title, timeZone, JSON.stringify(rules)];
}

async function recordRevision(transaction: Transaction, name: string, nowMs: number): Promise<void> {
  await transaction.run('queries/record_calendar_revision.sql', [name, nowMs]);
}

async function nowOf(transaction: Transaction): Promise<number> {
  return Math.floor(await readDatabaseClock(transaction));
}
