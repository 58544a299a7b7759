import type { Task } from '../api/shapes.ts';
import { rowOfRule, type RuleRow } from '../exclusions/ruleRows.ts';
import { keepInstant, type KeptInstant } from '../time/keptInstants.ts';
import { instantToWallTime, wallTimeToInstant } from '../time/wallTime.ts';
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
  /** Which one is meant of a time that the clock shows twice. */
  onceWhich: 'first' | 'second';
  repeat: 'cron' | 'interval';
  expressions: { text: string }[];
  every: string;
  startsAt: string;
  endsAt: string;
  /** Empty: without end. */
  maxRuns: string;
  calendars: string[];
  blackouts: RuleRow[];
  /** What the wall-clock fields stood for when they were filled. */
  kept: readonly KeptInstant[];
  timeout: string;
  startExpiry: string;
  misfire: Policies['misfire'];
  /** Empty: as the server is configured. */
  misfireGrace: string;
  catchUpLimit: string;
  catchUpPerMinute: string;
  /** Empty: none. */
  flexibleWindow: string;
  placement: Policies['placement'];
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
    onceWhich: 'first',
    repeat: 'cron',
    expressions: [{ text: '0 9 * * 1-5' }],
    every: '15 min',
    startsAt: '',
    endsAt: '',
    maxRuns: '',
    calendars: [],
    blackouts: [],
    kept: [],
    timeout: '',
    startExpiry: '',
    misfire: 'latest',
    misfireGrace: '',
    catchUpLimit: '1000',
    catchUpPerMinute: '60',
    flexibleWindow: '',
    placement: 'load',
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
  const zone = 'timeZone' in schedule ? schedule.timeZone : myZone;
  const values: TaskFormValues = {
    ...newTaskValues(zone, nowMs),
    name: task.name,
    taskType: task.taskType,
    payloadText: JSON.stringify(task.payload, null, 2),
    timeout: durationOrEmpty(task.timeoutMs),
    startExpiry: durationOrEmpty(policies.startExpiryMs),
    misfire: policies.misfire,
    misfireGrace: durationOrEmpty(policies.misfireGraceMs),
    catchUpLimit: String(policies.catchUpLimit),
    catchUpPerMinute: String(policies.catchUpPerMinute),
    flexibleWindow: policies.flexibleWindowMs === 0 ? '' : writeDurationText(policies.flexibleWindowMs),
    placement: policies.placement,
    overlap: policies.overlap,
    dstGap: policies.dstGap,
    dstRepeat: policies.dstRepeat,
    priority: task.priority,
    labels: Object.entries(task.labels).map(([key, value]) => ({ key, value })),
    recipients: [...task.recipients],
    securityGroup: task.securityGroup,
    key: task.key,
    ...valuesOfSchedule(schedule, zone),
  };
  if (retry !== null) {
    values.ownRetry = true;
    values.maxAttempts = String(retry.maxAttempts);
    values.backoff = retry.backoff;
    values.firstDelay = writeDurationText(retry.firstDelayMs);
    values.maxDelay = writeDurationText(retry.maxDelayMs);
  }
  return values;
}

function valuesOfSchedule(schedule: Task['schedule'], zone: string): Partial<TaskFormValues> {
  switch (schedule.kind) {
    case 'immediate':
      return {};
    case 'once': {
      const kept = keepInstant('onceAt', schedule.at, zone);
      const wall = wallTimeToInstant(kept.text, zone);
      const isSecond = wall.kind === 'fold' && Date.parse(schedule.at) >= wall.secondMs;
      return { when: 'once', onceAt: kept.text, onceWhich: isSecond ? 'second' : 'first', kept: [kept] };
    }
    case 'interval':
      return { when: 'recurring', repeat: 'interval', every: writeDurationText(schedule.everyMs), ...bounds(schedule) };
    case 'cron':
      return {
        when: 'recurring',
        repeat: 'cron',
        expressions: schedule.expressions.map((text) => ({ text })),
        ...bounds(schedule),
      };
  }
}

function bounds(schedule: Extract<Task['schedule'], { timeZone: string }>) {
  const { timeZone, startsAt, endsAt, maxRuns, calendars, blackouts } = schedule;
  const kept = Object.entries({ startsAt, endsAt }).flatMap(([field, at]) =>
    at === null ? [] : [keepInstant(field, at, timeZone)],
  );
  return {
    startsAt: kept.find(({ field }) => field === 'startsAt')?.text ?? '',
    endsAt: kept.find(({ field }) => field === 'endsAt')?.text ?? '',
    maxRuns: maxRuns === null ? '' : String(maxRuns),
    calendars: [...calendars],
    blackouts: blackouts.map((rule) => rowOfRule(rule, timeZone)),
    kept,
  };
}

function durationOrEmpty(ms: number | null): string {
  return ms === null ? '' : writeDurationText(ms);
}
