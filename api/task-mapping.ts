import { InvalidInputError } from '../core/errors.ts';
import { instantsOfLocalTime } from '../core/local-time.ts';
import { nextInstants, runsLeft } from '../core/schedule.ts';
import type { TaskSchedule } from '../core/task.ts';
import { canonicalTimeZone, describeTimeZoneFault, formatLocalTime, isTimeZone } from '../core/time-zone.ts';
import { exclusionsOf, type RequestedSchedule, type TaskDefinition } from '../db/task-definition.ts';
import type { LastRunRecord, TaskRecord } from '../db/task-reader.ts';
import { describeSchedule } from '../runtime/schedule-text.ts';
import { Instant } from './contract/common.ts';
import type { Schedule, Task, TaskInput } from './contract/task.ts';
import { toExclusionRule, toExclusionRuleJson } from './exclusion-mapping.ts';
import { fromInstant, fromInstantOrNull, toInstant, toInstantOrNull } from './instants.ts';

export function toDefinition(input: TaskInput): TaskDefinition {
  const { policies } = input;
  const dst = { gap: policies.dstGap, repeat: policies.dstRepeat };
  return {
    key: input.key,
    name: input.name,
    taskType: input.taskType,
    payload: input.payload,
    schedule: toRequestedSchedule(input.schedule, dst),
    misfire: policies.misfire,
    misfireGraceMs: policies.misfireGraceMs,
    catchUpLimit: policies.catchUpLimit,
    catchUpPerMinute: policies.catchUpPerMinute,
    flexibleWindowMs: policies.flexibleWindowMs,
    placement: policies.placement,
    overlap: policies.overlap,
    dst,
    startExpiryMs: policies.startExpiryMs,
    retry: input.retry,
    timeoutMs: input.timeoutMs,
    priority: input.priority,
    labels: input.labels,
    recipients: input.recipients,
    securityGroup: input.securityGroup,
  };
}

/** `runs`: how many of the next instants to name. */
export function toTask(record: TaskRecord, runs: number): Task {
  return {
    id: record.id,
    key: record.key,
    name: record.name,
    taskType: record.taskType,
    pool: record.pool,
    payload: record.payload as Task['payload'], // jsonb
    schedule: toScheduleJson(record.schedule),
    scheduleText: describeSchedule(record.schedule),
    policies: {
      misfire: record.misfire,
      misfireGraceMs: record.misfireGraceMs,
      catchUpLimit: record.catchUpLimit,
      catchUpPerMinute: record.catchUpPerMinute,
      overlap: record.overlap,
      dstGap: record.dst.gap,
      dstRepeat: record.dst.repeat,
      startExpiryMs: record.startExpiryMs,
      flexibleWindowMs: record.flexibleWindowMs,
      placement: record.placement,
    },
    retry: record.retry,
    timeoutMs: record.timeoutMs,
    priority: record.priority,
    labels: { ...record.labels },
    recipients: [...record.recipients],
    securityGroup: record.securityGroup,
    status: record.status,
    statusReason: record.statusReason,
    pausedUntil: toInstantOrNull(record.pausedUntilMs),
    revision: record.revision,
    advisedPlace:
      record.placementOffsetMs === null || record.adviceId === null
        ? null
        : { adviceId: record.adviceId, offsetMs: record.placementOffsetMs },
    expandError: record.expandError,
    nextRuns: nextRunsOf(record, runs).map(toInstant),
    lastRun: toLastRun(record.lastRun),
    averageElapsedMs: record.averageElapsedMs,
    createdAt: toInstant(record.createdMs),
    updatedAt: toInstant(record.updatedMs),
  };
}

/** One: the occurrence that waits, which a retry or a person may have moved. More: what the schedule says from now on. */
function nextRunsOf(record: TaskRecord, runs: number): readonly number[] {
  if (record.status !== 'active' || record.expandError !== null) return [];
  const waiting = record.nextRunMs === null ? [] : [record.nextRunMs];
  if (runs === 1 && waiting.length > 0) return waiting;
  const instants = limitRuns(record, nextInstants(record.schedule, record.nowMs, runs));
  return instants.length === 0 ? waiting : instants;
}

