import type { Task } from '../api/shapes.ts';
import { formatDuration } from '../time/formatInstant.ts';

/** The schedule as it was written, beside its words. */
export function rawSchedule(task: Task): string {
  const { schedule } = task;
  switch (schedule.kind) {
    case 'cron':
      return `${schedule.expressions.join(' | ')} \u00b7 ${schedule.timeZone}`;
    case 'interval':
      return `every ${formatDuration(schedule.everyMs)}`;
    case 'once':
      return 'once';
    case 'immediate':
      return 'once, when it was created';
  }
}
