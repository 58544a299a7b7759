import { NotFoundError } from '../core/errors.ts';
import { formatOccurrenceId, type OccurrenceStatus } from '../core/occurrence.ts';
import type { ScheduleKind, TaskSchedule, TaskStatus } from '../core/task.ts';
import { addCalendarSets, type NamedCalendars } from './calendar-sets.ts';
import type { Database } from './database.ts';
import type { TaskRow } from './entities/task.ts';
import { withDatabase } from './postgres-errors.ts';
import { type ScheduleColumns, type TaskDefinition, toSchedule } from './task-definition.ts';

/** A task as it is, with what a list shows of its occurrences. Instants in epoch ms. */
export interface TaskRecord extends Omit<TaskDefinition, 'schedule'> {
  readonly id: string;
  readonly pool: string;
  readonly schedule: TaskSchedule;
  readonly status: TaskStatus;
  readonly statusReason: string | null;
  readonly pausedUntilMs: number | null;
  readonly revision: number;
  readonly expandError: string | null;
  /** What advice decided in place of its placement, and which; null: nothing. */
  readonly placementOffsetMs: number | null;
  readonly adviceId: string | null;
  /** Everything before it has been decided; null: nothing is left to expand. */
  readonly expandedUntilMs: number | null;
  readonly slotsDecided: number;
  /** The last occurrence that the limit of runs allows, once it is known. */
  readonly lastSlotMs: number | null;
  /** The soonest occurrence that waits; null also when it is beyond the horizon. */
  readonly nextRunMs: number | null;
  readonly lastRun: LastRunRecord | null;
  readonly averageElapsedMs: number;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** The database's clock at the answer. */
  readonly nowMs: number;
}

export interface LastRunRecord {
  readonly occurrenceId: string;
  readonly status: OccurrenceStatus;
  readonly endMs: number | null;
  readonly error: string | null;
}

export interface TaskFilter {
  readonly nameContains?: string | undefined;
  readonly status?: TaskStatus | undefined;
  readonly taskType?: string | undefined;
  readonly scheduleKind?: ScheduleKind | undefined;
  readonly label?: { readonly key: string; readonly value: string } | undefined;
  /** The owner's own name for a task; at most one has it. */
  readonly key?: string | undefined;
}

export type TaskSortKey = 'id' | 'name' | 'nextRun' | 'updatedAt';

export interface TaskListRequest {
  readonly filter: TaskFilter;
  readonly sortKey: TaskSortKey;
  readonly descending: boolean;
  readonly limit: number;
  /** Where the page before ended; or how many to leave out. */
  readonly after: TaskPosition | null;
  readonly offset: number;
}

/** The last row of a page: its value of the sort key, as text, and its id. */
export interface TaskPosition {
  readonly value: string;
  readonly id: string;
}

export interface TaskList {
  readonly tasks: readonly TaskRecord[];
  /** Null on the last page. */
  readonly next: TaskPosition | null;
  readonly total: number;
}

/** @throws NotFoundError also for a task that was deleted. */
export async function getTask(database: Database, taskId: string): Promise<TaskRecord> {
  const [row] = await withDatabase(() => readOverviews(database, [taskId]));
  if (row === undefined) throw new NotFoundError('task', taskId);
  return toRecord(row);
}

