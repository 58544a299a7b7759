import { DAY_MS, SECOND_MS } from './duration.ts';
import type { OccurrenceStatus } from './occurrence.ts';
import { instantsBetween, runsLeft } from './schedule.ts';
import type { TaskSchedule } from './task.ts';

/** A definition that a task had while it was active, and for how long. Instants in epoch ms. */
export interface RevisionInForce {
  readonly schedule: TaskSchedule;
  /** The one occurrence that was written together with it. */
  readonly firstMs: number | null;
  /** From here on its schedule counts; null: nothing of it was left to the scheduler. */
  readonly fromMs: number | null;
  /** When the next revision took over; null: it is in force. */
  readonly untilMs: number | null;
  /** Up to here the scheduler has decided; null: all of it. What comes later is not expected yet. */
  readonly decidedUntilMs: number | null;
  /** Occurrences that the schedule had had at `fromMs`: they count against its limit of runs. */
  readonly slotsDecided: number;
}

export interface RecordedOccurrence {
  readonly atMs: number;
  readonly status: OccurrenceStatus;
  /** Written from the schedule, and not by a person or a backfill. */
  readonly isFromSchedule: boolean;
  /** A person gave it another due time. */
  readonly isMoved: boolean;
}

/** Equal sets of instants of one UTC day have equal fingerprints; that different ones do as well would take a rare accident. */
export interface Fingerprint {
  readonly count: number;
  /** Of milliseconds since midnight; so is `xor`. */
  readonly sum: number;
  readonly xor: number;
}

/** What the comparison of one task found. */
export interface Comparison {
  /** Expected instants that have an occurrence. */
  readonly matched: readonly RecordedOccurrence[];
  /** Expected instants without one. */
  readonly missing: readonly number[];
  /** Occurrences that no revision called for. */
  readonly excess: readonly RecordedOccurrence[];
}

/** The instants of a schedule in [fromMs, untilMs): `instantsBetween` without a limit, or a memory of it. */
export type InstantSource = (schedule: TaskSchedule, fromMs: number, untilMs: number) => readonly number[];

/**
 * The instants in [fromMs, untilMs) that the revisions of one task called for, each while it was in force: strictly increasing.
 * @throws when a schedule can not be computed.
 */
export function expectedInstants(
  revisions: readonly RevisionInForce[],
  fromMs: number,
  untilMs: number,
  instantsOf: InstantSource,
): readonly number[] {
  const lists = revisions
    .map((revision) => {
      const endMs = Math.min(untilMs, revision.untilMs ?? Infinity, revision.decidedUntilMs ?? Infinity);
      return instantsOfRevision(revision, fromMs, endMs, instantsOf);
    })
    .filter((list) => list.length > 0);
  const [only = []] = lists;
  if (lists.length <= 1) return only;
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}

export function fingerprintOf(instants: readonly number[]): Fingerprint {
  let sum = 0;
  let xor = 0;
  for (const atMs of instants) {
    const sinceMidnightMs = atMs % DAY_MS;
    sum += sinceMidnightMs;
    xor ^= sinceMidnightMs;
  }
  return { count: instants.length, sum, xor };
}

/** Of the union of two sets without a common instant. */
export function joinFingerprints(one: Fingerprint, other: Fingerprint): Fingerprint {
  return { count: one.count + other.count, sum: one.sum + other.sum, xor: one.xor ^ other.xor };
}

export function isSameFingerprint(one: Fingerprint, other: Fingerprint): boolean {
  return one.count === other.count && one.sum === other.sum && one.xor === other.xor;
}

/**
 * Sets what was expected of a task against what is recorded of it; `expected` in order. An occurrence that a person or a backfill made
 * fills an expected instant, and is never in excess. One that a revision called for, and that outlived that revision by rights, matches.
 */
