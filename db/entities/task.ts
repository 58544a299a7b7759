import { EntitySchema } from 'typeorm';

import type { RetryPolicy } from '../../core/retry.ts';
import type {
  DstPolicy,
  ExclusionRule,
  MisfirePolicy,
  OverlapPolicy,
  Placement,
  Priority,
  ScheduleKind,
  TaskStatus,
} from '../../core/task.ts';

/** A definition: what to run, when, with which policies. `id` and what counts or measures in `…Ms` are bigint, so text. */
export interface TaskRow {
  id: string;
  key: string | null;
  name: string;
  taskType: string;
  payload: Record<string, unknown>;
  scheduleKind: ScheduleKind;
  cronExpressions: string[] | null;
  timeZone: string | null;
  runAt: Date | null;
  everyMs: string | null;
  startsAt: Date | null;
  endsAt: Date | null;
  maxRuns: string | null;
  calendars: string[];
  blackouts: ExclusionRule[];
  misfireGraceMs: string | null;
  catchUpLimit: number;
  catchUpPerMinute: number;
  flexibleWindowMs: string;
  placement: Placement;
  placementOffsetMs: string | null;
  adviceId: string | null;
  slotsDecided: string;
  lastSlotAt: Date | null;
  misfirePolicy: MisfirePolicy;
  overlapPolicy: OverlapPolicy;
  dstGap: DstPolicy['gap'];
  dstRepeat: DstPolicy['repeat'];
  startExpiryMs: string | null;
  retry: RetryPolicy | null;
  timeoutMs: number | null;
  priority: Priority;
  labels: Record<string, string>;
  recipients: string[];
  securityGroup: string;
  status: TaskStatus;
  statusReason: string | null;
  pausedUntil: Date | null;
  revision: number;
  expandedUntil: Date | null;
  expandError: string | null;
  createdAt: Date;
  updatedAt: Date;
  deletedAt: Date | null;
}

export const taskEntity = new EntitySchema<TaskRow>({
  name: 'Task',
  tableName: 'tasks',
  columns: {
    id: { type: 'bigint', primary: true, generated: true },
    key: { type: 'text', nullable: true },
    name: { type: 'text' },
    taskType: { type: 'text', name: 'task_type' },
    payload: { type: 'jsonb' },
    scheduleKind: { type: 'text', name: 'schedule_kind' },
    cronExpressions: { type: 'text', array: true, name: 'cron_expressions', nullable: true },
    timeZone: { type: 'text', name: 'time_zone', nullable: true },
    runAt: { type: 'timestamptz', name: 'run_at', nullable: true },
    everyMs: { type: 'bigint', name: 'every_ms', nullable: true },
    startsAt: { type: 'timestamptz', name: 'starts_at', nullable: true },
    endsAt: { type: 'timestamptz', name: 'ends_at', nullable: true },
    maxRuns: { type: 'bigint', name: 'max_runs', nullable: true },
    calendars: { type: 'text', array: true },
    blackouts: { type: 'jsonb' },
    misfireGraceMs: { type: 'bigint', name: 'misfire_grace_ms', nullable: true },
    catchUpLimit: { type: 'integer', name: 'catch_up_limit' },
    catchUpPerMinute: { type: 'integer', name: 'catch_up_per_minute' },
    flexibleWindowMs: { type: 'bigint', name: 'flexible_window_ms' },
    placement: { type: 'text' },
    placementOffsetMs: { type: 'bigint', name: 'placement_offset_ms', nullable: true },
    adviceId: { type: 'bigint', name: 'advice_id', nullable: true },
    slotsDecided: { type: 'bigint', name: 'slots_decided' },
    lastSlotAt: { type: 'timestamptz', name: 'last_slot_at', nullable: true },
    misfirePolicy: { type: 'text', name: 'misfire_policy' },
    overlapPolicy: { type: 'text', name: 'overlap_policy' },
    dstGap: { type: 'text', name: 'dst_gap' },
    dstRepeat: { type: 'text', name: 'dst_repeat' },
    startExpiryMs: { type: 'bigint', name: 'start_expiry_ms', nullable: true },
    retry: { type: 'jsonb', nullable: true },
    timeoutMs: { type: 'integer', name: 'timeout_ms', nullable: true },
    priority: { type: 'text' },
    labels: { type: 'jsonb' },
    recipients: { type: 'text', array: true },
    securityGroup: { type: 'text', name: 'security_group' },
    status: { type: 'text' },
    statusReason: { type: 'text', name: 'status_reason', nullable: true },
    pausedUntil: { type: 'timestamptz', name: 'paused_until', nullable: true },
    revision: { type: 'integer' },
    expandedUntil: { type: 'timestamptz', name: 'expanded_until', nullable: true },
    expandError: { type: 'text', name: 'expand_error', nullable: true },
    createdAt: { type: 'timestamptz', name: 'created_at', createDate: true },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    deletedAt: { type: 'timestamptz', name: 'deleted_at', nullable: true },
  },
});
