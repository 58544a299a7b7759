import assert from 'node:assert/strict';

import type { TaskDraft } from '../../api/contract/task.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import { instantsBetween } from '../../core/schedule.ts';
import type { MisfirePolicy, TaskSchedule } from '../../core/task.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { reconcileLedger } from '../../db/ledger-reconciliation.ts';
import { ensurePartitions } from '../../db/partition-store.ts';
import type { OccurrenceRow } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { type Part, type Stack, startStack } from '../support/stack.ts';

const OUTAGES = [
  { name: '10 minutes', lengthMs: 10 * MINUTE_MS },
  { name: '6 hours', lengthMs: 6 * HOUR_MS },
  { name: '3 days', lengthMs: 3 * DAY_MS },
];
const CREATED_AT = '2026-03-10T09:58:00.000Z';
const STOPPED_AT = '2026-03-10T09:58:30.000Z';
const GRACE_MS = MINUTE_MS;
const CATCH_UP_LIMIT = 7;

const SCHEDULES: readonly {
  readonly name: string;
  readonly schedule: TaskSchedule;
  readonly posted: TaskDraft['schedule'];
}[] = [
  cron('each minute', '* * * * *', 'UTC'),
  cron('each hour in Rome', '20 * * * *', 'Europe/Rome'),
  cron('daily at midnight', '0 0 * * *', 'UTC'),
  {
    name: 'every 7 minutes',
    schedule: {
      kind: 'interval',
      everyMs: 7 * MINUTE_MS,
      startsAtMs: Date.parse('2026-03-10T00:00:00Z'),
      timeZone: 'UTC',
      endsAtMs: null,
      maxRuns: null,
      exclusions: [],
    },
    posted: { kind: 'interval', everyMs: 7 * MINUTE_MS, startsAt: '2026-03-10T00:00:00Z' },
  },
];

/** What one task is asked to do about missed occurrences. */
interface Case {
  readonly misfire: MisfirePolicy;
  readonly graceMs: number;
}
const CASES: readonly Case[] = [
  { misfire: 'latest', graceMs: GRACE_MS },
  { misfire: 'all', graceMs: GRACE_MS },
  { misfire: 'skip', graceMs: GRACE_MS },
  { misfire: 'skip', graceMs: 20 * MINUTE_MS },
];

describe('an outage of everything', () => {
  for (const { name, lengthMs } of OUTAGES) {
    it(`of ${name} leaves exactly what each misfire policy says, and nothing unaccounted`, async function () {
      this.timeout(120_000);
      await using stack = await startStack({ broker: 'embedded', distributors: 0, processors: 0, movableClock: true });
      await stack.setClock(CREATED_AT);
      await ensurePartitions(stack.database, 5);
      const tasks = await createTasks(stack);
      let parts = await startAll(stack);
      await eventually(
        async () => (await stack.query('select from tasks where expanded_until < $1', ['2026-03-11'])).length === 0,
      );
      await eventually(
        async () => (await stack.query('select from distribution where alive_at is not null')).length > 0,
      );
      await stopAll(parts);
      await stack.setClock(STOPPED_AT);
      await stack.query('update distribution set alive_at = $1', [STOPPED_AT]);

      const resumedMs = Date.parse(STOPPED_AT) + lengthMs;
      await stack.setClock(new Date(resumedMs).toISOString());
      await ensurePartitions(stack.database, 5);
      parts = await startAll(stack);
      await eventually(async () => (await overdue(stack, resumedMs)) === 0, { timeoutMs: 90_000 });
      const endedMs = await readDatabaseClock(stack.database);
      await stopAll(parts);

      assert.ok(endedMs < resumedMs + MINUTE_MS / 2, 'the next slots were not due yet');
      for (const task of tasks) {
        const rows = (await stack.occurrences(task.id)).filter((row) => row.scheduled_time.getTime() <= resumedMs);
        assert.deepEqual(rows.map(summary), expected(task, Date.parse(STOPPED_AT), resumedMs), task.name);
      }
      const found = await reconcileLedger(stack.database, { fromMs: Date.parse(CREATED_AT), untilMs: resumedMs });
      assert.deepEqual([found.pending, found.unaccounted, found.unexpected, found.problems], [0, 0, 0, []]);
    });
  }
});

interface CreatedTask extends Case {
  readonly id: string;
  readonly name: string;
  readonly schedule: TaskSchedule;
}

async function createTasks(stack: Stack): Promise<CreatedTask[]> {
  const created: CreatedTask[] = [];
  for (const { name: words, schedule, posted } of SCHEDULES) {
    for (const { misfire, graceMs } of CASES) {
      const name = `${words}, ${misfire}, grace ${graceMs / 1_000} s`;
      const policies = {
        misfire,
        overlap: 'allow',
        misfireGraceMs: graceMs === GRACE_MS ? null : graceMs,
        catchUpLimit: CATCH_UP_LIMIT,
        catchUpPerMinute: 6_000,
      } as const;
      created.push({
        id: await stack.createTask({ name, schedule: posted, policies }),
        name,
        schedule,
        misfire,
        graceMs,
      });
    }
  }
  return created;
}

