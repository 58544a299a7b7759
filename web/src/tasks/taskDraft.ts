import type { TaskDraft } from '../api/shapes.ts';
import { formatClock, formatOffset } from '../time/formatInstant.ts';
import { wallTimeToInstant } from '../time/wallTime.ts';
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
      overlap: values.overlap,
      dstGap: values.dstGap,
      dstRepeat: values.dstRepeat,
      startExpiryMs: readOptionalDuration('startExpiry', values.startExpiry, report),
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
  if (values.when === 'once')
    return { kind: 'once', at: readWallTime('onceAt', values.onceAt, timeZone, report) ?? '' };

  const startsAt = values.startsAt === '' ? null : readWallTime('startsAt', values.startsAt, timeZone, report);
  const endsAt = values.endsAt === '' ? null : readWallTime('endsAt', values.endsAt, timeZone, report);
  if (startsAt !== null && endsAt !== null && endsAt <= startsAt) report('endsAt', 'The end must be after the start.');
  return values.repeat === 'interval'
    ? { kind: 'interval', everyMs: readDuration('every', values.every, report), startsAt, endsAt }
    : {
        kind: 'cron',
        expressions: values.expressions.map(({ text }) => text.trim()),
        timeZone,
        startsAt,
        endsAt,
      };
}

function readWallTime(field: string, text: string, zone: string, report: Report): string | null {
  const instant = wallTimeToInstant(text, zone);
  switch (instant.kind) {
    case 'unreadable':
      report(field, 'Give a date and a time.');
      return null;
    case 'gap':
      report(
        field,
        `This time does not exist in ${zone}: the clock jumps over it, to ${formatClock(instant.ms, zone)} ${formatOffset(instant.ms, zone)}.`,
      );
      return null;
    case 'fold':
    case 'unique':
      return new Date(instant.ms).toISOString();
  }
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
