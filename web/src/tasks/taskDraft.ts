import type { TaskDraft } from '../api/shapes.ts';
import { ruleOfRow } from '../exclusions/ruleRows.ts';
import { keptInstant } from '../time/keptInstants.ts';
import { readWallTime } from '../time/readWallTime.ts';
import { isKnownZone } from '../time/zonedParts.ts';
import { parseDurationText } from './durationText.ts';
import type { TaskFormValues } from './taskFormValues.ts';

export interface FieldProblem {
  /** Where the message belongs: a field of the form, such as `expressions.0.text`; `root` when it belongs to none. */
  readonly field: string;
  readonly message: string;
}

export interface DraftResult {
  /** As good as the fields allow; only to be sent when there are no problems. */
  readonly draft: TaskDraft;
  readonly problems: readonly FieldProblem[];
}

/** What the fields mean as a request. What the contract can check is left to the contract. */
export function draftOfValues(values: TaskFormValues): DraftResult {
  const problems: FieldProblem[] = [];
  const report = (field: string, message: string) => void problems.push({ field, message });
  const draft: TaskDraft = {
    name: values.name,
    taskType: values.taskType,
    payload: readPayload(values.payloadText, report),
    schedule: readSchedule(values, report),
    policies: {
      misfire: values.misfire,
      misfireGraceMs: readOptionalDuration('misfireGrace', values.misfireGrace, report),
      catchUpLimit: readCount('catchUpLimit', values.catchUpLimit, report),
      catchUpPerMinute: readCount('catchUpPerMinute', values.catchUpPerMinute, report),
      overlap: values.overlap,
      dstGap: values.dstGap,
      dstRepeat: values.dstRepeat,
      startExpiryMs: readOptionalDuration('startExpiry', values.startExpiry, report),
      flexibleWindowMs: readOptionalDuration('flexibleWindow', values.flexibleWindow, report) ?? 0,
      placement: values.placement,
    },
    retry: values.ownRetry
      ? {
          maxAttempts: readCount('maxAttempts', values.maxAttempts, report),
          backoff: values.backoff,
          firstDelayMs: readDuration('firstDelay', values.firstDelay, report),
          maxDelayMs: readDuration('maxDelay', values.maxDelay, report),
        }
      : null,
    timeoutMs: readOptionalDuration('timeout', values.timeout, report),
    priority: values.priority,
    labels: Object.fromEntries(values.labels.map(({ key, value }) => [key.trim(), value.trim()])),
    recipients: values.recipients,
    securityGroup: values.securityGroup,
    key: values.key,
  };
  const names = values.labels.map(({ key }) => key.trim());
  names.forEach((name, place) => {
    if (names.indexOf(name) !== place) report(`labels.${place}.key`, `There are two labels named ${name}.`);
  });
  return { draft, problems };
}

type Report = (field: string, message: string) => void;

function readSchedule(values: TaskFormValues, report: Report): TaskDraft['schedule'] {
  const { timeZone } = values;
  if (values.when === 'now') return { kind: 'immediate' };
  if (!isKnownZone(timeZone)) report('timeZone', 'Choose a time zone from the list, such as Europe/Rome.');
  if (values.when === 'once') return { kind: 'once', at: readInstant('onceAt', values, report) ?? '' };

  const startsAt = readInstant('startsAt', values, report);
  const endsAt = readInstant('endsAt', values, report);
  if (startsAt !== null && endsAt !== null && Date.parse(endsAt) <= Date.parse(startsAt)) {
    report('endsAt', 'The end must be after the start.');
  }
  const limits = {
    timeZone,
    startsAt,
    endsAt,
    maxRuns: values.maxRuns.trim() === '' ? null : readCount('maxRuns', values.maxRuns, report),
    calendars: values.calendars,
    blackouts: values.blackouts.map((row, place) => {
      const { rule, problems } = ruleOfRow(row, timeZone);
      for (const { field, message } of problems) report(`blackouts.${place}.${field}`, message);
      return rule;
    }),
  };
  return values.repeat === 'interval'
    ? { kind: 'interval', everyMs: readDuration('every', values.every, report), ...limits }
    : { kind: 'cron', expressions: values.expressions.map(({ text }) => text.trim()), ...limits };
}

/** Null for a bound that is left empty, and for a time that means no instant. */
function readInstant(field: 'onceAt' | 'startsAt' | 'endsAt', values: TaskFormValues, report: Report): string | null {
  const { [field]: text, timeZone, kept } = values;
  if (text === '' && field !== 'onceAt') return null;
  const which = field === 'onceAt' ? values.onceWhich : 'first';
  const before = keptInstant(kept, field, text, timeZone);
  // Of a one-time task that comes twice, the other one may have been chosen since.
  const reading = readWallTime(text, timeZone, which);
  if (before !== undefined && (field !== 'onceAt' || isSameSecond(before, reading.at))) return before;
  if (reading.problem !== undefined) report(field, reading.problem);
  return reading.at ?? null;
}

function isSameSecond(one: string, other: string | undefined): boolean {
  return other !== undefined && Math.floor(Date.parse(one) / 1_000) === Math.floor(Date.parse(other) / 1_000);
}

function readPayload(text: string, report: Report): NonNullable<TaskDraft['payload']> {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as NonNullable<TaskDraft['payload']>;
    }
    report('payloadText', 'The payload must be a JSON object: { \u2026 }.');
  } catch (error) {
    report('payloadText', `This is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {};
}

const DURATION_HINT = 'Write a duration, such as 30 s, 5 min or 1 h 30 min.';

function readDuration(field: string, text: string, report: Report): number {
  const ms = parseDurationText(text);
  if (ms === undefined) report(field, DURATION_HINT);
  return ms ?? 0;
}

function readOptionalDuration(field: string, text: string, report: Report): number | null {
  return text.trim() === '' ? null : readDuration(field, text, report);
}

function readCount(field: string, text: string, report: Report): number {
  const count = Number(text);
  if (text.trim() === '' || !Number.isInteger(count)) report(field, 'Write a whole number.');
  return Number.isInteger(count) ? count : 1;
}
