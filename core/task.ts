/** What a person asks for: when to run something, and what to do when that is not possible. All instants in epoch ms. */
export type TaskSchedule =
  | { readonly kind: 'immediate' }
  | { readonly kind: 'once'; readonly atMs: number }
  | ({
      readonly kind: 'interval';
      readonly everyMs: number;
      readonly startsAtMs: number;
    } & RecurrenceLimits)
  | ({
      readonly kind: 'cron';
      readonly expressions: readonly string[];
      readonly startsAtMs: number | null;
      readonly dst: DstPolicy;
    } & RecurrenceLimits);

/** What bounds a schedule that recurs, besides its start. */
export interface RecurrenceLimits {
  /** For cron what its fields mean; for an interval only what its blackout windows mean. */
  readonly timeZone: string;
  /** Exclusive. */
  readonly endsAtMs: number | null;
  /** Occurrences in the whole life of the task, whatever becomes of them. */
  readonly maxRuns: number | null;
  readonly exclusions: readonly ExclusionSet[];
}

/** Times at which a schedule does not run: a shared calendar's, or the task's own blackout windows. */
export interface ExclusionSet {
  /** The calendar's name; null: the task's own. */
  readonly calendar: string | null;
  /** In which dates and times of day are meant. */
  readonly timeZone: string;
  readonly rules: readonly ExclusionRule[];
}

export type ExclusionRule = (
  | { readonly kind: 'date'; /** YYYY-MM-DD: the whole local day. */ readonly date: string }
  | { readonly kind: 'range'; readonly fromMs: number; /** Exclusive. */ readonly untilMs: number }
  | {
      readonly kind: 'weekly';
      /** Days on which a window opens; Sunday is 0. */
      readonly weekdays: readonly number[];
      /** Minutes since local midnight. */
      readonly fromMinute: number;
      /** Exclusive, up to 1440; not after `fromMinute`: on the next day. */
      readonly untilMinute: number;
    }
) & { readonly label: string | null };

/** What wall-clock changes do to fixed times; the defaults are `shift` and `first`. */
export interface DstPolicy {
  /** A time that the clock jumps over: run once at the first valid instant after it, or not at all. */
  readonly gap: 'shift' | 'skip';
  /** A time that comes twice: run at the first, at the second, or at both. */
  readonly repeat: 'first' | 'last' | 'both';
}

export const SCHEDULE_KINDS = ['immediate', 'once', 'interval', 'cron'] as const;
export const TASK_STATUSES = ['active', 'inactive', 'paused'] as const;
export const PRIORITIES = ['high', 'normal', 'low'] as const;
export const MISFIRE_POLICIES = ['latest', 'all', 'skip'] as const;
export const OVERLAP_POLICIES = [
  'skip',
  'buffer-one',
  'buffer-all',
  'cancel-other',
  'terminate-other',
  'allow',
] as const;
export const PLACEMENTS = ['load', 'hash'] as const;

export type ScheduleKind = (typeof SCHEDULE_KINDS)[number];
export type TaskStatus = (typeof TASK_STATUSES)[number];
export type Priority = (typeof PRIORITIES)[number];
export type MisfirePolicy = (typeof MISFIRE_POLICIES)[number];
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];
/** How an occurrence finds its place in its flexible window: where least else is planned, or by a hash of its task's id. */
export type Placement = (typeof PLACEMENTS)[number];
