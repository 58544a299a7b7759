import type { Task } from '../api/shapes.ts';

/** The zone that a task's times are said in; tasks without a wall clock have none. */
export function zoneOfTask(task: Task): string | null {
  return task.schedule.kind === 'cron' ? task.schedule.timeZone : null;
}
