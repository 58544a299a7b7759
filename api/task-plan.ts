import { frequencyWarnings, smallestGapMs } from '../core/cron-warnings.ts';
import { checkSchedule, nextInstants, runsLeft } from '../core/schedule.ts';
import { resolveSchedule } from '../db/calendar-sets.ts';
import type { Database } from '../db/database.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { withDatabase } from '../db/postgres-errors.ts';
import { readAverageElapsedMs } from '../db/summary-store.ts';
import type { TaskDefinition } from '../db/task-definition.ts';
import { assertNotOver } from '../db/task-timing.ts';
import { describeSchedule } from '../runtime/schedule-text.ts';
import type { CapacityReader } from './capacity-reader.ts';
import type { TaskDryRun } from './contract/task.ts';
import { toInstant } from './instants.ts';

export interface PlannedTask {
  readonly definition: TaskDefinition;
  /** Of its task type. */
  readonly pool: string;
  /** The task that it would replace; null: it would be new. */
  readonly replaces: string | null;
}

/** Runs that a plan names. */
export const NEXT_RUNS = 5;
/** So many instants show how close together the runs of a schedule come. */
const GAPS_SEEN = 100;

/** What would happen; nothing is written. Without a reader the price is left out. */
export async function planTask(
  database: Database,
  { definition, pool, replaces }: PlannedTask,
  capacity: CapacityReader | null,
): Promise<TaskDryRun> {
  const nowMs = Math.floor(await withDatabase(() => readDatabaseClock(database)));
  const schedule = await withDatabase(() => resolveSchedule(database, definition.schedule, nowMs));
  assertNotOver(schedule, nowMs);
  const instants =
    schedule.kind === 'immediate'
      ? [nowMs]
      : nextInstants(schedule, nowMs - 1, Math.min(NEXT_RUNS, runsLeft(schedule, 0)));
  const averageElapsedMs = await readAverageElapsedMs(database, definition.taskType);
  const gapMs = smallestGapMs(nextInstants(schedule, nowMs, GAPS_SEEN));
  const question = { definition, schedule, pool, durationMs: averageElapsedMs, replaces };
  return {
    nextRuns: instants.map(toInstant),
    scheduleText: describeSchedule(schedule),
    warnings: [...checkSchedule(schedule, { nowMs }).warnings, ...frequencyWarnings(gapMs, averageElapsedMs)],
    averageElapsedMs,
    capacity: capacity === null ? null : await withDatabase(() => capacity.price(question)),
  };
}
