import type { OccurrenceStatus, OccurrenceTrigger } from './occurrence.ts';
import type { MisfirePolicy, TaskSchedule, TaskStatus } from './task.ts';

/** What is known of a task and an instant. All instants in epoch ms. */
export interface WhyFacts {
  readonly atMs: number;
  readonly nowMs: number;
  readonly createdMs: number;
  /** Of what the task was before it there is no record. */
  readonly knownFromMs: number;
  /** The revision that was, or is, in force at the instant; null: none that is known. */
  readonly revision: WhyRevision | null;
  /** The newest one. */
  readonly present: WhyRevision;
  /** The one scheduled for the instant, or else the one that was or is due then. */
  readonly occurrence: WhyOccurrence | null;
  /** Days of occurrences that are kept. */
  readonly retentionDays: number;
  /** How late an occurrence may be and still count as on time, for tasks that do not say so. */
  readonly graceMs: number;
}

/** A task as it was for some time; the newest revision with its watermark as it is now. */
export interface WhyRevision {
  readonly revision: number;
  readonly validFromMs: number;
  /** Null: it is the newest. */
  readonly validUntilMs: number | null;
  readonly schedule: TaskSchedule;
  /** The one occurrence that was written together with it. */
  readonly firstMs: number | null;
  readonly status: TaskStatus;
  readonly statusReason: string | null;
  readonly pausedUntilMs: number | null;
  readonly isDeleted: boolean;
  readonly misfire: MisfirePolicy;
  readonly misfireGraceMs: number | null;
  readonly flexibleWindowMs: number;
  /** The advice by which each of its occurrences has the same place in the window; null: none. */
  readonly advice: { readonly id: string; readonly offsetMs: number } | null;
  readonly startExpiryMs: number | null;
  readonly expandError: string | null;
  /** Everything before it has been decided; null: nothing is left. */
  readonly expandedUntilMs: number | null;
  readonly slotsDecided: number;
  readonly lastSlotMs: number | null;
}

export interface WhyOccurrence {
  readonly scheduledMs: number;
  readonly status: OccurrenceStatus;
  readonly trigger: OccurrenceTrigger;
  /** The revision under which it stands. */
  readonly under: WhyRevision | null;
  readonly dueMs: number | null;
  readonly claimedDueMs: number | null;
  readonly movedMs: number | null;
  readonly startMs: number | null;
  readonly lockedBy: string | null;
  readonly reason: string | null;
  /** The id of the occurrence of the same task that kept it from starting. */
  readonly blockedBy: string | null;
  /** It became due while nobody handed out work, and the misfire policy has not decided yet. */
  readonly isLeftToCatchUp: boolean;
  readonly attempt: number;
  /** Its attempts, last first, with the one that runs. */
  readonly runs: readonly WhyRun[];
}

export interface WhyRun {
  readonly attempt: number;
  readonly outcome: string | null;
  readonly dueMs: number;
  readonly startMs: number;
  readonly elapsedMs: number | null;
  readonly error: string | null;
  readonly processor: string | null;
}

/** What can be said of an instant: the contract of the API lists the same words. */
export type WhyVerdict = 'ran' | 'running' | 'will-run' | 'did-not-run' | 'not-scheduled' | 'unknown';

export type WhyRuleName =
  | 'task'
  | 'status'
  | 'schedule'
  | 'start'
  | 'end'
  | 'max-runs'
  | 'exclusion'
  | 'time-zone'
  | 'expansion'
  | 'placement'
  | 'moved'
  | 'misfire'
  | 'overlap'
  | 'start-expiry'
  | 'retry'
  | 'edit'
  | 'person'
  | 'run';

/** One rule that was asked about an instant, and what it said: a sentence. */
export interface WhyStep {
  readonly rule: WhyRuleName;
  readonly text: string;
}

/** What the rules say together. There is at least one; the verdict follows from the last. */
export interface WhyFinding {
  readonly verdict: WhyVerdict;
  readonly steps: readonly WhyStep[];
}
