import type { MisfirePolicy, Placement, TaskSchedule } from '../core/task.ts';
import { addCalendarSets, type NamedCalendars } from './calendar-sets.ts';
import type { Queryable } from './database.ts';
import { type ScheduleColumns, toSchedule } from './task-definition.ts';

/** Tasks of one type that share schedule, policies and watermark, and go on by themselves. Instants in epoch ms. */
export interface SharedSchedule {
  readonly ids: readonly string[];
  readonly taskType: string;
  readonly schedule: TaskSchedule;
  readonly misfire: MisfirePolicy;
  /** Null: as the scheduler is configured. */
  readonly misfireGraceMs: number | null;
  readonly flexibleWindowMs: number;
  readonly placement: Placement;
  /** What advice decided in its place; null: nothing. */
  readonly placementOffsetMs: number | null;
  /** Null: as the task type says. */
  readonly timeoutMs: number | null;
  readonly slotsDecided: number;
  /** Of paused tasks the end of their pause. */
  readonly expandedUntilMs: number;
}

interface SharedScheduleRow extends ScheduleColumns {
  ids: string[];
  task_type: string;
  misfire_policy: MisfirePolicy;
  misfire_grace_ms: string | null;
  flexible_window_ms: string;
  placement: Placement;
  placement_offset_ms: string | null;
  timeout_ms: number | null;
  slots_decided: string;
  expanded_until_ms: number;
}

/** The schedules of a pool: few rows, however many tasks share them. Calendars are those of the caller's transaction. */
export async function readSchedules(on: Queryable, pool: string): Promise<SharedSchedule[]> {
  const named = await on.run<NamedCalendars<SharedScheduleRow>>('queries/read_schedules.sql', [pool]);
  return (await addCalendarSets<SharedScheduleRow>(on, named)).map((row) => ({
    ids: row.ids.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)),
    taskType: row.task_type,
    schedule: toSchedule(row),
    misfire: row.misfire_policy,
    misfireGraceMs: row.misfire_grace_ms === null ? null : Number(row.misfire_grace_ms),
    flexibleWindowMs: Number(row.flexible_window_ms),
    placement: row.placement,
    placementOffsetMs: row.placement_offset_ms === null ? null : Number(row.placement_offset_ms),
    timeoutMs: row.timeout_ms,
    slotsDecided: Number(row.slots_decided),
    expandedUntilMs: row.expanded_until_ms,
  }));
}

/** The database's time, and a text that changes whenever the definition of a task or of a calendar does. */
export async function readScheduleVersion(
  on: Queryable,
): Promise<{ readonly nowMs: number; readonly version: string }> {
  const [row] = await on.run<{ now_ms: number; version: string }>('queries/read_schedule_version.sql', []);
  return { nowMs: Math.floor(Number(row?.now_ms)), version: row?.version ?? '' };
}
