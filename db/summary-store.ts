import { Between, LessThan, MoreThanOrEqual } from 'typeorm';

import { NotFoundError } from '../core/errors.ts';
import { quantile } from '../core/histogram.ts';
import type { Database } from './database.ts';
import { withDatabase } from './postgres-errors.ts';
import { averageElapsedTimeView, type ScheduledTasksSummaryRow, scheduledTasksSummaryView } from './view-entities.ts';

/** How long the runs of one task type took over the past year. */
export interface TaskTypeSummary {
  readonly taskType: string;
  readonly runs: number;
  readonly failures: number;
  readonly averageElapsedMs: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly estimated: boolean;
}

export async function summarizeTaskTypes(database: Database): Promise<TaskTypeSummary[]> {
  return withDatabase(async () => {
    const averages = await database.dataSource
      .getRepository(averageElapsedTimeView)
      .find({ order: { averageElapsedMs: 'DESC', taskType: 'ASC' } });
    const rows = await database.run<{ task_type: string; histogram: number[] }>('queries/read_histograms.sql', []);
    const histograms = new Map(rows.map((row) => [row.task_type, row.histogram]));
    return averages.map(({ taskType, runs, failures, averageElapsedMs, estimated }) => {
      const histogram = histograms.get(taskType) ?? [];
      return {
        taskType,
        runs: Number(runs),
        failures: Number(failures),
        averageElapsedMs,
        p50Ms: quantile(histogram, 0.5) ?? null,
        p95Ms: quantile(histogram, 0.95) ?? null,
        estimated,
      };
    });
  });
}

/** The average execution time of one type over the past year, or its estimate. @throws NotFoundError when there is no such type. */
export async function readAverageElapsedMs(database: Database, taskType: string): Promise<number> {
  const row = await withDatabase(() =>
    database.dataSource.getRepository(averageElapsedTimeView).findOneBy({ taskType }),
  );
  if (row === null) throw new NotFoundError('task type', taskType);
  return row.averageElapsedMs;
}

/** The rows of the view `scheduled_tasks_summary` in [from, until), soonest first. */
export function summarizeScheduledTasks(
  database: Database,
  from: Date | undefined,
  until: Date | undefined,
  limit: number,
): Promise<ScheduledTasksSummaryRow[]> {
  return withDatabase(() =>
    database.dataSource.getRepository(scheduledTasksSummaryView).find({
      where: whereBetween(from, until),
      order: { scheduledTime: 'ASC', pool: 'ASC' },
      take: limit,
    }),
  );
}

function whereBetween(from: Date | undefined, until: Date | undefined) {
  if (from === undefined) return until === undefined ? {} : { scheduledTime: LessThan(until) };
  if (until === undefined) return { scheduledTime: MoreThanOrEqual(from) };
  return { scheduledTime: Between(from, new Date(until.getTime() - 1)) }; // both ends belong to it; instants have whole ms
}
