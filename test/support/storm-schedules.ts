import type { TaskDraft } from '../../api/contract/task.ts';
import { MINUTE_MS, SECOND_MS } from '../../core/duration.ts';
import { OVERLAP_POLICIES } from '../../core/task.ts';
import type { Random } from './change-schedules.ts';

const ZONES = ['UTC', 'Europe/Rome', 'Asia/Kathmandu', 'Australia/Lord_Howe'];

/** A schedule of any kind that has something to do soon. Those that fire often end within minutes, so that their rows stay few. */
export function busySchedule(random: Random, nowMs: number): TaskDraft['schedule'] {
  const whole = (min: number, max: number) => min + Math.floor(random() * (max - min + 1));
  const timeZone = ZONES[whole(0, ZONES.length - 1)] ?? 'UTC';
  const iso = (atMs: number) => new Date(atMs).toISOString();
  const endsAt = iso(nowMs + whole(60, 240) * SECOND_MS);
  const dice = random();
  if (dice < 0.15) return { kind: 'cron', expressions: ['* * * * * *'], timeZone, endsAt };
  if (dice < 0.45) {
    return { kind: 'cron', expressions: [`${whole(0, 9)}/${whole(2, 10)} * * * * *`], timeZone, endsAt };
  }
  if (dice < 0.65) {
    const startsAt = iso(nowMs + whole(-60 * SECOND_MS, 5 * SECOND_MS));
    return { kind: 'interval', everyMs: whole(1_000, 15_000), startsAt, endsAt };
  }
  if (dice < 0.75) {
    const later = iso(nowMs + whole(30, 120) * MINUTE_MS);
    return { kind: 'cron', expressions: [`${whole(0, 29)} * * * * *`, '30 * * * * *'], timeZone, endsAt: later };
  }
  if (dice < 0.9) return { kind: 'cron', expressions: [`${whole(0, 59)} */${whole(5, 20)} * * * *`], timeZone };
  if (dice < 0.97) return { kind: 'once', at: iso(nowMs + whole(SECOND_MS, MINUTE_MS)) };
  return { kind: 'immediate' };
}

/** A task with such a schedule, whose handler writes into `file` with which edit it ran. */
export function busyTask(random: Random, nowMs: number, file: string, edit: number): TaskDraft {
  return {
    name: `busy ${edit}`,
    taskType: 'test.witness',
    payload: { file, edit, ms: Math.floor(random() * 30) },
    schedule: busySchedule(random, nowMs),
    policies: { overlap: OVERLAP_POLICIES[Math.floor(random() * OVERLAP_POLICIES.length)] },
    // A kill costs an attempt, and is not what makes a task fail here.
    retry: { maxAttempts: 50, backoff: 'fixed', firstDelayMs: 0 },
  };
}
