import fc from 'fast-check';

import type { TaskDraft } from '../../api/contract/task.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/duration.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../core/errors.ts';
import type { OccurrenceKey } from '../../core/occurrence.ts';
import { createAttemptStore, type FinishedAttempt, type StartedAttempt } from '../../db/attempt-store.ts';
import { backfill } from '../../db/backfill-store.ts';
import { createCalendarStore } from '../../db/calendar-store.ts';
import { catchUp } from '../../db/catch-up-store.ts';
import { createClaimStore } from '../../db/claim-store.ts';
import type { Database } from '../../db/database.ts';
import { redriveDeadLetters } from '../../db/dead-letter-store.ts';
import { compactDemand } from '../../db/demand-store.ts';
import { resumePaused } from '../../db/expansion-store.ts';
import { createOccurrenceStore } from '../../db/occurrence-store.ts';
import { createReplicaStore } from '../../db/replica-store.ts';
import { createTaskStore } from '../../db/task-store.ts';
import { expandBatch } from '../../scheduler/expander.ts';
import { definitionOf, type ReadyDatabase } from './database.ts';

/** Something that a person or a service does. `pick` chooses among what there is. */
export type DemandOperation =
  | { readonly kind: 'create'; readonly draft: DraftChoice }
  | { readonly kind: 'edit'; readonly pick: number; readonly draft: DraftChoice }
  | { readonly kind: 'reschedule'; readonly pick: number; readonly aheadMs: number }
  | { readonly kind: 'backfill'; readonly pick: number; readonly perMinute: number }
  | { readonly kind: 'claim'; readonly lookAheadMs: number; readonly then: (typeof CLAIM_ENDS)[number] }
  | { readonly kind: 'exclude'; readonly fromHours: number; readonly hours: number }
  | { readonly kind: (typeof TASK_OPERATIONS)[number]; readonly pick: number }
  | { readonly kind: (typeof PLAIN_OPERATIONS)[number] };

interface DraftChoice {
  readonly taskType: string;
  readonly priority: 'high' | 'normal' | 'low';
  readonly schedule: number;
  readonly flexibleMs: number;
}

const CLAIM_ENDS = ['stays', 'goes back', 'goes back later', 'is tried again', 'fails', 'succeeds'] as const;
const TASK_OPERATIONS = ['pause', 'deactivate', 'activate', 'remove', 'run', 'cancel'] as const;
const PLAIN_OPERATIONS = ['expand', 'redrive', 'catch up', 'compact', 'resume'] as const;
const CALENDAR = 'closed';

const pick = fc.nat();
const draft: fc.Arbitrary<DraftChoice> = fc.record({
  taskType: fc.constantFrom('noop', 'test.long', 'http.request'),
  priority: fc.constantFrom('high', 'normal', 'low'),
  schedule: fc.nat(6),
  flexibleMs: fc.constantFrom(0, 0, 20 * MINUTE_MS),
});

/** What is near, about as near as the rollup begins, and far. */
const aheadMs = fc.oneof(
  fc.integer({ min: SECOND_MS, max: 30 * SECOND_MS }),
  fc.integer({ min: 55 * SECOND_MS, max: 70 * SECOND_MS }),
  fc.integer({ min: MINUTE_MS, max: 30 * HOUR_MS }),
);

export const demandOperation: fc.Arbitrary<DemandOperation> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), draft }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit' as const), pick, draft }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reschedule' as const), pick, aheadMs }) },
  fc.record({ kind: fc.constant('backfill' as const), pick, perMinute: fc.integer({ min: 1, max: 20 }) }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      lookAheadMs: fc.constantFrom(SECOND_MS, MINUTE_MS, HOUR_MS),
      then: fc.constantFrom(...CLAIM_ENDS),
    }),
  },
  fc.record({ kind: fc.constant('exclude' as const), fromHours: fc.nat(6), hours: fc.nat(3) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom(...TASK_OPERATIONS), pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom(...PLAIN_OPERATIONS) }) },
);

/** Does such operations with the stores that the product has. What the state of a task forbids is not done. */
export interface DemandWorld {
  run(operation: DemandOperation): Promise<void>;
}

