import type { PlanRow } from '../core/demand-table.ts';
import type { MissableOccurrence } from '../core/outage.ts';
import type { MisfirePolicy, Priority } from '../core/task.ts';
import type { Queryable } from './database.ts';

/** What the given tasks have to do before `untilMs` in a pool, to be taken out of what `readDemand` answers. */
export async function readTaskDemand(
  on: Queryable,
  pool: string,
  taskIds: readonly string[],
  untilMs: number,
): Promise<PlanRow[]> {
  if (taskIds.length === 0) return [];
  const rows = await on.run<{ at_ms: number; task_type: string; count: number }>('queries/read_task_demand.sql', [
    taskIds,
    untilMs,
    pool,
  ]);
  return rows.map((row) => ({ atMs: row.at_ms, taskType: row.task_type, count: row.count, durationMs: 0 }));
}

/** What was scheduled between two instants in a pool, a day later: it stands in for what is not written yet. */
export async function readDayBefore(
  on: Queryable,
  pool: string,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): Promise<PlanRow[]> {
  return (await on.run<WorkColumns>('queries/read_day_before.sql', [pool, fromMs, untilMs])).map(toPlanRow);
}

/** The occurrences due in a range, but of some tasks. `graceMs` is for tasks that name none. */
export async function readMissable(
  on: Queryable,
  pool: string,
  range: { readonly fromMs: number; readonly untilMs: number },
  { withoutTasks, graceMs }: { readonly withoutTasks: readonly string[]; readonly graceMs: number },
): Promise<MissableOccurrence[]> {
  const rows = await on.run<{
    task_id: string;
    at_ms: number;
    task_type: string;
    priority: Priority;
    average_ms: number;
    misfire_policy: MisfirePolicy;
    grace_ms: number;
    catch_up_limit: number;
    catch_up_per_minute: number;
  }>('queries/read_missable.sql', [pool, range.fromMs, range.untilMs, withoutTasks, graceMs]);
  return rows.map((row) => ({
    task: row.task_id,
    row: {
      atMs: row.at_ms,
      taskType: row.task_type,
      priority: row.priority,
      count: 1,
      durationMs: row.average_ms,
    },
    misfire: row.misfire_policy,
    graceMs: row.grace_ms,
    catchUpLimit: row.catch_up_limit,
    catchUpPerMinute: row.catch_up_per_minute,
  }));
}

interface WorkColumns {
  readonly at_ms: number;
  readonly task_type: string;
  readonly count: number;
  readonly average_ms: number;
}

function toPlanRow(row: WorkColumns): PlanRow {
  return { atMs: row.at_ms, taskType: row.task_type, count: row.count, durationMs: row.average_ms };
}
