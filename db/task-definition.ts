import type { RetryPolicy } from '../core/retry.ts';
import type {
  DstPolicy,
  ExclusionRule,
  ExclusionSet,
  MisfirePolicy,
  OverlapPolicy,
  Placement,
  Priority,
  ScheduleKind,
  TaskSchedule,
} from '../core/task.ts';

/** What a person says of a task. Instants in epoch ms. */
export interface TaskDefinition {
  readonly key: string | null;
  readonly name: string;
  readonly taskType: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly schedule: RequestedSchedule;
  readonly misfire: MisfirePolicy;
  /** Null: as the scheduler is configured. */
  readonly misfireGraceMs: number | null;
  /** With `all`: of the occurrences that were missed, at most so many run, the latest ones, and at most so many a minute. */
  readonly catchUpLimit: number;
  readonly catchUpPerMinute: number;
  readonly overlap: OverlapPolicy;
  readonly dst: DstPolicy;
  readonly startExpiryMs: number | null;
  /** An occurrence may be placed anywhere from its time to so much later; 0: at its time. */
  readonly flexibleWindowMs: number;
  readonly placement: Placement;
  /** Null: as the task type says; so is the time-out. */
  readonly retry: RetryPolicy | null;
  readonly timeoutMs: number | null;
  readonly priority: Priority;
  readonly labels: Readonly<Record<string, string>>;
  readonly recipients: readonly string[];
  readonly securityGroup: string;
}

/** A schedule as asked for: an interval without a start begins when it is written, and calendars are known by name alone. */
export type RequestedSchedule =
  | Extract<TaskSchedule, { kind: 'immediate' | 'once' }>
  | Requested<Extract<TaskSchedule, { kind: 'interval' }>>
  | Requested<Extract<TaskSchedule, { kind: 'cron' }>>;

type Requested<S extends { readonly startsAtMs: number | null }> = Omit<S, 'startsAtMs' | 'exclusions'> & {
  readonly startsAtMs: number | null;
  readonly calendars: readonly string[];
  readonly blackouts: readonly ExclusionRule[];
};

/** The columns that make a schedule, as node-postgres gives them. */
export interface ScheduleColumns {
  schedule_kind: ScheduleKind;
  cron_expressions: string[] | null;
  time_zone: string | null;
  run_at: Date | null;
  every_ms: string | null;
  starts_at: Date | null;
  ends_at: Date | null;
  max_runs: string | null;
  blackouts: ExclusionRule[];
  /** What `calendar_sets` answers; null: the task names no calendar. */
  calendar_sets: (ExclusionSet & { readonly calendar: string })[] | null;
  dst_gap: DstPolicy['gap'];
  dst_repeat: DstPolicy['repeat'];
}

/** The columns of `tasks`, named as in SQL, for `jsonb_populate_record`. */
export function toColumns(definition: TaskDefinition, schedule: TaskSchedule): Record<string, unknown> {
  return {
    key: definition.key,
    name: definition.name,
    task_type: definition.taskType,
    payload: definition.payload,
    misfire_policy: definition.misfire,
    misfire_grace_ms: definition.misfireGraceMs,
    catch_up_limit: definition.catchUpLimit,
    catch_up_per_minute: definition.catchUpPerMinute,
    overlap_policy: definition.overlap,
    dst_gap: definition.dst.gap,
    dst_repeat: definition.dst.repeat,
    start_expiry_ms: definition.startExpiryMs,
    flexible_window_ms: definition.flexibleWindowMs,
    placement: definition.placement,
    retry: definition.retry,
    timeout_ms: definition.timeoutMs,
    priority: definition.priority,
    labels: definition.labels,
    recipients: definition.recipients,
    security_group: definition.securityGroup,
    schedule_kind: schedule.kind,
    ...scheduleColumns(schedule),
  };
}

export function toSchedule(columns: ScheduleColumns): TaskSchedule {
  const startsAtMs = columns.starts_at?.getTime() ?? null;
  switch (columns.schedule_kind) {
    case 'immediate':
      return { kind: 'immediate' };
    case 'once':
      return { kind: 'once', atMs: columns.run_at?.getTime() ?? 0 };
    case 'interval':
      return {
        kind: 'interval',
        everyMs: Number(columns.every_ms),
        startsAtMs: startsAtMs ?? 0,
        ...recurrenceLimits(columns),
      };
    case 'cron':
      return {
        kind: 'cron',
        expressions: columns.cron_expressions ?? [],
        startsAtMs,
        dst: { gap: columns.dst_gap, repeat: columns.dst_repeat },
        ...recurrenceLimits(columns),
      };
  }
}

/** The calendars that a schedule names, and the blackout windows of its own. */
export function exclusionsOf(schedule: TaskSchedule): {
  readonly calendars: readonly string[];
  readonly blackouts: readonly ExclusionRule[];
} {
  if (schedule.kind === 'immediate' || schedule.kind === 'once') return { calendars: [], blackouts: [] };
  return {
    calendars: schedule.exclusions.flatMap(({ calendar }) => calendar ?? []),
    blackouts: schedule.exclusions.flatMap(({ calendar, rules }) => (calendar === null ? rules : [])),
  };
}

/** Blackout windows count in the time zone of the schedule. */
export function toExclusions(
  timeZone: string,
  blackouts: readonly ExclusionRule[],
  calendarSets: readonly ExclusionSet[],
): readonly ExclusionSet[] {
  return blackouts.length === 0 ? calendarSets : [{ calendar: null, timeZone, rules: blackouts }, ...calendarSets];
}

function recurrenceLimits(columns: ScheduleColumns) {
  const timeZone = columns.time_zone ?? 'UTC';
  return {
    timeZone,
    endsAtMs: columns.ends_at?.getTime() ?? null,
    maxRuns: columns.max_runs === null ? null : Number(columns.max_runs),
    exclusions: toExclusions(timeZone, columns.blackouts, columns.calendar_sets ?? []),
  };
}

function scheduleColumns(schedule: TaskSchedule): Record<string, unknown> {
  switch (schedule.kind) {
    case 'immediate':
      return { calendars: [], blackouts: [] };
    case 'once':
      return { run_at: toIso(schedule.atMs), calendars: [], blackouts: [] };
    case 'interval':
      return { every_ms: schedule.everyMs, ...recurrenceColumns(schedule) };
    case 'cron':
      return { cron_expressions: schedule.expressions, ...recurrenceColumns(schedule) };
  }
}

function recurrenceColumns(schedule: Extract<TaskSchedule, { kind: 'interval' | 'cron' }>): Record<string, unknown> {
  return {
    time_zone: schedule.timeZone,
    starts_at: toIso(schedule.startsAtMs),
    ends_at: toIso(schedule.endsAtMs),
    max_runs: schedule.maxRuns,
    ...exclusionsOf(schedule),
  };
}

function toIso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
