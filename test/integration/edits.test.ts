import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { TaskDraft } from '../../api/contract/task.ts';
import { DAY_MS, SECOND_MS } from '../../core/duration.ts';
import { createAttemptStore } from '../../db/attempt-store.ts';
import { createClaimStore } from '../../db/claim-store.ts';
import { createReplicaStore } from '../../db/replica-store.ts';
import { createTaskStore, type TaskStore } from '../../db/task-store.ts';
import { expandBatch } from '../../scheduler/expander.ts';
import { createReadyDatabase, definitionOf, type ReadyDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { readRevisions } from '../support/revisions.ts';
import { type Stack, startStack } from '../support/stack.ts';
import type { WitnessLine } from '../support/task-types.ts';

type Schedule = TaskDraft['schedule'];

describe('edits around the instant of an occurrence', function () {
  this.timeout(60_000);
  let stack: Stack;
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'almanac-edits-'));
    file = join(folder, 'witnessed');
    writeFileSync(file, '');
    stack = await startStack({ broker: 'embedded', scheduler: true, processors: 0 });
    await stack.startProcessor({ slots: 8 });
  });
  afterEach(async () => {
    await stack[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const draftOf = (schedule: Schedule, edit: number): TaskDraft => ({
    name: 'edited',
    taskType: 'test.witness',
    payload: { file, edit },
    schedule,
  });

  /** The edits with which the occurrence at an instant ran. */
  const ranAt = (taskId: string, atMs: number): number[] => {
    const lines = readFileSync(file, 'utf8').split('\n');
    const all = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as WitnessLine);
    return all.filter(({ occurrence }) => occurrence === `${taskId}-${atMs}`).map(({ edit }) => edit);
  };

  interface EditedTask {
    readonly id: string;
    /** By the clock of the database, which is the machine's. */
    readonly answeredMs: number;
  }

  /**
   * Creates fifty tasks with one schedule, and gives them another, and another payload, from a fifth of a second before `atMs` up to a
   * third of a second after it. The processor and the distributor do their work meanwhile.
   */
  async function editAround(atMs: number, before: Schedule, after: Schedule): Promise<EditedTask[]> {
    const store = createTaskStore(stack.database);
    const ids: string[] = [];
    for (let index = 0; index < COUNT; index += 1) ids.push(await store.create(definitionOf(draftOf(before, 0))));
    assert.ok(Date.now() < atMs - SECOND_MS, 'the machine is too slow to prepare the edits in time');
    return Promise.all(
      ids.map(async (id, index) => {
        await pause(Math.max(0, atMs - 200 + (index * 500) / COUNT - Date.now()));
        await store.replace(id, definitionOf(draftOf(after, 1)), 1);
        return { id, answeredMs: Date.now() };
      }),
    );
  }

  async function startOf(taskId: string, atMs: number): Promise<number> {
    const run = (await stack.runs(taskId)).find(({ scheduled_time }) => scheduled_time.getTime() === atMs);
    assert.ok(run, `task ${taskId} at ${atMs}`);
    return run.started_at.getTime();
  }

  const settled = (ids: readonly string[], untilMs: number): Promise<true> =>
    eventually(
      async () => {
        const rows = await stack.occurrences();
        const open = rows.filter((row) => ids.includes(row.task_id) && row.end_time === null);
        return Date.now() > untilMs && open.length === 0 ? true : false;
      },
      { timeoutMs: 30_000, periodMs: 100 },
    );

  /** A full even second, far enough ahead to create the tasks. */
  const nextEvenSecond = (): number => Math.ceil((Date.now() + 2.5 * SECOND_MS) / 2_000) * 2_000;
  const cron = (expression: string, fromMs: number, untilMs: number): Schedule => ({
    kind: 'cron',
    expressions: [expression],
    startsAt: new Date(fromMs).toISOString(),
    endsAt: new Date(untilMs).toISOString(),
  });

  const staying: readonly [string, (atMs: number) => readonly [Schedule, Schedule]][] = [
    [
      'of a recurring task whose schedule stays',
      (atMs) => {
        const schedule = cron('* * * * * *', atMs, atMs + 2_000);
        return [schedule, schedule];
      },
    ],
    [
      'of a one-time task whose schedule stays',
      (atMs) => {
        const schedule: Schedule = { kind: 'once', at: new Date(atMs).toISOString() };
        return [schedule, schedule];
      },
    ],
    [
      'that the new cron expression has too',
      (atMs) => [cron('* * * * * *', atMs - 1_000, atMs + 3_000), cron('*/2 * * * * *', atMs - 1_000, atMs + 3_000)],
    ],
    [
      'that an interval has instead of a cron expression',
      (atMs) => {
        const limits = { startsAt: new Date(atMs - 1_000).toISOString(), endsAt: new Date(atMs + 2_000).toISOString() };
        return [cron('* * * * * *', atMs - 1_000, atMs + 2_000), { kind: 'interval', everyMs: 1_000, ...limits }];
      },
    ],
  ];
  for (const [which, schedulesAround] of staying) {
    it(`let an instant run once, before or after: one ${which}`, async () => {
      const atMs = nextEvenSecond();
      const tasks = await editAround(atMs, ...schedulesAround(atMs));
      await settled(
        tasks.map(({ id }) => id),
        atMs + 3_000,
      );
      for (const { id, answeredMs } of tasks) {
        const ran = ranAt(id, atMs);
        assert.equal(ran.length, 1, `task ${id} ran with ${JSON.stringify(ran)}`);
        if (ran[0] === 0) assert.ok((await startOf(id, atMs)) <= answeredMs, `task ${id} ran as it was before`);
        for (const row of await stack.occurrences(id)) assert.equal(row.status, 'Completed');
      }
    });
  }

  it('run an instant that the new schedule does not have once or not at all, and the others as it says', async () => {
    const atMs = nextEvenSecond();
    const [before, after] = [cron('*/2 * * * * *', atMs, atMs + 4_000), cron('1/2 * * * * *', atMs, atMs + 4_000)];
    const tasks = await editAround(atMs, before, after);
    await settled(
      tasks.map(({ id }) => id),
      atMs + 4_500,
    );
    const revisions = await readRevisions(stack);
    for (const { id, answeredMs } of tasks) {
      const rows = await stack.occurrences(id);
      const gone = rows.find(({ scheduled_time }) => scheduled_time.getTime() === atMs);
      const ran = ranAt(id, atMs);
      assert.deepEqual(ran, gone?.status === 'Completed' ? [0] : [], `task ${id}, ${gone?.status}`);
      if (ran.length > 0) assert.ok((await startOf(id, atMs)) <= answeredMs);
      if (gone !== undefined) assert.ok(['Completed', 'Cancelled'].includes(gone.status), gone.status);
      const endedMs = revisions.find(({ task_id, revision }) => task_id === id && revision === 1)?.until_ms;
      assert.ok(typeof endedMs === 'number');
      // What has run was in force: else the ledger would find a run that nobody had called for.
      if (endedMs !== atMs)
        assert.equal(
          gone !== undefined,
          endedMs > atMs,
          `task ${id}, ${gone?.status}, ended ${endedMs - atMs} ms after`,
        );
      assert.deepEqual(
        rows.filter((row) => row !== gone).map((row) => [row.scheduled_time.getTime(), row.status]),
        [
          [atMs + 1_000, 'Completed'],
          [atMs + 3_000, 'Completed'],
        ],
      );
      assert.deepEqual([ranAt(id, atMs + 1_000), ranAt(id, atMs + 3_000)], [[1], [1]]);
    }
  });
});