/** What the limit of runs leaves: what is written already, and beyond that as many as are left. */
function limitRuns({ schedule, slotsDecided, expandedUntilMs, lastSlotMs }: TaskRecord, instants: readonly number[]) {
  const left = runsLeft(schedule, slotsDecided);
  if (left === Infinity) return instants;
  if (expandedUntilMs === null) return instants.filter((atMs) => lastSlotMs !== null && atMs <= lastSlotMs);
  const written = instants.filter((atMs) => atMs < expandedUntilMs);
  return [...written, ...instants.slice(written.length, written.length + left)];
}

function toRequestedSchedule(schedule: TaskInput['schedule'], dst: TaskDefinition['dst']): RequestedSchedule {
  switch (schedule.kind) {
    case 'immediate':
      return { kind: 'immediate' };
    case 'once':
      return { kind: 'once', atMs: instantOf(schedule) };
    case 'interval':
      return { kind: 'interval', everyMs: schedule.everyMs, ...toLimits(schedule) };
    case 'cron':
      return { kind: 'cron', expressions: schedule.expressions, dst, ...toLimits(schedule) };
  }
}

function toLimits(schedule: Extract<TaskInput['schedule'], { kind: 'interval' | 'cron' }>) {
  return {
    timeZone: canonicalTimeZone(schedule.timeZone),
    startsAtMs: fromInstantOrNull(schedule.startsAt),
    endsAtMs: fromInstantOrNull(schedule.endsAt),
    maxRuns: schedule.maxRuns ?? null,
    calendars: schedule.calendars,
    blackouts: schedule.blackouts.map(toExclusionRule),
  };
}

/** @throws InvalidInputError for a local time that its zone does not have, or has twice. */
function instantOf({ at, timeZone }: Extract<TaskInput['schedule'], { kind: 'once' }>): number {
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw new InvalidInputError([{ path: 'schedule.timeZone', message: describeTimeZoneFault(timeZone) }]);
  }
  if (timeZone === undefined || Instant.safeParse(at).success) return fromInstant(at);
  const instants = instantsOfLocalTime(timeZone, Date.parse(`${at}Z`));
  const [only] = instants;
  if (only !== undefined && instants.length === 1) return only;
  const message =
    only === undefined
      ? `the clocks of ${timeZone} jump over this time: it does not exist`
      : `the clocks of ${timeZone} show this time twice: give it an offset, ${instants.map((atMs) => formatLocalTime(timeZone, atMs).slice(-6)).join(' or ')}`;
  throw new InvalidInputError([{ path: 'schedule.at', message }]);
}

function toScheduleJson(schedule: TaskSchedule): Schedule {
  switch (schedule.kind) {
    case 'immediate':
      return { kind: 'immediate' };
    case 'once':
      return { kind: 'once', at: toInstant(schedule.atMs) };
    case 'interval':
      return {
        kind: 'interval',
        everyMs: schedule.everyMs,
        startsAt: toInstant(schedule.startsAtMs),
        ...toLimitsJson(schedule),
      };
    case 'cron':
      return {
        kind: 'cron',
        expressions: [...schedule.expressions],
        startsAt: toInstantOrNull(schedule.startsAtMs),
        ...toLimitsJson(schedule),
      };
  }
}

function toLimitsJson(schedule: Extract<TaskSchedule, { kind: 'interval' | 'cron' }>) {
  const { calendars, blackouts } = exclusionsOf(schedule);
  return {
    timeZone: schedule.timeZone,
    endsAt: toInstantOrNull(schedule.endsAtMs),
    maxRuns: schedule.maxRuns,
    calendars: [...calendars],
    blackouts: blackouts.map(toExclusionRuleJson),
  };
}

function toLastRun(lastRun: LastRunRecord | null): Task['lastRun'] {
  if (lastRun === null) return null;
  const { occurrenceId, status, endMs, error } = lastRun;
  return { occurrenceId, status, endTime: toInstantOrNull(endMs), error };
}