export async function openDemandWorld(ready: ReadyDatabase, name: string): Promise<DemandWorld> {
  const { database } = ready;
  const keyed = await ready.open('keyed', 2);
  const tasks = createTaskStore(database);
  const occurrences = createOccurrenceStore(database);
  const processorId = await createReplicaStore(database).register({
    service: 'processor',
    name,
    pool: 'default',
    slots: 10,
    leaseMs: HOUR_MS,
    requestedMs: null,
  });
  if ((await createCalendarStore(database).find(CALENDAR)) === undefined) await exclude(database, 0, 0);

  const pickTask = async (number: number): Promise<string> => {
    const found = await ready.query<{ id: string }>('select id from tasks where deleted_at is null order by id');
    return found.length === 0 ? '0' : String(found[number % found.length]?.id);
  };
  const pickOccurrence = async (number: number): Promise<OccurrenceKey> => {
    const [row] = await ready.query<{ task_id: string; at_ms: number }>(
      `select task_id, (extract(epoch from scheduled_time) * 1000)::float8 as at_ms
       from task_schedule where status = 'Scheduled'
       order by hashtext(task_id || '/' || scheduled_time || $1::text) limit 1`,
      [String(number)],
    );
    return { taskId: row?.task_id ?? '0', scheduledMs: row?.at_ms ?? 0 };
  };

  async function perform(operation: DemandOperation): Promise<void> {
    switch (operation.kind) {
      case 'create':
        await tasks.create(definitionOf(toDraft(operation.draft)));
        return;
      case 'edit':
        await tasks.replace(await pickTask(operation.pick), definitionOf(toDraft(operation.draft)), null);
        return;
      case 'reschedule':
        await occurrences.reschedule(await pickOccurrence(operation.pick), Date.now() + operation.aheadMs);
        return;
      case 'cancel':
        await occurrences.cancel(await pickOccurrence(operation.pick));
        return;
      case 'run':
        await occurrences.runNow(await pickTask(operation.pick));
        return;
      case 'pause':
        await tasks.pause(await pickTask(operation.pick), 'a test', null);
        return;
      case 'deactivate':
        await tasks.deactivate(await pickTask(operation.pick), 'a test');
        return;
      case 'activate':
        await tasks.activate(await pickTask(operation.pick));
        return;
      case 'remove':
        await tasks.remove(await pickTask(operation.pick));
        return;
      case 'backfill': {
        const untilMs = Date.now();
        const { perMinute } = operation;
        const taskId = await pickTask(operation.pick);
        const range = { fromMs: untilMs - HOUR_MS, untilMs, retentionDays: 30, dryRun: false };
        await backfill(database, { taskId, perMinute, ...range });
        return;
      }
      case 'exclude':
        await exclude(database, operation.fromHours, operation.hours);
        return;
      case 'claim':
        await claim(keyed, processorId, operation.lookAheadMs, operation.then);
        return;
      case 'expand':
        await expandBatch(database, {
          batchSize: 20,
          maxInstantsPerTask: 3_000,
          maxRowsPerBatch: 5_000,
          graceMs: 10_000,
        });
        return;
      case 'redrive':
        await redriveDeadLetters(database, {}, 100);
        return;
      case 'catch up':
        await catchUp(database, { graceMs: 10_000, catchUpPerSecond: 1 });
        return;
      case 'resume':
        await database.transaction((transaction) => resumePaused(transaction));
        return;
      case 'compact':
        await compactDemand(database);
    }
  }

  return {
    async run(operation) {
      try {
        await perform(operation);
      } catch (error) {
        const isForbidden = [ConflictError, NotFoundError, InvalidInputError].some((type) => error instanceof type);
        if (!isForbidden) throw error;
      }
    },
  };
}

function toDraft({ taskType, priority, schedule, flexibleMs }: DraftChoice): Partial<TaskDraft> {
  const soon = (ms: number): string => new Date(Date.now() + ms).toISOString();
  const cron = (...expressions: string[]): TaskDraft['schedule'] => ({
    kind: 'cron',
    expressions,
    timeZone: 'Europe/Rome',
    calendars: [CALENDAR],
  });
  const schedules: readonly TaskDraft['schedule'][] = [
    cron('*/7 * * * *'),
    cron('30 */20 * * * *', '0 * * * *'),
    { kind: 'cron', expressions: ['* * * * * *'], endsAt: soon(3 * MINUTE_MS) },
    { kind: 'interval', everyMs: 90_500 },
    { kind: 'interval', everyMs: 10_000, endsAt: soon(10 * MINUTE_MS) },
    { kind: 'once', at: soon(2 * MINUTE_MS) },
    { kind: 'immediate' },
  ];
  const recurs = schedule < 5;
  return {
    name: 'some demand',
    taskType,
    priority,
    schedule: schedules[schedule] ?? { kind: 'immediate' },
    retry: { maxAttempts: 3, backoff: 'fixed', firstDelayMs: 0 },
    ...(recurs && flexibleMs > 0 && { policies: { flexibleWindowMs: flexibleMs, placement: 'load' } }),
  };
}

async function exclude(database: Database, fromHours: number, hours: number): Promise<void> {
  const fromMs = Date.now() + fromHours * HOUR_MS;
  const range = { kind: 'range', fromMs, untilMs: fromMs + hours * HOUR_MS, label: null } as const;
  const rules = hours === 0 ? [] : [range];
  await createCalendarStore(database).put(CALENDAR, { title: 'Closed', timeZone: 'UTC', rules }, null);
}

async function claim(
  on: Database,
  processorId: string,
  lookAheadMs: number,
  then: (typeof CLAIM_ENDS)[number],
): Promise<void> {
  const claims = createClaimStore(on);
  const attempts = createAttemptStore(on);
  const claimed = await claims.claimDue(10, lookAheadMs, HOUR_MS, processorId);
  if (then === 'stays') return;
  if (then === 'goes back' || then === 'goes back later') {
    await claims.release(claimed, then === 'goes back' ? null : 10 * MINUTE_MS);
    return;
  }
  // One by one: no task may be twice in one call.
  const started: StartedAttempt[] = [];
  for (const ticket of claimed) started.push(...(await attempts.start([ticket], processorId)).started);
  const nextStatus = then === 'is tried again' ? 'Scheduled' : then === 'fails' ? 'Failed' : 'Completed';
  const finished = started.map(({ taskId, scheduledMs, attempt }): FinishedAttempt => ({
    taskId,
    scheduledMs,
    attempt,
    outcome: then === 'succeeds' ? 'succeeded' : 'failed',
    nextStatus,
    delayMs: nextStatus === 'Scheduled' ? 10 * MINUTE_MS : null,
    reason: null,
    error: then === 'succeeds' ? null : 'it was so',
    result: null,
    elapsedMs: 5,
    cpuMs: null,
    peakMemoryBytes: null,
    counts: true,
    logs: [],
    notifications: [],
  }));
  if (finished.length > 0) await attempts.finish(finished, processorId, 'a test');
}
