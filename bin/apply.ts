import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

import type { Problem } from '../api/contract/common.ts';
import { type Task, TaskInput, type TaskPage } from '../api/contract/task.ts';
import { InvalidInputError } from '../core/errors.ts';
import { StartError } from './start-error.ts';
import { type FileTask, readTaskFile } from './task-file.ts';

export interface ApplyOptions {
  readonly file: string;
  readonly url: string;
  readonly dryRun: boolean;
}

type Change = 'created' | 'changed' | 'unchanged';

const APPLIED_AT_ONCE = 8;

/** Makes every task of the file exist as the file says, found again by its key. Tasks that the file does not name are left alone. */
export async function applyCommand({ file, url, dryRun }: ApplyOptions): Promise<void> {
  const tasks = readTasks(file);
  const counts: Record<Change, number> = { created: 0, changed: 0, unchanged: 0 };
  const failures: string[] = [];
  const waiting = [...tasks];
  const worker = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      try {
        counts[await applyTask(url, task, dryRun)] += 1;
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        failures.push(`${task.key}: ${error.message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: APPLIED_AT_ONCE }, worker));
  console.log(
    `${dryRun ? 'Would be: ' : ''}${counts.created} created, ${counts.changed} changed, ${counts.unchanged} unchanged`,
  );
  if (failures.length > 0)
    throw new StartError(`${failures.length} of ${tasks.length} tasks were refused:\n  ${failures.join('\n  ')}`);
}

function readTasks(file: string): FileTask[] {
  try {
    return readTaskFile(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof InvalidInputError) {
      const problems = error.errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
      throw new StartError(`${file} can not be applied:\n  ${problems.join('\n  ')}`, { cause: error });
    }
    throw new StartError(`${file} can not be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

async function applyTask(url: string, draft: FileTask, dryRun: boolean): Promise<Change> {
  const page = await request<TaskPage>(url, 'GET', `/api/v1/tasks?key=${encodeURIComponent(draft.key)}&limit=1`);
  const [existing] = page.items;
  if (existing === undefined) {
    await request(url, 'POST', `/api/v1/tasks${dryRun ? '?dryRun=plan' : ''}`, draft);
    return 'created';
  }
  if (isSame(existing, draft)) return 'unchanged';
  if (!dryRun)
    await request(url, 'PUT', `/api/v1/tasks/${existing.id}`, draft, { 'if-match': `"${existing.revision}"` });
  return 'changed';
}

/** Compares what the file says with what is there; an interval that the file lets begin by itself keeps the beginning that it has. */
function isSame(existing: Task, draft: FileTask): boolean {
  const wanted = TaskInput.parse(draft);
  const present = TaskInput.parse({
    key: existing.key,
    name: existing.name,
    taskType: existing.taskType,
    payload: existing.payload,
    schedule: existing.schedule,
    policies: existing.policies,
    retry: existing.retry,
    timeoutMs: existing.timeoutMs,
    priority: existing.priority,
    labels: existing.labels,
    recipients: existing.recipients,
    securityGroup: existing.securityGroup,
  });
  const normal = (task: TaskInput) => ({ ...task, schedule: normalSchedule(task.schedule, wanted.schedule) });
  return isDeepStrictEqual(normal(wanted), normal(present));
}

function normalSchedule(schedule: TaskInput['schedule'], wanted: TaskInput['schedule']): unknown {
  const instant = (text: string | null | undefined) => (text === null || text === undefined ? null : Date.parse(text));
  switch (schedule.kind) {
    case 'immediate':
      return schedule;
    case 'once':
      return { kind: 'once', at: instant(schedule.at) };
    case 'interval': {
      const beginsByItself = wanted.kind === 'interval' && (wanted.startsAt ?? null) === null;
      return {
        ...schedule,
        startsAt: beginsByItself ? null : instant(schedule.startsAt),
        endsAt: instant(schedule.endsAt),
      };
    }
    case 'cron':
      return { ...schedule, startsAt: instant(schedule.startsAt), endsAt: instant(schedule.endsAt) };
  }
}

/** The server understood and refused; its words are for the person who applies. */
class RefusedError extends Error {}

async function request<T>(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(new URL(path, url), {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new StartError(`There is no Almanac at ${url}. Start it, or say where it is with --url.`, { cause: error });
  }
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
  const details = problem?.errors?.map(({ path: at, message }) => `${at}: ${message}`).join('; ');
  throw new RefusedError(details ?? problem?.detail ?? problem?.title ?? `HTTP ${response.status}`);
}
