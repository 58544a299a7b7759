import type { PlanRow } from '../core/demand-table.ts';
import { DAY_MS } from '../core/duration.ts';
import { type RunsOfLate, withDrift } from '../core/duration-drift.ts';
import type { DurationStatistics } from '../core/duration-statistics.ts';
import { quantile } from '../core/histogram.ts';
import type { MeasuredLead } from '../core/lead-time.ts';
import type { LiveWork } from '../core/live-picture.ts';
import type { Priority } from '../core/task.ts';
import type { Queryable } from './database.ts';

type Kind = keyof LiveWork;

/** What falls due before `untilMs` (epoch ms), what waits, what runs, and what ended within the last `pastMs`. */
export async function readLiveWork(
  database: Queryable,
  pool: string,
  { untilMs, pastMs }: { readonly untilMs: number; readonly pastMs: number },
): Promise<LiveWork> {
  const rows = await database.run<WorkRow & { kind: Kind; age_ms: number | null }>('queries/read_live_work.sql', [
    pool,
    untilMs,
    Math.ceil(pastMs),
  ]);
  const ofKind = (kind: Kind): PlanRow[] => rows.filter((row) => row.kind === kind).map(toPlanRow);
  return {
    due: ofKind('due'),
    queued: ofKind('queued'),
    running: rows
      .filter((row) => row.kind === 'running')
      .map((row) => ({ ...toPlanRow(row), ageMs: Math.max(0, row.age_ms ?? 0) })),
    leaving: ofKind('leaving'),
    ended: ofKind('ended'),
  };
}

interface WorkRow {
  at_ms: string;
  task_type: string;
  priority: Priority;
  count: number;
  average_ms: number;
}

function toPlanRow(row: WorkRow): PlanRow {
  return {
    atMs: Number(row.at_ms),
    taskType: row.task_type,
    priority: row.priority,
    count: row.count,
    durationMs: row.average_ms,
  };
}

/** With so many runs in the last week, what was before it says nothing about the next run. */
const RUNS_THAT_REPLACE_THE_YEAR = 50;

/** How long the runs of each task type take: by the last week where it has enough of them, else by the past year; and the newest ones. */
export async function readDurations(database: Queryable, pool: string): Promise<Map<string, DurationStatistics>> {
  const [rows, newest] = await Promise.all([
    database.run<DurationRow>('queries/read_durations.sql', [pool]),
    database.run<LatestRow>('queries/read_latest_durations.sql', [pool]),
  ]);
  const byType = new Map<string, DurationRow[]>();
  for (const row of rows) byType.set(row.task_type, [...(byType.get(row.task_type) ?? []), row]);
  return withDrift(
    new Map([...byType].map(([taskType, parts]) => [taskType, toStatistics(parts)])),
    new Map(newest.map((row) => [row.task_type, toRunsOfLate(row)])),
  );
}

interface LatestRow {
  task_type: string;
  newest_runs: number;
  newest_mean_ms: number;
  today_runs: number;
  today_mean_ms: number;
}

function toRunsOfLate(row: LatestRow): RunsOfLate {
  return {
    newest: { count: row.newest_runs, meanMs: row.newest_mean_ms },
    today: { count: row.today_runs, meanMs: row.today_mean_ms },
  };
}

export interface DurationRow {
  task_type: string;
  estimate_ms: number;
  recent: boolean;
  runs: number;
  sum_ms: number;
  squares_ms2: number;
  histogram: number[];
}

/** Of one type, at least one part: what was recent and what was not. */
export function toStatistics(parts: readonly DurationRow[]): DurationStatistics {
  const recent = parts.filter((part) => part.recent && part.runs >= RUNS_THAT_REPLACE_THE_YEAR);
  const used = recent.length > 0 ? recent : parts;
  const sum = (valueOf: (part: DurationRow) => number): number =>
    used.reduce((total, part) => total + valueOf(part), 0);
  const count = sum((part) => part.runs);
  const estimateMs = parts[0]?.estimate_ms ?? 0;
  if (count === 0) return { count: 0, meanMs: estimateMs, varianceMs2: 0, p90Ms: estimateMs };
  const meanMs = sum((part) => part.sum_ms) / count;
  const buckets = Math.max(...used.map((part) => part.histogram.length));
  const histogram = Array.from({ length: buckets }, (_, index) => sum((part) => part.histogram[index] ?? 0));
  return {
    count,
    meanMs,
    varianceMs2: Math.max(0, sum((part) => part.squares_ms2) / count - meanMs ** 2),
    p90Ms: quantile(histogram, 0.9) ?? meanMs,
  };
}

/** Slots that work took on average in the last `windowMs` which no schedule foretold: retries, manual runs, tasks that run at once. */
export async function readUnscheduledSlots(database: Queryable, pool: string, windowMs: number): Promise<number> {
  const rows = await database.run<{ task_type: string; count: number; work_ms: number }>(
    'queries/read_unscheduled.sql',
    [pool, Math.min(windowMs, DAY_MS)],
  );
  return rows.reduce((total, row) => total + row.work_ms, 0) / windowMs;
}

/** Of the last 200 starts. */
export async function readMeasuredLead(database: Queryable, pool: string): Promise<MeasuredLead> {
  const [row] = await database.run<{ samples: number; p95_ms: number | null; p995_ms: number | null }>(
    'queries/read_lead_time.sql',
    [pool],
  );
  return { samples: row?.samples ?? 0, p95Ms: row?.p95_ms ?? undefined, p995Ms: row?.p995_ms ?? undefined };
}
