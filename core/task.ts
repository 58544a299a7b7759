/** What a person asks for: when to run something, and what to do when that is not possible. All instants in epoch ms. */
export type TaskSchedule =
  | { readonly kind: 'immediate' }
  | { readonly kind: 'once'; readonly atMs: number }
  | {
      readonly kind: 'interval';
      readonly everyMs: number;
      readonly startsAtMs: number;
      readonly endsAtMs: number | null;
    }
  | {
      readonly kind: 'cron';
      readonly expressions: readonly string[];
      readonly timeZone: string;
      readonly startsAtMs: number | null;
      readonly endsAtMs: number | null;
      readonly dst: DstPolicy;
    };

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
export const OVERLAP_POLICIES = ['skip', 'allow'] as const;

export type ScheduleKind = (typeof SCHEDULE_KINDS)[number];
export type TaskStatus = (typeof TASK_STATUSES)[number];
export type Priority = (typeof PRIORITIES)[number];
export type MisfirePolicy = (typeof MISFIRE_POLICIES)[number];
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];
