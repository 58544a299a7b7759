import type { RetryPolicy } from '../core/retry.ts';
import type { DstPolicy, MisfirePolicy, OverlapPolicy, Priority, ScheduleKind, TaskSchedule } from '../core/task.ts';

/** What a person says of a task. Instants in epoch ms. */
export interface TaskDefinition {
  readonly key: string | null;
  readonly name: string;
  readonly taskType: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly schedule: RequestedSchedule;
  readonly misfire: MisfirePolicy;
  readonly overlap: OverlapPolicy;
  readonly dst: DstPolicy;
  readonly startExpiryMs: number | null;
  /** Null: as the task type says; so is the time-out. */
  readonly retry: RetryPolicy | null;
  readonly timeoutMs: number | null;
  readonly priority: Priority;
  readonly labels: Readonly<Record<string, string>>;
  readonly recipients: readonly string[];
  readonly securityGroup: string;
}

/** A schedule as asked for: an interval without a start begins when it is written. */
export type RequestedSchedule =
  | Exclude<TaskSchedule, { kind: 'interval' }>
  | (Omit<Extract<TaskSchedule, { kind: 'interval' }>, 'startsAtMs'> & { readonly startsAtMs: number | null });

/** The columns that make a schedule, as node-postgres gives them. */
export interface ScheduleColumns {
  schedule_kind: ScheduleKind;
  cron_expressions: string[] | null;
  time_zone: string | null;
  run_at: Date | null;
  every_ms: string | null;
  starts_at: Date | null;
  ends_at: Date | null;
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
    overlap_policy: definition.overlap,
    dst_gap: definition.dst.gap,
    dst_repeat: definition.dst.repeat,
    start_expiry_ms: definition.startExpiryMs,
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
  const endsAtMs = columns.ends_at?.getTime() ?? null;
  switch (columns.schedule_kind) {
    case 'immediate':
      return { kind: 'immediate' };
    case 'once':
      return { kind: 'once', atMs: columns.run_at?.getTime() ?? 0 };
    case 'interval':
      return { kind: 'interval', everyMs: Number(columns.every_ms), startsAtMs: startsAtMs ?? 0, endsAtMs };
    case 'cron':
      return {
        kind: 'cron',
        expressions: columns.cron_expressions ?? [],
        timeZone: columns.time_zone ?? 'UTC',
        startsAtMs,
        endsAtMs,
        dst: { gap: columns.dst_gap, repeat: columns.dst_repeat },
      };
  }
}

function scheduleColumns(schedule: TaskSchedule): Record<string, unknown> {
  switch (schedule.kind) {
    case 'immediate':
      return {};
    case 'once':
      return { run_at: toIso(schedule.atMs) };
    case 'interval':
      return { every_ms: schedule.everyMs, starts_at: toIso(schedule.startsAtMs), ends_at: toIso(schedule.endsAtMs) };
    case 'cron':
      return {
        cron_expressions: schedule.expressions,
        time_zone: schedule.timeZone,
        starts_at: toIso(schedule.startsAtMs),
        ends_at: toIso(schedule.endsAtMs),
      };
  }
}

function toIso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
