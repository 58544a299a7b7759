import assert from 'node:assert/strict';

import type { TaskDraft } from '../../api/contract/task.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, startOfUtcDayMs } from '../../core/duration.ts';
import { ConflictError, InvalidInputError } from '../../core/errors.ts';
import { createAttemptStore, type FinishedAttempt } from '../../db/attempt-store.ts';
import { createCalendarStore } from '../../db/calendar-store.ts';
import { catchUp } from '../../db/catch-up-store.ts';
import { createClaimStore } from '../../db/claim-store.ts';
import { readDatabaseClock, resumePaused } from '../../db/expansion-store.ts';
import { reconcileLedger } from '../../db/ledger-reconciliation.ts';
import { createOccurrenceStore } from '../../db/occurrence-store.ts';
import { ensurePartitions } from '../../db/partition-store.ts';
import { createReplicaStore } from '../../db/replica-store.ts';
import { createTaskStore } from '../../db/task-store.ts';
import { expandBatch } from '../../scheduler/expander.ts';
import { type Random, randomFrom } from '../support/change-schedules.ts';
import { createReadyDatabase, definitionOf, type ReadyDatabase } from '../support/database.ts';

const HISTORIES = 30;
const CHANGES = 25;
const FIRST_SEED = 20_260_310;
const START = Date.parse('2026-03-10T20:41:07.250Z');
const EXPANSION = {
  batchSize: 100,
  maxInstantsPerTask: 5_000,
  maxRowsPerBatch: 50_000,
  graceMs: MINUTE_MS,
  catchUpPerSecond: 50,
};
const CALENDARS = ['feasts', 'works'] as const;

describe('the ledger after random histories', () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed += 1) {
    it(`finds nothing amiss: seed ${seed}`, async function () {
      this.timeout(60_000);
      await using ready = await createReadyDatabase({ movableClock: true });
      const history = new History(ready, randomFrom(seed));
      await history.begin();
      for (let step = 0; step < CHANGES; step += 1) {
        await history.change();
        if (step % 5 === 4) await history.assertWhole();
      }
      await history.end();
    });
  }
});

/** Tasks of all kinds to which everything happens that people, services and time can do to them. */
class History {
  readonly #ready: ReadyDatabase;
  readonly #random: Random;
  readonly #log: string[] = [];
  readonly #taskIds: string[] = [];
  #nowMs = START;

  constructor(ready: ReadyDatabase, random: Random) {
    this.#ready = ready;
    this.#random = random;
  }

  async begin(): Promise<void> {
    await this.#ready.setClock(new Date(START).toISOString());
    await this.#moveBy(0);
    for (const name of CALENDARS) await createCalendarStore(this.#ready.database).put(name, this.#calendar(), null);
    for (let count = 0; count < 4; count += 1) await this.#create();
    await this.#expand();
  }

  async change(): Promise<void> {
    const steps: readonly (() => Promise<void>)[] = [
      () => this.#wait(),
      () => this.#wait(),
      () => this.#wait(),
      () => this.#create(),
      () => this.#onTask('edit', (id) => this.#tasks.replace(id, this.#definition(), null)),
      () => this.#onTask('edit', (id) => this.#tasks.replace(id, this.#definition(), null)),
      () => this.#onTask('pause', (id) => this.#tasks.pause(id, null, this.#nowMs + this.#whole(1, 2 * DAY_MS))),
      () => this.#onTask('deactivate', (id) => this.#tasks.deactivate(id, null)),
      () => this.#onTask('activate', (id) => this.#tasks.activate(id)),
      () =>
        this.#onTask('run now', async (id) => {
          await createOccurrenceStore(this.#ready.database).runNow(id);
        }),
      () => this.#onOccurrence(),
      () => this.#onOccurrence(),
      () => this.#runDue(),
      () => this.#runDue(),
      () => this.#changeCalendar(),
      () => this.#remove(),
    ];
    await this.#pick(steps)();
    await this.#expandOrNot();
  }

  async end(): Promise<void> {
    await this.#moveBy(this.#whole(1, DAY_MS));
    await this.#expand();
    await this.assertWhole();
  }

