import { exclusionAt } from './exclusion.ts';
import type { RecurrenceLimits, TaskSchedule } from './task.ts';
import { explainCron } from './why-cron.ts';
import type { WhyStep } from './why-facts.ts';
import { describeExclusion, describeInstant, describeLength } from './why-text.ts';

/** What a schedule says of an instant. */
export interface ScheduleMatch {
  /** At least one; when the schedule does not fall on the instant, the last one says why. */
  readonly steps: readonly WhyStep[];
  readonly falls: boolean;
}

/**
 * Which rule of a schedule calls for an instant, or the first one that does not: its lines or its turns, changes of the clocks, its start,
 * its end, its exclusions. `maxRuns` is for whoever knows how many there were. `firstMs` is the occurrence that was written together with
 * the revision that the schedule belongs to.
 */
export function explainSchedule(schedule: TaskSchedule, firstMs: number | null, atMs: number): ScheduleMatch {
  switch (schedule.kind) {
    case 'immediate':
      return explainOne('The task runs once, as soon as it was written', firstMs, atMs);
    case 'once':
      return explainOne('The task runs once', schedule.atMs, atMs);
    case 'interval': {
      const turn = explainTurn(schedule, atMs);
      return turn.falls ? within(schedule, atMs, turn.steps) : turn;
    }
    case 'cron': {
      const { steps, fires } = explainCron(schedule, atMs);
      return fires ? within(schedule, atMs, steps) : { steps, falls: false };
    }
  }
}

/** The zone in which a schedule is told. */
export function zoneOf(schedule: TaskSchedule): string {
  return 'timeZone' in schedule ? schedule.timeZone : 'UTC';
}

function explainOne(what: string, onlyMs: number | null, atMs: number): ScheduleMatch {
  if (onlyMs === null) return step(`${what}, and that was before its last edit.`, false);
  const only = describeInstant('UTC', onlyMs);
  if (onlyMs === atMs) return step(`${what}: at ${only}.`, true);
  return step(`${what}, at ${only}, and not at ${describeInstant('UTC', atMs)}.`, false);
}

function explainTurn(
  { everyMs, startsAtMs, timeZone }: Extract<TaskSchedule, { kind: 'interval' }>,
  atMs: number,
): ScheduleMatch {
  const every = `The task runs every ${describeLength(everyMs)}, counted from ${describeInstant(timeZone, startsAtMs)}`;
  const at = describeInstant(timeZone, atMs);
  const sinceMs = atMs - startsAtMs - Math.floor((atMs - startsAtMs) / everyMs) * everyMs;
  if (sinceMs === 0) return step(`${every}, and ${at} is a turn of it.`, true);
  return step(`${every}, and ${at} is ${describeLength(sinceMs)} after a turn.`, false);
}

function within(
  schedule: RecurrenceLimits & { readonly startsAtMs: number | null },
  atMs: number,
  steps: readonly WhyStep[],
): ScheduleMatch {
  const { timeZone, startsAtMs, endsAtMs } = schedule;
  const refuse = (rule: WhyStep['rule'], text: string): ScheduleMatch => ({
    steps: [...steps, { rule, text }],
    falls: false,
  });
  if (startsAtMs !== null && atMs < startsAtMs) {
    return refuse('start', `The schedule starts at ${describeInstant(timeZone, startsAtMs)}.`);
  }
  if (endsAtMs !== null && atMs >= endsAtMs) {
    return refuse('end', `The schedule ends at ${describeInstant(timeZone, endsAtMs)}.`);
  }
  const exclusion = exclusionAt(schedule.exclusions, atMs);
  if (exclusion !== undefined) return refuse('exclusion', describeExclusion(exclusion, timeZone));
  return { steps, falls: true };
}

function step(text: string, falls: boolean): ScheduleMatch {
  return { steps: [{ rule: 'schedule', text }], falls };
}