export function compareOccurrences(
  expected: readonly number[],
  recorded: readonly RecordedOccurrence[],
  revisions: readonly RevisionInForce[],
): Comparison {
  const open = new Set(expected);
  const matched: RecordedOccurrence[] = [];
  const excess: RecordedOccurrence[] = [];
  for (const occurrence of recorded) {
    if (open.delete(occurrence.atMs)) matched.push(occurrence);
    else if (occurrence.isFromSchedule) {
      (revisions.some((revision) => mayOutlive(occurrence, revision)) ? matched : excess).push(occurrence);
    }
  }
  return { matched, missing: [...open], excess };
}

/**
 * Remembers the instants of schedules in one window, for as many as fit into `capacity` numbers: thousands of tasks share few schedules.
 * Asked for a part of the window, it answers that part.
 */
export function rememberInstants(windowFromMs: number, windowUntilMs: number, capacity = 500_000): InstantSource {
  const known = new Map<string, readonly number[]>();
  let size = 0;
  return (schedule, fromMs, untilMs) => {
    const key = JSON.stringify(schedule);
    let instants = known.get(key);
    if (instants === undefined) {
      instants = instantsBetween(schedule, windowFromMs, windowUntilMs, Infinity);
      if (size + instants.length > capacity) {
        known.clear();
        size = 0;
      }
      known.set(key, instants);
      size += instants.length + 1; // an empty list costs its key
    }
    const first = fromMs <= windowFromMs ? 0 : countBefore(instants, fromMs);
    const last = untilMs >= windowUntilMs ? instants.length : countBefore(instants, untilMs);
    return first === 0 && last === instants.length ? instants : instants.slice(first, last);
  };
}

/** An occurrence that has run, or was ended without a run, stays when a change of its task takes back what was still to come. */
function mayOutlive(occurrence: RecordedOccurrence, revision: RevisionInForce): boolean {
  const { atMs, status, isMoved } = occurrence;
  const isKept = isMoved || status === 'Cancelled' || status === 'Skipped' || status === 'Expired';
  // One at the very instant of the change belongs to both revisions.
  if (!isKept && atMs > (revision.untilMs ?? Infinity)) return false;
  return instantsOfRevision(revision, atMs, atMs + 1, fromSchedule).length > 0;
}

const fromSchedule: InstantSource = (schedule, fromMs, untilMs) => instantsBetween(schedule, fromMs, untilMs, Infinity);

/** As if it were never replaced. */
function instantsOfRevision(
  revision: RevisionInForce,
  fromMs: number,
  untilMs: number,
  instantsOf: InstantSource,
): readonly number[] {
  const { firstMs } = revision;
  if (firstMs !== null) return firstMs >= fromMs && firstMs < untilMs ? [firstMs] : [];
  if (revision.fromMs === null) return [];
  const startMs = Math.max(fromMs, revision.fromMs);
  if (startMs >= untilMs) return [];
  const left = runsLeft(revision.schedule, revision.slotsDecided);
  // No schedule falls on more than one instant a second: a limit beyond that decides nothing here.
  if (left > Math.ceil((untilMs - revision.fromMs) / SECOND_MS)) {
    return instantsOf(revision.schedule, startMs, untilMs);
  }
  const before = countUpTo(revision.schedule, revision.fromMs, startMs, left);
  return instantsBetween(revision.schedule, startMs, untilMs, left - before);
}

const CHUNK = 10_000;

/** How many instants of the schedule lie in [fromMs, untilMs), at most `limit`; they are not kept all at once. */
function countUpTo(schedule: TaskSchedule, fromMs: number, untilMs: number, limit: number): number {
  let count = 0;
  let nextMs: number | undefined = fromMs;
  while (nextMs !== undefined && count < limit) {
    const chunk = instantsBetween(schedule, nextMs, untilMs, Math.min(CHUNK, limit - count));
    const lastMs = chunk.at(-1);
    count += chunk.length;
    nextMs = lastMs === undefined ? undefined : lastMs + 1;
  }
  return count;
}

/** How many of the increasing instants lie before one. */
function countBefore(instants: readonly number[], atMs: number): number {
  let low = 0;
  let high = instants.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(instants[middle]) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