  async assertWhole(): Promise<void> {
    for (let dayMs = startOfUtcDayMs(START); dayMs < this.#nowMs + 2 * DAY_MS; dayMs += DAY_MS) {
      const range = { fromMs: Math.max(dayMs, START), untilMs: dayMs + DAY_MS };
      const found = await reconcileLedger(this.#ready.database, range);
      const happened = `\n${this.#log.join('\n')}\n`;
      assert.deepEqual(found.problems, [], happened);
      assert.deepEqual([found.unaccounted, found.unexpected], [0, 0], happened);
    }
  }

  get #tasks() {
    return createTaskStore(this.#ready.database);
  }

  /** A scheduler's turn. */
  async #expand(): Promise<void> {
    const { database } = this.#ready;
    await database.transaction((transaction) => resumePaused(transaction));
    while ((await expandBatch(database, EXPANSION)).more);
    while ((await catchUp(database, EXPANSION)).more);
  }

  /** Schedulers may be away while people change their tasks. */
  async #expandOrNot(): Promise<void> {
    if (this.#pick([true, false])) await this.#expand();
  }

  async #moveBy(ms: number): Promise<void> {
    // The clock of the test goes on as well, and a clock that is set back is another story.
    this.#nowMs = Math.ceil(Math.max(this.#nowMs, await readDatabaseClock(this.#ready.database))) + ms;
    this.#log.push(`at ${new Date(this.#nowMs).toISOString()}`);
    await this.#ready.setClock(new Date(this.#nowMs).toISOString());
    await ensurePartitions(this.#ready.database, 4);
  }