describe('an occurrence that is being started when its task is changed', () => {
  it('belongs to the revision before: the change counts from when nothing of the task could start any more', async () => {
    await using ready = await createReadyDatabase();
    const atMs = Date.now() + SECOND_MS;
    const schedule: Schedule = { kind: 'once', at: new Date(atMs).toISOString() };
    const draft = { name: 'edited', taskType: 'test.witness', payload: { file: '', edit: 0 }, schedule };
    const store = createTaskStore(ready.database);
    const id = await store.create(definitionOf(draft));
    const processor = { service: 'processor', name: 'p', pool: 'default', slots: 1, leaseMs: 60_000 } as const;
    const processorId = await createReplicaStore(ready.database).register({ ...processor, requestedMs: null });
    const claimed = await createClaimStore(ready.database).claimDue(1, 2_000, 60_000, processorId);

    let edited: Promise<void> | undefined;
    await ready.database.transaction(async (starting) => {
      const { started } = await createAttemptStore(starting).start(claimed, processorId);
      assert.equal(started.length, 1);
      const later = new Date(atMs + DAY_MS).toISOString();
      edited = store.replace(id, definitionOf({ ...draft, schedule: { kind: 'once', at: later } }), 1);
      await eventually(() => Date.now() > atMs + 20);
    });
    await edited;
    const [before] = await readRevisions(ready);
    assert.ok(before !== undefined && Number(before.until_ms) > atMs);
    assert.equal((await ready.occurrences(id))[0]?.status, 'Running');
  });
});

/** A change each: what fell due before it is decided, whoever was slow. */
const CHANGES: readonly [
  string,
  (store: TaskStore, id: string, draft: (edit: number) => TaskDraft) => Promise<void>,
][] = [
  ['an edit', (store, id, draft) => store.replace(id, definitionOf(draft(1)), 1)],
  ['a pause', (store, id) => store.pause(id, null, null)],
  ['a deactivation', (store, id) => store.deactivate(id, null)],
  ['a deletion', (store, id) => store.remove(id)],
];

describe('an occurrence that no scheduler had written yet when its task was changed', () => {
  let ready: ReadyDatabase;

  beforeEach(async () => {
    ready = await createReadyDatabase();
  });
  afterEach(() => ready[Symbol.asyncDispose]());

  for (const [name, change] of CHANGES) {
    it(`is recorded all the same: ${name}`, async () => {
      const startMs = Date.now();
      const schedule: Schedule = { kind: 'interval', everyMs: 1_000, startsAt: new Date(startMs + 300).toISOString() };
      const draft = (edit: number): TaskDraft => ({
        name: 'edited',
        taskType: 'test.witness',
        payload: { file: '', edit },
        schedule,
      });
      const store = createTaskStore(ready.database);
      const id = await store.create(definitionOf(draft(0)));
      await eventually(() => Date.now() > startMs + 1_400);
      await change(store, id, draft);
      const config = { batchSize: 10, maxInstantsPerTask: 100, maxRowsPerBatch: 1_000, graceMs: 60_000 };
      await expandBatch(ready.database, config);
      const times = (await ready.occurrences(id)).map((row) => row.scheduled_time.getTime());
      assert.deepEqual(times.slice(0, 2), [startMs + 300, startMs + 1_300]);
    });
  }
});

const COUNT = 50;
