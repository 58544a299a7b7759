import type { Task } from '../api/shapes.ts';
import { instantToWallTime } from '../time/wallTime.ts';
import { writeDurationText } from './durationText.ts';

type Policies = Task['policies'];

/** What the fields of the form hold. Durations and wall-clock times are text, as a person writes them. */
export interface TaskFormValues {
  name: string;
  taskType: string;
  payloadText: string;
  when: 'now' | 'once' | 'recurring';
  timeZone: string;
  /** Wall-clock time in `timeZone`, as a `datetime-local` field gives it; `startsAt` and `endsAt` too. */
  onceAt: string;
  repeat: 'cron' | 'interval';
  expressions: { text: string }[];
  every: string;
  startsAt: string;
  endsAt: string;
  timeout: string;
  startExpiry: string;
  misfire: Policies['misfire'];
  overlap: Policies['overlap'];
  dstGap: Policies['dstGap'];
  dstRepeat: Policies['dstRepeat'];
  ownRetry: boolean;
  maxAttempts: string;
  backoff: 'fixed' | 'exponential';
  firstDelay: string;
  maxDelay: string;
  priority: Task['priority'];
  labels: { key: string; value: string }[];
  recipients: string[];
  securityGroup: string;
  /** The task's own unique name; not edited here, and kept. */
  key: string | null;
}

/** The fields of a new task. `nowMs` gives the one-time field something sensible to start from: the next full hour. */
export function newTaskValues(timeZone: string, nowMs: number): TaskFormValues {
  return {
    name: '',
    taskType: '',
    payloadText: '{}',
    when: 'now',
    timeZone,
    onceAt: instantToWallTime(Math.ceil((nowMs + 1) / 3_600_000) * 3_600_000, timeZone),
    repeat: 'cron',
    expressions: [{ text: '0 9 * * 1-5' }],
    every: '15 min',
    startsAt: '',
    endsAt: '',
    timeout: '',
    startExpiry: '',
    misfire: 'latest',
    overlap: 'skip',
    dstGap: 'shift',
    dstRepeat: 'first',
    ownRetry: false,
    maxAttempts: '3',
    backoff: 'exponential',
    firstDelay: '1 s',
    maxDelay: '1 min',
    priority: 'normal',
    labels: [],
    recipients: [],
    securityGroup: 'default',
    key: null,
  };
}

/** The fields for a task that exists. */
export function valuesOfTask(task: Task, myZone: string, nowMs: number): TaskFormValues {
  const { schedule, policies, retry } = task;
  const zone = schedule.kind === 'cron' ? schedule.timeZone : myZone;
  const values: TaskFormValues = {
    ...newTaskValues(zone, nowMs),
    name: task.name,
    taskType: task.taskType,
    payloadText: JSON.stringify(task.payload, null, 2),
    timeout: task.timeoutMs === null ? '' : writeDurationText(task.timeoutMs),
    startExpiry: policies.startExpiryMs === null ? '' : writeDurationText(policies.startExpiryMs),
    misfire: policies.misfire,
    overlap: policies.overlap,
    dstGap: policies.dstGap,
    dstRepeat: policies.dstRepeat,
    priority: task.priority,
    labels: Object.entries(task.labels).map(([key, value]) => ({ key, value })),
    recipients: [...task.recipients],
    securityGroup: task.securityGroup,
    key: task.key,
  };
  if (retry !== null) {
    values.ownRetry = true;
    values.maxAttempts = String(retry.maxAttempts);
    values.backoff = retry.backoff;
    values.firstDelay = writeDurationText(retry.firstDelayMs);
    values.maxDelay = writeDurationText(retry.maxDelayMs);
  }
  switch (schedule.kind) {
    case 'immediate':
      return values;
    case 'once':
      return { ...values, when: 'once', onceAt: instantToWallTime(Date.parse(schedule.at), zone) };
    case 'interval':
      return {
        ...values,
        when: 'recurring',
        repeat: 'interval',
        every: writeDurationText(schedule.everyMs),
        startsAt: wallOrEmpty(schedule.startsAt, zone),
        endsAt: wallOrEmpty(schedule.endsAt, zone),
      };
    case 'cron':
      return {
        ...values,
        when: 'recurring',
        repeat: 'cron',
        expressions: schedule.expressions.map((text) => ({ text })),
        startsAt: wallOrEmpty(schedule.startsAt, zone),
        endsAt: wallOrEmpty(schedule.endsAt, zone),
      };
  }
}

function wallOrEmpty(at: string | null, zone: string): string {
  return at === null ? '' : instantToWallTime(Date.parse(at), zone);
}