  async #wait(): Promise<void> {
    await this.#moveBy(this.#pick([this.#whole(1, SECOND_MS), this.#whole(1, HOUR_MS), this.#whole(1, 2 * DAY_MS)]));
    await this.#expandOrNot();
  }

  async #create(): Promise<void> {
    const draft = this.#draft();
    const id = await this.#tasks.create(definitionOf(draft)).catch(forgive);
    this.#log.push(`${id ?? 'refused'}: create ${JSON.stringify(draft.schedule)}`);
    if (id !== undefined) this.#taskIds.push(id);
  }

  #definition() {
    const draft = this.#draft();
    this.#log.push(`  ${JSON.stringify(draft.schedule)}`);
    return definitionOf(draft);
  }

  async #onTask(what: string, work: (taskId: string) => Promise<void>): Promise<void> {
    const taskId = this.#pick(this.#taskIds);
    const done = await work(taskId).then(() => true, forgive);
    this.#log.push(`${taskId}: ${what}${done === true ? '' : ' refused'}`);
  }

  async #remove(): Promise<void> {
    if (this.#taskIds.length < 3) return;
    const [taskId] = this.#taskIds.splice(this.#whole(0, this.#taskIds.length - 1), 1);
    this.#log.push(`${String(taskId)}: remove`);
    await this.#tasks.remove(String(taskId));
  }

  async #onOccurrence(): Promise<void> {
    const rows = await this.#ready.query<{ task_id: string; at: Date }>(
      `select task_id, scheduled_time as at from task_schedule where status = 'Scheduled' and task_id = $1 order by scheduled_time limit 20`,
      [this.#pick(this.#taskIds)],
    );
    if (rows.length === 0) return;
    const row = this.#pick(rows);
    const key = { taskId: row.task_id, scheduledMs: row.at.getTime() };
    const store = createOccurrenceStore(this.#ready.database);
    const isMove = this.#random() < 0.6;
    const dueMs = this.#nowMs + this.#whole(0, 2 * HOUR_MS);
    const done = await (isMove ? store.reschedule(key, dueMs) : store.cancel(key)).then(() => true, forgive);
    const what = isMove ? `to ${new Date(dueMs).toISOString()}` : 'cancel';
    this.#log.push(`${key.taskId}: ${row.at.toISOString()} ${what}${done === true ? '' : ' refused'}`);
  }

  /** A distributor's and a processor's turn: some of what is due is claimed, some of that starts, and some of that ends. */
  async #runDue(): Promise<void> {
    const { database } = this.#ready;
    const replica = {
      service: 'processor',
      name: 'p',
      pool: 'default',
      slots: 1,
      leaseMs: DAY_MS,
      requestedMs: null,
    } as const;
    const id = await createReplicaStore(database).register(replica);
    const claims = createClaimStore(database);
    const attempts = createAttemptStore(database);
    const claimed = await claims.claimDue(10, SECOND_MS, MINUTE_MS, id);
    const [started, left] = [claimed.slice(0, 6), claimed.slice(6)];
    await claims.release(left, null);
    const running = [];
    for (const ticket of started) running.push(...(await attempts.start([ticket], id)).started);
    const ended = running.filter(() => this.#random() < 0.8);
    const ends = ended.map(({ taskId, scheduledMs, attempt }): FinishedAttempt => {
      const nextStatus = this.#pick(['Completed', 'Completed', 'Failed', 'Scheduled'] as const);
      return { ...END, taskId, scheduledMs, attempt, nextStatus, delayMs: nextStatus === 'Scheduled' ? 60_000 : null };
    });
    if (ends.length > 0) await attempts.finish(ends, id, 'p');
    this.#log.push(`claimed ${claimed.length}, started ${running.length}, ended ${ended.length}`);
  }

  async #changeCalendar(): Promise<void> {
    const name = this.#pick(CALENDARS);
    const calendar = this.#calendar();
    this.#log.push(`${name}: ${JSON.stringify(calendar.rules)}`);
    await createCalendarStore(this.#ready.database).put(name, calendar, null);
  }

  #calendar() {
    const dates = [this.#whole(0, 6), this.#whole(0, 6)].map((days) => new Date(this.#nowMs + days * DAY_MS));
    const rules = dates.map((date) => ({ kind: 'date' as const, date: date.toISOString().slice(0, 10), label: null }));
    return { title: 'Days off', timeZone: this.#pick(ZONES), rules };
  }

  #draft(): Partial<TaskDraft> & Pick<TaskDraft, 'schedule'> {
    const flexibleWindowMs = this.#pick([0, 0, 10 * MINUTE_MS]);
    const misfire = this.#pick(['latest', 'all', 'skip'] as const);
    const overlap = this.#pick(['skip', 'allow', 'buffer-one', 'cancel-other'] as const);
    const placement = this.#pick(['load', 'hash'] as const);
    return { schedule: this.#schedule(), policies: { misfire, overlap, flexibleWindowMs, placement } };
  }

  #schedule(): TaskDraft['schedule'] {
    const at = (reachMs: number) => new Date(this.#nowMs + this.#whole(-reachMs, reachMs)).toISOString();
    const after = () => new Date(this.#nowMs + this.#whole(MINUTE_MS, 3 * DAY_MS)).toISOString();
    const limits = {
      ...(this.#random() < 0.3 && { maxRuns: this.#whole(1, 200) }),
      ...(this.#random() < 0.2 && { endsAt: after() }),
      ...(this.#random() < 0.3 && { calendars: [this.#pick(CALENDARS)] }),
      ...(this.#random() < 0.2 && { blackouts: [{ kind: 'weekly' as const, from: '22:00', until: '04:30' }] }),
    };
    switch (this.#whole(0, 5)) {
      case 0:
        return { kind: 'immediate' };
      case 1:
        return { kind: 'once', at: this.#pick([after(), new Date(this.#nowMs - 2_000).toISOString()]) };
      case 2:
        return { kind: 'interval', everyMs: this.#whole(20 * SECOND_MS, 2 * HOUR_MS), ...limits };
      case 3:
        return { kind: 'interval', everyMs: this.#whole(MINUTE_MS, DAY_MS), startsAt: at(DAY_MS), ...limits };
      default: {
        const expressions = [this.#pick(EXPRESSIONS)];
        return { kind: 'cron', expressions, timeZone: this.#pick(ZONES), ...limits };
      }
    }
  }

  #whole(min: number, max: number): number {
    return min + Math.floor(this.#random() * (max - min + 1));
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#whole(0, values.length - 1)] as T;
  }
}

const ZONES = ['UTC', 'Europe/Rome', 'Australia/Lord_Howe', 'Asia/Kathmandu'] as const;
const EXPRESSIONS = [
  '* * * * *',
  '*/20 * * * * *',
  '*/7 * * * *',
  '30 2 * * *',
  '0 */2 * * *',
  '0 9 * * 1-5',
  '59 23 * * *',
];
const END = {
  reason: null,
  outcome: 'failed',
  error: 'as the dice fell',
  result: null,
  elapsedMs: 12.5,
  cpuMs: null,
  peakMemoryBytes: null,
  counts: true,
  logs: [],
  notifications: [],
} as const;

/** What people are refused changes nothing. */
function forgive(error: unknown): undefined {
  if (!(error instanceof ConflictError || error instanceof InvalidInputError)) throw error;
}
