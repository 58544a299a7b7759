import { DAY_MS, MINUTE_MS, startOfUtcDayMs } from '../core/duration.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../core/errors.ts';
import { instantsBetween } from '../core/schedule.ts';
import type { TaskStatus } from '../core/task.ts';
import type { Database, Transaction } from './database.ts';
import { readDatabaseClock } from './expansion-store.ts';
import { notifyWork } from './notify.ts';
import { withDatabase } from './postgres-errors.ts';
import { type ScheduleColumns, toSchedule } from './task-definition.ts';
import { PAST_SLACK_MS } from './task-timing.ts';

/** Instants in epoch ms. */
export interface BackfillRequest {
  readonly taskId: string;
  readonly fromMs: number;
  /** Exclusive. */
  readonly untilMs: number;
  /** Null: as the task says for catching up. */
  readonly perMinute: number | null;
  readonly dryRun: boolean;
  /** Days of occurrences that are kept. */
  readonly retentionDays: number;
}

export interface BackfillReport {
  /** Instants of the schedule in the range, and those of them that have an occurrence. */
  readonly matched: number;
  readonly existing: number;
  /** What was written, or would be. */
  readonly created: number;
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** When the last of them is due. */
  readonly dueUntilMs: number | null;
}

/** Instants in one backfill at most. */
export const MAX_BACKFILL = 100_000;

/**
 * Gives the instants of the present schedule in a past range that have no occurrence one each, due from now on at the rate that was asked
 * for. What the schedulers have not come to yet is left to them. Limits of runs do not count here; start, end and exclusions do.
 * @throws NotFoundError, ConflictError when the task is not active, InvalidInputError when the range or the schedule does not allow it.
 */
export function backfill(database: Database, request: BackfillRequest): Promise<BackfillReport> {
  return withDatabase(async () => {
    const planned = await database.transaction((transaction) => plan(transaction, request));
    if (request.dryRun || planned.instants.length === 0) return reportOf(planned);
    // Not while the task is locked: to add a partition waits for everybody who writes, and some of those wait for the task.
    for (const dayMs of new Set(planned.instants.map(startOfUtcDayMs))) {
      await database.run('queries/ensure_day_partitions.sql', [dayMs]);
    }
    return database.transaction((transaction) => write(transaction, request));
  });
}

interface Plan {
  readonly taskId: string;
  readonly revision: number;
  readonly matched: number;
  /** Those without an occurrence. */
  readonly instants: readonly number[];
  readonly dueMs: readonly number[];
}

async function plan(transaction: Transaction, request: BackfillRequest): Promise<Plan> {
  const { taskId } = request;
  const [task] = await transaction.run<TaskRow>('queries/lock_task_to_backfill.sql', [taskId]);
  if (task === undefined) throw new NotFoundError('task', taskId);
  if (task.status !== 'active') {
    throw new ConflictError(`The task is ${task.status}: activate it before you backfill it.`);
  }
  const nowMs = Math.floor(await readDatabaseClock(transaction));
  assertRange(request, nowMs);
  const matches = instantsOf(task, request, nowMs);
  const taken = await readTaken(transaction, taskId, matches);
  const instants = matches.filter((atMs) => !taken.has(atMs));
  const everyMs = MINUTE_MS / (request.perMinute ?? task.catch_up_per_minute);
  const dueMs = instants.map((_, turn) => Math.floor(nowMs + turn * everyMs));
  return { taskId, revision: task.revision, matched: matches.length, instants, dueMs };
}

async function write(transaction: Transaction, request: BackfillRequest): Promise<BackfillReport> {
  const planned = await plan(transaction, request);
  if (planned.instants.length === 0) return reportOf(planned);
  const values = [planned.taskId, planned.revision, planned.instants, planned.dueMs];
  await transaction.run('queries/backfill_occurrences.sql', values);
  await notifyWork(transaction);
  return reportOf(planned);
}

function reportOf({ matched, instants, dueMs }: Plan): BackfillReport {
  return {
    matched,
    existing: matched - instants.length,
    created: instants.length,
    firstMs: instants[0] ?? null,
    lastMs: instants.at(-1) ?? null,
    dueUntilMs: dueMs.at(-1) ?? null,
  };
}

interface TaskRow extends ScheduleColumns {
  id: string;
  status: TaskStatus;
  revision: number;
  catch_up_per_minute: number;
  expanded_until: Date | null;
}

function assertRange({ fromMs, untilMs, retentionDays }: BackfillRequest, nowMs: number): void {
  const errors = [];
  const keptFromMs = startOfUtcDayMs(nowMs) - retentionDays * DAY_MS;
  if (fromMs < keptFromMs) {
    const from = new Date(keptFromMs).toISOString();
    const message = `occurrences are kept for ${retentionDays} days, so none before ${from} can be written`;
    errors.push({ path: 'from', message });
  }
  if (untilMs > nowMs + PAST_SLACK_MS) {
    const now = new Date(nowMs).toISOString();
    errors.push({ path: 'until', message: `expected an instant in the past; the server's clock says ${now}` });
  }
  if (errors.length > 0) throw new InvalidInputError(errors);
}

function instantsOf(task: TaskRow, { fromMs, untilMs }: BackfillRequest, nowMs: number): readonly number[] {
  const schedule = toSchedule(task);
  if (schedule.kind === 'immediate' || schedule.kind === 'once') {
    const message = 'only a task that recurs, with a cron or an interval schedule, can be backfilled';
    throw new InvalidInputError([{ path: 'taskId', message }]);
  }
  const decidedMs = task.expanded_until?.getTime() ?? nowMs;
  const matches = instantsBetween(schedule, fromMs, Math.min(untilMs, decidedMs, nowMs), MAX_COUNTED + 1);
  if (matches.length > MAX_BACKFILL) {
    const count = matches.length > MAX_COUNTED ? `more than ${MAX_COUNTED}` : String(matches.length);
    const message = `the range holds ${count} instants of the schedule; at most ${MAX_BACKFILL} can be backfilled at once`;
    throw new InvalidInputError([{ path: 'until', message }]);
  }
  return matches;
}

const MAX_COUNTED = 1_000_000;

async function readTaken(
  transaction: Transaction,
  taskId: string,
  instants: readonly number[],
): Promise<ReadonlySet<number>> {
  const values = [taskId, instants, instants[0] ?? null, instants.at(-1) ?? null];
  const rows = await transaction.run<{ at_ms: number }>('queries/backfill_existing.sql', values);
  return new Set(rows.map((row) => row.at_ms));
}
