import { InvalidInputError } from '../core/errors.ts';
import type { ExclusionSet, TaskSchedule } from '../core/task.ts';
import type { Queryable } from './database.ts';
import type { RequestedSchedule, ScheduleColumns } from './task-definition.ts';
import { settleSchedule } from './task-timing.ts';

/**
 * The schedule with the present exclusions of the calendars that it names. In a transaction they do not change before its end.
 * @throws InvalidInputError when there is no such calendar.
 */
export async function resolveSchedule(
  on: Queryable,
  schedule: RequestedSchedule,
  startMs: number,
): Promise<TaskSchedule> {
  return settleSchedule(schedule, startMs, await readCalendarSets(on, schedule));
}

/**
 * The present exclusions of the calendars that a schedule names. A transaction that will lock a task as well calls this before: whoever
 * changes a calendar holds that first and then waits for its tasks.
 * @throws InvalidInputError when there is no such calendar.
 */
export async function readCalendarSets(on: Queryable, schedule: RequestedSchedule): Promise<readonly ExclusionSet[]> {
  if (schedule.kind === 'immediate' || schedule.kind === 'once' || schedule.calendars.length === 0) return [];
  const sets = await on.run<ExclusionSet>('queries/read_calendar_sets.sql', [schedule.calendars]);
  const known = new Set(sets.map(({ calendar }) => calendar));
  const errors = schedule.calendars.flatMap((name, index) =>
    known.has(name) ? [] : [{ path: `schedule.calendars.${index}`, message: `there is no calendar ${name}` }],
  );
  if (errors.length > 0) throw new InvalidInputError(errors);
  return sets;
}

/** The columns of schedules, but the calendars by their names alone. */
export type NamedCalendars<R extends ScheduleColumns> = Omit<R, 'calendar_sets'> & {
  readonly calendars: readonly string[];
};

/** Adds the present exclusions to tasks that are locked, each calendar read once for all of them. Locks nothing. */
export async function addCalendarSets<R extends ScheduleColumns>(
  on: Queryable,
  rows: readonly NamedCalendars<R>[],
): Promise<(NamedCalendars<R> & Pick<R, 'calendar_sets'>)[]> {
  const names = [...new Set(rows.flatMap(({ calendars }) => calendars))];
  const sets = names.length === 0 ? [] : await on.run<NamedSet>('queries/calendar_sets.sql', [names]);
  return rows.map((row) => ({
    ...row,
    calendar_sets: row.calendars.length === 0 ? null : sets.filter(({ calendar }) => row.calendars.includes(calendar)),
  }));
}

type NamedSet = ExclusionSet & { readonly calendar: string };