async function startAll(stack: Stack): Promise<Part[]> {
  return [
    await stack.startScheduler({ catchUpPerSecond: 1_000 }),
    await stack.startDistributor(),
    await stack.startProcessor(),
  ];
}

async function stopAll(parts: readonly Part[]): Promise<void> {
  for (const part of parts) await part.stop();
}

/** Occurrences up to an instant that have not ended, and tasks whose expansion is behind it. */
async function overdue(stack: Stack, untilMs: number): Promise<number> {
  const until = new Date(untilMs);
  const behind = await stack.query('select from tasks where expanded_until <= $1', [until]);
  const waiting = await stack.query('select from task_schedule where scheduled_time <= $1 and end_time is null', [
    until,
  ]);
  return behind.length + waiting.length;
}

function expected({ schedule, misfire, graceMs }: CreatedTask, stoppedMs: number, resumedMs: number) {
  const slots = instantsBetween(schedule, Date.parse(CREATED_AT) + 1, resumedMs, 1_000_000).map((atMs) => ({
    atMs,
    missed: atMs > stoppedMs && atMs < resumedMs - graceMs,
  }));
  const missed = slots.filter((slot) => slot.missed);
  const runs = misfire === 'all' ? CATCH_UP_LIMIT : misfire === 'latest' ? 1 : 0;
  const caughtUp = new Set(runs === 0 ? [] : missed.slice(-runs).map((slot) => slot.atMs));
  return slots.map(({ atMs, missed: isMissed }) => ({
    at: new Date(atMs).toISOString(),
    status: isMissed && !caughtUp.has(atMs) ? 'Skipped' : 'Completed',
    trigger: caughtUp.has(atMs) ? 'catch-up' : 'schedule',
  }));
}

function summary(row: OccurrenceRow) {
  return { at: row.scheduled_time.toISOString(), status: row.status, trigger: row.trigger };
}

function cron(name: string, expression: string, timeZone: string) {
  return {
    name,
    schedule: {
      kind: 'cron' as const,
      expressions: [expression],
      timeZone,
      startsAtMs: null,
      endsAtMs: null,
      maxRuns: null,
      exclusions: [],
      dst: { gap: 'shift' as const, repeat: 'first' as const },
    },
    posted: { kind: 'cron' as const, expressions: [expression], timeZone },
  };
}

describe('catching up', () => {
  it('goes at the rate that it may, so fresh work starts before what was caught up later', async function () {
    this.timeout(120_000);
    await using stack = await startStack({ broker: 'embedded', distributors: 0, processors: 0, movableClock: true });
    await stack.setClock('2026-03-10T09:00:00Z');
    await ensurePartitions(stack.database, 5);
    for (let index = 0; index < 20; index += 1) {
      const policies = { misfire: 'all', overlap: 'allow', catchUpPerMinute: 6_000 } as const;
      await stack.createTask({ schedule: { kind: 'cron', expressions: ['* * * * *'] }, policies });
    }
    let parts = await startAll(stack);
    await eventually(
      async () => (await stack.query('select from tasks where expanded_until < $1', ['2026-03-11'])).length === 0,
    );
    await eventually(async () => (await stack.query('select from distribution where alive_at is not null')).length > 0);
    await stopAll(parts);

    await stack.setClock('2026-03-10T09:30:30Z');
    parts = [
      await stack.startScheduler({ catchUpPerSecond: 50 }),
      await stack.startDistributor(),
      await stack.startProcessor(),
    ];
    const missed = async (): Promise<OccurrenceRow[]> =>
      (await stack.occurrences()).filter((row) => row.trigger === 'catch-up');
    await eventually(async () => (await missed()).length === 20 * 29, { timeoutMs: 30_000 });
    const fresh = await stack.createTask({ schedule: { kind: 'immediate' } });
    await eventually(async () => (await stack.occurrences(fresh))[0]?.status === 'Completed', { timeoutMs: 30_000 });
    const [ended] = await stack.occurrences(fresh);
    await eventually(async () => (await missed()).every((row) => row.status === 'Completed'), { timeoutMs: 60_000 });
    await stopAll(parts);

    const starts = (await missed()).map((row) => row.start_time?.getTime() ?? Infinity).sort((a, b) => a - b);
    const last = starts.at(-1) ?? 0;
    assert.ok(
      (ended?.start_time?.getTime() ?? Infinity) < last,
      'the fresh one did not wait for the end of the backlog',
    );
    for (const [index, startMs] of starts.entries()) {
      const within = starts.slice(index).filter((atMs) => atMs < startMs + 2_000).length;
      assert.ok(within <= 50 * 2 + 50, 'no more than the rate and what a stall held up');
    }
  });
});
