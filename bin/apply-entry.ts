import { setTimeout as sleep } from 'node:timers/promises';

import type { Calendar } from '../api/contract/calendar.ts';
import { type ApiClient, RefusedError, UnreachableError } from './client.ts';
import { calendarDifferences, taskDifferences } from './same-definition.ts';
import type { FileCalendar, FileTask } from './task-file.ts';
import type { TaskLookup } from './task-lookup.ts';

export interface Applied {
  readonly change: 'created' | 'changed' | 'unchanged';
  /** Paths of what differed, such as `schedule.timeZone`. */
  readonly fields: readonly string[];
  /** Of a task that was there before. */
  readonly taskId?: string;
}

const UNCHANGED: Applied = { change: 'unchanged', fields: [] };
const CREATED: Applied = { change: 'created', fields: [] };

interface TaskSurroundings {
  readonly dryRun: boolean;
  readonly lookup: TaskLookup;
  /** Calendars that the file would create: a server that only plans does not know them yet. */
  readonly missing: ReadonlySet<string>;
}

/** Makes the task with this key be as the file says. */
export function applyTask(
  client: ApiClient,
  draft: FileTask,
  { dryRun, lookup, missing }: TaskSurroundings,
): Promise<Applied> {
  return untilSettled(async (tries) => {
    const existing = await (tries === 1 ? lookup.find(draft.key) : lookup.findAgain(draft.key));
    const fields = existing === undefined ? [] : taskDifferences(existing, draft);
    if (existing !== undefined && fields.length === 0) return UNCHANGED;
    if (dryRun) {
      // Of a task that is there only a new schedule is asked about: its old one may be over, and may stay.
      const asks = existing === undefined || fields.some((field) => field.startsWith('schedule'));
      const query = { dryRun: 'plan', without: 'capacity' } as const; // what all of them cost together is asked once
      if (asks) await client.call('createTask', { query, body: withoutCalendars(draft, missing) });
    } else if (existing === undefined) {
      await client.call('createTask', { body: draft });
    } else {
      await client.call('updateTask', { params: { taskId: existing.id }, body: draft, revision: existing.revision });
    }
    return existing === undefined ? CREATED : { change: 'changed', fields, taskId: existing.id };
  });
}

/** Makes the calendar with this name be as the file says. */
export function applyCalendar(client: ApiClient, { name, ...body }: FileCalendar, dryRun: boolean): Promise<Applied> {
  return untilSettled(async () => {
    const existing = await findCalendar(client, name);
    const fields = existing === undefined ? [] : calendarDifferences(existing, body);
    if (existing !== undefined && fields.length === 0) return UNCHANGED;
    if (!dryRun) {
      // Without a revision it is created or replaced: whoever was faster with the same file has written the same.
      const revision = existing === undefined ? {} : { revision: existing.revision };
      await client.call('putCalendar', { params: { name }, body, ...revision });
    }
    return existing === undefined ? CREATED : { change: 'changed', fields };
  });
}

const MAX_TRIES = 12;
const FIRST_PAUSE_MS = 25;
const MAX_PAUSE_MS = 2_000;

/**
 * Another writer may be faster between reading and writing: then everything is read again and compared again. So is it after an answer
 * that did not come, because what was sent may have been done.
 */
async function untilSettled<T>(attempt: (tries: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(tries);
    } catch (error) {
      if (tries === MAX_TRIES || !mayPass(error)) throw error;
      await sleep(Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), MAX_PAUSE_MS));
    }
  }
}

/** 404: deleted meanwhile; 409: the key has been taken; 412: another revision; 503: no database for a moment. */
function mayPass(error: unknown): boolean {
  if (error instanceof UnreachableError) return error.hungUp;
  return error instanceof RefusedError && [404, 409, 412, 429, 503].includes(error.status);
}

async function findCalendar(client: ApiClient, name: string): Promise<Calendar | undefined> {
  try {
    return await client.call('getCalendar', { params: { name } });
  } catch (error) {
    if (error instanceof RefusedError && error.status === 404) return undefined;
    throw error;
  }
}

/** The task as a server can plan it that does not know these calendars yet. */
export function withoutCalendars(draft: FileTask, missing: ReadonlySet<string>): FileTask {
  const { schedule } = draft;
  if (!('calendars' in schedule) || schedule.calendars === undefined) return draft;
  return { ...draft, schedule: { ...schedule, calendars: schedule.calendars.filter((name) => !missing.has(name)) } };
}
