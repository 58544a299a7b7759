import { InvalidInputError } from './errors.ts';

/** The states of one occurrence, in the order in which it passes through them; the last five are ends. */
export const OCCURRENCE_STATUSES = [
  'Scheduled',
  'Queued',
  'Running',
  'Completed',
  'Failed',
  'Skipped',
  'Expired',
  'Cancelled',
] as const;
export type OccurrenceStatus = (typeof OCCURRENCE_STATUSES)[number];

/** What made an occurrence: the schedule, a person, the schedule but after its time was missed, or a backfill of a past range. */
export const OCCURRENCE_TRIGGERS = ['schedule', 'manual', 'catch-up', 'backfill'] as const;
export type OccurrenceTrigger = (typeof OCCURRENCE_TRIGGERS)[number];

/** Every legal transition; all others are refused by the guard in the statement that would make them. */
export const OCCURRENCE_TRANSITIONS: Readonly<Record<OccurrenceStatus, readonly OccurrenceStatus[]>> = {
  Scheduled: ['Queued', 'Skipped', 'Expired', 'Cancelled'],
  Queued: ['Running', 'Scheduled', 'Skipped', 'Expired', 'Cancelled'],
  Running: ['Completed', 'Scheduled', 'Failed', 'Cancelled'],
  Completed: [],
  Failed: ['Scheduled'],
  Skipped: [],
  Expired: [],
  Cancelled: [],
};

export function isLegalTransition(from: OccurrenceStatus, to: OccurrenceStatus): boolean {
  return OCCURRENCE_TRANSITIONS[from].includes(to);
}

/** Identity of an occurrence: a task has at most one per instant. `taskId` is a bigint, carried as text. */
export interface OccurrenceKey {
  readonly taskId: string;
  readonly scheduledMs: number;
}

/** Identity of one attempt of an occurrence; `attempt` is also the fencing token of its outcome. */
export interface RunKey extends OccurrenceKey {
  readonly attempt: number;
}

const OCCURRENCE_ID = /^([1-9]\d{0,18})-(\d{1,15})$/;
const RUN_ID = /^([1-9]\d{0,18})-(\d{1,15})-([1-9]\d{0,8})$/;

/** The public id of an occurrence, `<taskId>-<scheduled time in epoch ms>`; also its idempotency key towards the outside. */
export function formatOccurrenceId(key: OccurrenceKey): string {
  return `${key.taskId}-${key.scheduledMs}`;
}

export function formatRunId(key: RunKey): string {
  return `${formatOccurrenceId(key)}-${key.attempt}`;
}

/** @throws InvalidInputError when `id` is not of the form that `formatOccurrenceId` writes. */
export function parseOccurrenceId(id: string): OccurrenceKey {
  const match = OCCURRENCE_ID.exec(id);
  if (match === null) throw badId('occurrence', '<taskId>-<epoch ms>');
  return { taskId: String(match[1]), scheduledMs: Number(match[2]) };
}

/** @throws InvalidInputError when `id` is not of the form that `formatRunId` writes. */
export function parseRunId(id: string): RunKey {
  const match = RUN_ID.exec(id);
  if (match === null) throw badId('run', '<taskId>-<epoch ms>-<attempt>');
  return { taskId: String(match[1]), scheduledMs: Number(match[2]), attempt: Number(match[3]) };
}

function badId(what: string, form: string): InvalidInputError {
  return new InvalidInputError([{ path: '', message: `Not the id of a ${what}: expected ${form}.` }]);
}
