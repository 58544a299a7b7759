import type { Task } from '../api/shapes.ts';

export type TaskCommand = 'run' | 'edit' | 'pause' | 'activate' | 'deactivate' | 'backfill' | 'duplicate' | 'delete';

export interface TaskCommandItem {
  readonly command: TaskCommand;
  readonly text: string;
  /** Shown as a button of its own; the others are in the menu. */
  readonly first: boolean;
}

/** What can be done to a task of this kind, in the state that it is in. */
export function taskCommandsFor({ status, schedule }: Pick<Task, 'status' | 'schedule'>): readonly TaskCommandItem[] {
  const recurs = schedule.kind === 'cron' || schedule.kind === 'interval';
  return [
    { command: 'run', text: 'Run now', first: true },
    { command: 'edit', text: 'Edit', first: true },
    ...(status === 'active'
      ? ([{ command: 'pause', text: 'Pause\u2026', first: false }] as const)
      : ([{ command: 'activate', text: status === 'paused' ? 'Resume' : 'Activate', first: false }] as const)),
    ...(status === 'inactive' ? [] : ([{ command: 'deactivate', text: 'Deactivate', first: false }] as const)),
    ...(recurs && status === 'active'
      ? ([{ command: 'backfill', text: 'Backfill\u2026', first: false }] as const)
      : []),
    { command: 'duplicate', text: 'Duplicate', first: false },
    { command: 'delete', text: 'Delete\u2026', first: false },
  ];
}