/** One page, in one order; the sort key's value and the id make every position unique. Tasks without a next run come last. */
export async function listTasks(database: Database, request: TaskListRequest): Promise<TaskList> {
  const { filter } = request;
  const filters = [
    filter.nameContains ?? null,
    filter.status ?? null,
    filter.taskType ?? null,
    filter.scheduleKind ?? null,
    filter.label === undefined ? null : JSON.stringify({ [filter.label.key]: filter.label.value }),
    filter.key ?? null,
  ];
  return withDatabase(async () => {
    const page = await database.dataSource.query<PositionRow[]>(pageStatement(request), [
      ...filters,
      request.limit + 1,
      request.offset,
      ...(request.after === null ? [] : [request.after.value, request.after.id]),
    ]);
    const [count] = await database.dataSource.query<{ total: number }[]>(COUNT, filters);
    const shown = page.slice(0, request.limit);
    const rows = await readOverviews(
      database,
      shown.map((row) => row.id),
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    return {
      tasks: shown.flatMap(({ id }) => byId.get(id) ?? []).map(toRecord),
      next: page.length > request.limit ? (shown.at(-1) ?? null) : null,
      total: count?.total ?? 0,
    };
  });
}

async function readOverviews(database: Database, taskIds: readonly string[]): Promise<OverviewRow[]> {
  const rows = await database.run<NamedCalendars<OverviewRow>>('queries/read_tasks.sql', [taskIds]);
  return addCalendarSets<OverviewRow>(database, rows);
}

interface PositionRow {
  id: string;
  value: string;
}

const FILTER = `
  t.deleted_at is null
  and ($1::text is null or position(lower($1::text) in lower(t.name)) > 0)
  and ($2::text is null or t.status = $2::text)
  and ($3::text is null or t.task_type = $3::text)
  and ($4::text is null or t.schedule_kind = $4::text)
  and ($5::jsonb is null or t.labels @> $5::jsonb)
  and ($6::text is null or t.key = $6::text)`;

const COUNT = `select count(*)::integer as total from tasks as t where ${FILTER}`;

const MAX_BIGINT = '9223372036854775807';

/** Each sort key as an expression that is never null; keys of other types than text are compared as bigint. */
const SORTS: Readonly<
  Record<
    TaskSortKey,
    { readonly from: string; readonly ascending: string; readonly descending: string; readonly type: string }
  >
> = {
  id: { from: 'tasks', ascending: 't.id', descending: 't.id', type: 'bigint' },
  name: { from: 'tasks', ascending: 'lower(t.name)', descending: 'lower(t.name)', type: 'text' },
  updatedAt: { from: 'tasks', ascending: epochMs('t.updated_at'), descending: epochMs('t.updated_at'), type: 'bigint' },
  nextRun: {
    from: 'task_overview',
    ascending: `coalesce(${epochMs('t.next_run')}, ${MAX_BIGINT})`,
    descending: `coalesce(${epochMs('t.next_run')}, -1)`,
    type: 'bigint',
  },
};

function epochMs(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::bigint`;
}

/** Every part of the text is one of the constants above; values travel as parameters. */
function pageStatement({ sortKey, descending, after }: TaskListRequest): string {
  const sort = SORTS[sortKey];
  const value = descending ? sort.descending : sort.ascending;
  const direction = descending ? 'desc' : 'asc';
  const comparison = descending ? '<' : '>';
  const keyset = after === null ? '' : `and (${value}, t.id) ${comparison} ($9::${sort.type}, $10::bigint)`;
  return `
    select t.id, ${value}::text as value from ${sort.from} as t
    where ${FILTER} ${keyset}
    order by ${value} ${direction}, t.id ${direction}
    limit $7::integer offset $8::integer`;
}

interface OverviewRow extends ScheduleColumns {
  id: string;
  key: string | null;
  name: string;
  task_type: string;
  payload: Record<string, unknown>;
  misfire_policy: TaskRow['misfirePolicy'];
  misfire_grace_ms: string | null;
  catch_up_limit: number;
  catch_up_per_minute: number;
  flexible_window_ms: string;
  placement: TaskRow['placement'];
  placement_offset_ms: string | null;
  advice_id: string | null;
  expanded_until: Date | null;
  slots_decided: string;
  last_slot_at: Date | null;
  overlap_policy: TaskRow['overlapPolicy'];
  start_expiry_ms: string | null;
  retry: TaskRow['retry'];
  timeout_ms: number | null;
  priority: TaskRow['priority'];
  labels: Record<string, string>;
  recipients: string[];
  security_group: string;
  status: TaskStatus;
  status_reason: string | null;
  paused_until: Date | null;
  revision: number;
  expand_error: string | null;
  created_at: Date;
  updated_at: Date;
  pool: string;
  average_elapsed_ms: number;
  next_run: Date | null;
  last_scheduled_ms: string | null;
  last_status: OccurrenceStatus | null;
  last_end_time: Date | null;
  last_error: string | null;
  now_ms: number;
}

function toRecord(row: OverviewRow): TaskRecord {
  return {
    id: row.id,
    key: row.key,
    name: row.name,
    taskType: row.task_type,
    payload: row.payload,
    schedule: toSchedule(row),
    misfire: row.misfire_policy,
    misfireGraceMs: row.misfire_grace_ms === null ? null : Number(row.misfire_grace_ms),
    catchUpLimit: row.catch_up_limit,
    catchUpPerMinute: row.catch_up_per_minute,
    flexibleWindowMs: Number(row.flexible_window_ms),
    placement: row.placement,
    overlap: row.overlap_policy,
    dst: { gap: row.dst_gap, repeat: row.dst_repeat },
    startExpiryMs: row.start_expiry_ms === null ? null : Number(row.start_expiry_ms),
    retry: row.retry,
    timeoutMs: row.timeout_ms,
    priority: row.priority,
    labels: row.labels,
    recipients: row.recipients,
    securityGroup: row.security_group,
    status: row.status,
    statusReason: row.status_reason,
    pausedUntilMs: row.paused_until?.getTime() ?? null,
    revision: row.revision,
    expandError: row.expand_error,
    placementOffsetMs: row.placement_offset_ms === null ? null : Number(row.placement_offset_ms),
    adviceId: row.advice_id,
    expandedUntilMs: row.expanded_until?.getTime() ?? null,
    slotsDecided: Number(row.slots_decided),
    lastSlotMs: row.last_slot_at?.getTime() ?? null,
    pool: row.pool,
    averageElapsedMs: row.average_elapsed_ms,
    nextRunMs: row.next_run?.getTime() ?? null,
    lastRun: toLastRun(row),
    createdMs: row.created_at.getTime(),
    updatedMs: row.updated_at.getTime(),
    nowMs: row.now_ms,
  };
}

function toLastRun(row: OverviewRow): LastRunRecord | null {
  if (row.last_scheduled_ms === null || row.last_status === null) return null;
  return {
    occurrenceId: formatOccurrenceId({ taskId: row.id, scheduledMs: Number(row.last_scheduled_ms) }),
    status: row.last_status,
    endMs: row.last_end_time?.getTime() ?? null,
    error: row.last_error,
  };
}
