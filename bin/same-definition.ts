import { isDeepStrictEqual } from 'node:util';

import { type Calendar, CalendarInput } from '../api/contract/calendar.ts';
import { Instant } from '../api/contract/common.ts';
import { type ExclusionRule, WEEKDAYS } from '../api/contract/exclusion.ts';
import { type Task, type TaskDraft, TaskInput } from '../api/contract/task.ts';
import { instantsOfLocalTime } from '../core/local-time.ts';
import { canonicalTimeZone, isTimeZone } from '../core/time-zone.ts';

/**
 * Paths at which a task is not as a draft says; none when they mean the same. What the draft leaves out has its default; an interval that
 * the draft lets begin by itself keeps the beginning that it has.
 */
export function taskDifferences(existing: Task, draft: TaskDraft): string[] {
  const wanted = TaskInput.parse(JSON.parse(JSON.stringify(draft))); // as it arrives at the server
  const present = TaskInput.parse({
    key: existing.key,
    name: existing.name,
    taskType: existing.taskType,
    payload: existing.payload,
    schedule: existing.schedule,
    policies: existing.policies,
    retry: existing.retry,
    timeoutMs: existing.timeoutMs,
    priority: existing.priority,
    labels: existing.labels,
    recipients: existing.recipients,
    securityGroup: existing.securityGroup,
  });
  const normal = (task: TaskInput) => ({ ...task, schedule: normalSchedule(task.schedule, wanted.schedule) });
  return differences(normal(present), normal(wanted));
}

/** Paths at which a calendar is not as an input says; none when they mean the same. */
export function calendarDifferences(existing: Calendar, input: CalendarInput): string[] {
  const normal = ({ title, timeZone, rules }: CalendarInput) => ({
    title,
    timeZone: canonicalTimeZone(timeZone),
    rules: rules.map(normalRule),
  });
  return differences(normal(existing), normal(CalendarInput.parse(input)));
}

/** Objects are gone into, all else is compared as a whole. */
function differences(a: unknown, b: unknown, path = ''): string[] {
  if (isDeepStrictEqual(a, b)) return [];
  if (!isRecord(a) || !isRecord(b)) return [path];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => differences(a[key], b[key], path === '' ? key : `${path}.${key}`));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function normalSchedule(schedule: TaskInput['schedule'], wanted: TaskInput['schedule']): unknown {
  switch (schedule.kind) {
    case 'immediate':
      return schedule;
    case 'once':
      return { kind: 'once', at: onceAt(schedule) };
    case 'interval': {
      const beginsByItself = wanted.kind === 'interval' && (wanted.startsAt ?? null) === null;
      const normal = normalRecurrence(schedule);
      return beginsByItself ? { ...normal, startsAt: null } : normal;
    }
    case 'cron':
      return normalRecurrence(schedule);
  }
}

/** Epoch ms; a local time that is no instant, or two, stays as it is: the server says what is wrong with it. */
function onceAt({ at, timeZone }: Extract<TaskInput['schedule'], { kind: 'once' }>): unknown {
  if (timeZone === undefined || Instant.safeParse(at).success) return Date.parse(at);
  const instants = isTimeZone(timeZone) ? instantsOfLocalTime(timeZone, Date.parse(`${at}Z`)) : [];
  return instants.length === 1 ? instants[0] : at;
}

function normalRecurrence(schedule: Extract<TaskInput['schedule'], { kind: 'interval' | 'cron' }>) {
  return {
    ...schedule,
    timeZone: canonicalTimeZone(schedule.timeZone),
    startsAt: normalInstant(schedule.startsAt),
    endsAt: normalInstant(schedule.endsAt),
    maxRuns: schedule.maxRuns ?? null,
    calendars: [...schedule.calendars].sort(),
    blackouts: schedule.blackouts.map(normalRule),
  };
}

function normalRule(rule: ExclusionRule): unknown {
  const label = rule.label ?? null;
  switch (rule.kind) {
    case 'date':
      return { ...rule, label };
    case 'range':
      return { ...rule, label, from: normalInstant(rule.from), until: normalInstant(rule.until) };
    case 'weekly':
      return { ...rule, label, weekdays: WEEKDAYS.filter((day) => rule.weekdays.includes(day)) };
  }
}

function normalInstant(instant: string | null | undefined): number | null {
  return instant === null || instant === undefined ? null : Date.parse(instant);
}
