import { EntitySchema } from 'typeorm';

/** A row of average_elapsed_time_per_task_type; counts are bigint, so text. */
export interface AverageElapsedTimeRow {
  taskType: string;
  runs: string;
  failures: string;
  averageElapsedMs: number;
  estimated: boolean;
}

export const averageElapsedTimeView = new EntitySchema<AverageElapsedTimeRow>({
  name: 'AverageElapsedTime',
  type: 'view',
  tableName: 'average_elapsed_time_per_task_type',
  columns: {
    taskType: { type: 'text', name: 'task_type', primary: true },
    runs: { type: 'bigint' },
    failures: { type: 'bigint' },
    averageElapsedMs: { type: 'double precision', name: 'average_elapsed_ms' },
    estimated: { type: 'boolean' },
  },
});

/** A row of scheduled_tasks_summary. */
export interface ScheduledTasksSummaryRow {
  scheduledTime: Date;
  pool: string;
  numberOfTasks: number;
  requiredComputeMs: number;
  requiredInstances: number;
}

export const scheduledTasksSummaryView = new EntitySchema<ScheduledTasksSummaryRow>({
  name: 'ScheduledTasksSummary',
  type: 'view',
  tableName: 'scheduled_tasks_summary',
  columns: {
    scheduledTime: { type: 'timestamptz', name: 'scheduled_time', primary: true },
    pool: { type: 'text', primary: true },
    numberOfTasks: { type: 'integer', name: 'number_of_tasks' },
    requiredComputeMs: { type: 'double precision', name: 'required_compute_ms' },
    requiredInstances: { type: 'integer', name: 'required_instances' },
  },
});
