import type { UnwrittenTasks } from '../core/unwritten-work.ts';
import type { Queryable } from './database.ts';
import { readSchedules } from './schedule-store.ts';
import { readTypeDurations } from './type-durations.ts';

/** Whatever of a pool will be written later: see `unwrittenWork`. `graceMs` is for tasks that name none. */
export async function readUnwrittenTasks(on: Queryable, pool: string, graceMs: number): Promise<UnwrittenTasks[]> {
  const types = await readTypeDurations(on);
  const schedules = await readSchedules(on, pool);
  return schedules.map((shared) => ({
    ...shared,
    graceMs: shared.misfireGraceMs ?? graceMs,
    durationMs: types.get(shared.taskType)?.averageMs ?? 0,
  }));
}
