import { nextInstants } from '../core/schedule.ts';
import type { TaskSchedule } from '../core/task.ts';
import type { RequestedSchedule, TaskDefinition } from '../db/task-definition.ts';
import type { LastRunRecord, TaskRecord } from '../db/task-reader.ts';
import { describeSchedule } from '../runtime/schedule-text.ts';
import type { Schedule, Task, TaskInput } from './contract/task.ts';
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
      overlap: record.overlap,
      dstGap: record.dst.gap,
      dstRepeat: record.dst.repeat,
      startExpiryMs: record.startExpiryMs,
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
  const instants = nextInstants(record.schedule, record.nowMs, runs);
  return instants.length === 0 ? waiting : instants;
}

function toRequestedSchedule(schedule: TaskInput['schedule'], dst: TaskDefinition['dst']): RequestedSchedule {
  switch (schedule.kind) {
    case 'immediate':
      return { kind: 'immediate' };
    case 'once':
      return { kind: 'once', atMs: fromInstant(schedule.at) };
    case 'interval':
      return { kind: 'interval', everyMs: schedule.everyMs, ...toRange(schedule) };
    case 'cron':
      return {
        kind: 'cron',
        expressions: schedule.expressions,
        timeZone: schedule.timeZone,
        dst,
        ...toRange(schedule),
      };
  }
}

function toRange(schedule: { startsAt?: string | null | undefined; endsAt?: string | null | undefined }) {
  return { startsAtMs: fromInstantOrNull(schedule.startsAt), endsAtMs: fromInstantOrNull(schedule.endsAt) };
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
        endsAt: toInstantOrNull(schedule.endsAtMs),
      };
    case 'cron':
      return {
        kind: 'cron',
        expressions: [...schedule.expressions],
        timeZone: schedule.timeZone,
        startsAt: toInstantOrNull(schedule.startsAtMs),
        endsAt: toInstantOrNull(schedule.endsAtMs),
      };
  }
}

function toLastRun(lastRun: LastRunRecord | null): Task['lastRun'] {
  if (lastRun === null) return null;
  const { occurrenceId, status, endMs, error } = lastRun;
  return { occurrenceId, status, endTime: toInstantOrNull(endMs), error };
}
