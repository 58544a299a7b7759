import assert from 'node:assert/strict';

import { type AutoscalerConfig, runAutoscaler } from '../../autoscaler/autoscaler.ts';
import { LivePlanner, type LivePlannerConfig } from '../../autoscaler/live-planner.ts';
import { PlanBoard, type PlanView } from '../../autoscaler/plan-view.ts';
import type { ScaleTarget } from '../../autoscaler/scale-target.ts';
import { NO_CONTROLS, type ScaleControls } from '../../core/replicas.ts';
import { createAttemptStore } from '../../db/attempt-store.ts';
import { readWriter, recordDecision, takeWriter, writeControls } from '../../db/autoscaler-store.ts';
import { createClaimStore } from '../../db/claim-store.ts';
import type { Database } from '../../db/database.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { readLiveWork, readMeasuredLead, readUnscheduledSlots } from '../../db/live-work-store.ts';
import { createReplicaStore } from '../../db/replica-store.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { Wake } from '../../runtime/ticker.ts';
import { expandBatch, type ExpanderConfig } from '../../scheduler/expander.ts';
import { createReadyDatabase, type ReadyDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const PLAN: LivePlannerConfig = {
  pool: 'default',
  slotsPerReplica: 1,
  minReplicas: 2,
  maxReplicas: 10,
  leadTimeMs: 2_000,
  leadFloorMs: 500,
  periodMs: 100,
  tailMs: 0,
  closingMs: 0,
};

const EXPANSION: ExpanderConfig = { batchSize: 100, maxInstantsPerTask: 100, maxRowsPerBatch: 1_000, graceMs: 10_000 };

/** A target that does what it is asked, and remembers it; `frozen` stops whoever reads it until it is thawed. */
class RecordingTarget implements ScaleTarget {
  readonly name = 'kubernetes';
  readonly applied: number[] = [];
  desired = 1;
  #thawed: Promise<void> = Promise.resolve();
  reads = 0;

  freeze(): () => void {
    let thaw = (): void => undefined;
    this.#thawed = new Promise((resolve) => (thaw = resolve));
    return thaw;
  }

  async read() {
    this.reads += 1;
    const { desired } = this;
    await this.#thawed;
    return { desired, ready: undefined };
  }

  apply(replicas: number): Promise<void> {
    this.applied.push(replicas);
    this.desired = replicas;
    return Promise.resolve();
  }

  [Symbol.asyncDispose] = (): Promise<void> => Promise.resolve();
}

interface Decision {
  readonly from_replicas: number | null;
  readonly to_replicas: number;
  readonly outcome: string;
  readonly reason: string;
  readonly detail: string;
  readonly fence: string | null;
}

describe('the loop of the autoscaler', () => {
  let ready: ReadyDatabase;
  let keyed: Database;
  let copies: Copy[];

  beforeEach(async () => {
    ready = await createReadyDatabase();
    keyed = await ready.open('keyed', 4);
    copies = [];
  });
  afterEach(async () => {
    await Promise.all(copies.map((copy) => copy.stop()));
    await ready[Symbol.asyncDispose]();
  });

  interface Copy {
    readonly target: RecordingTarget;
    readonly views: PlanView[];
    stop(): Promise<void>;
  }

  function startCopy(target: RecordingTarget, config: Partial<AutoscalerConfig> = {}): Copy {
    const stopping = new AbortController();
    const board = new PlanBoard();
    const views: PlanView[] = [];
    board.watch((view) => views.push(view));
    const deps = {
      database: ready.database,
      target,
      board,
      log: createLogger('test', process.env.ALMANAC_TEST_LOG ?? 'silent'),
      metrics: createMetrics({ processMetrics: false }),
      wake: new Wake(),
    };
    const holder = `copy-${copies.length + 1}`;
    const full = { ...PLAN, writerLeaseMs: 60_000, holder, ...config };
    const ended = runAutoscaler(deps, full, stopping.signal);
    const copy = {
      target,
      views,
      stop: () => {
        stopping.abort();
        return ended;
      },
    };
    copies.push(copy);
    return copy;
  }

  const decisions = (): Promise<Decision[]> => ready.query<Decision>('select * from scale_decisions order by id');
  const order = (controls: Partial<ScaleControls>): Promise<void> =>
    writeControls(ready.database, 'default', { ...NO_CONTROLS, ...controls, reason: null }, 'Ordered by a test.');
  const register = (name: string, requestedMs: number | null = null): Promise<string> =>
    createReplicaStore(keyed).register({
      service: 'processor',
      name,
      pool: 'default',
      slots: 1,
      leaseMs: 600_000,
      requestedMs,
    });

  /** Claims all that is due and starts `starts` of it, one on each of so many processors. */
  async function claimAndStart(tasks: number, starts: number): Promise<void> {
    for (let index = 0; index < tasks; index += 1)
      await ready.createTask({ taskType: 'test.long', payload: { ms: 1 } });
    const distributor = await register('not a processor');
    await createReplicaStore(keyed).leave(distributor);
    const claimed = await createClaimStore(keyed).claimDue(100, 0, 600_000, distributor);
    assert.equal(claimed.length, tasks);
    for (const [index, ticket] of claimed.slice(0, starts).entries()) {
      const processor = await register(`processor-${index}`);
      assert.equal((await createAttemptStore(keyed).start([ticket], processor)).started.length, 1);
    }
  }

  it('knows at its first turn what is queued and what runs', async () => {
    await claimAndStart(12, 2);
    const nowMs = await readDatabaseClock(ready.database);
    const work = await readLiveWork(ready.database, 'default', { untilMs: nowMs + 60_000, pastMs: 60_000 });
    const countOf = (rows: readonly { count: number }[]): number => rows.reduce((sum, { count }) => sum + count, 0);
    assert.equal(countOf(work.queued), 10);
    assert.equal(countOf(work.running), 2);
    assert.equal(countOf(work.due), 0, 'nothing is left in the table of what waits for its time');
    assert.ok(work.running.every(({ ageMs }) => ageMs >= 0 && ageMs < 60_000));

    const { target } = startCopy(new RecordingTarget());
    await eventually(() => target.applied.length > 0);
    // Twelve runs that are estimated at three seconds are 36 s of work: four slots at least.
    assert.ok(Number(target.applied[0]) >= 4, `it asked for ${target.applied.join()}`);
  });

  it('counts work that no schedule foretold', async () => {
    assert.equal(await readUnscheduledSlots(ready.database, 'default', 3_600_000), 0);
    await claimAndStart(12, 0);
    // Twelve tasks that were made to run at once, estimated at three seconds, in an hour.
    assert.equal(await readUnscheduledSlots(ready.database, 'default', 3_600_000), 0.01);
  });

  it('has one writer: the others only plan, and the next takes over at once when it ends in order', async () => {
    const first = startCopy(new RecordingTarget());
    await eventually(() => first.target.applied.length > 0);
    const second = startCopy(new RecordingTarget());
    await eventually(() => second.views.length >= 3);
    assert.deepEqual(second.target.applied, []);
    assert.equal(second.views.at(-1)?.generatedBy, 'copy-2');
    assert.ok(Number(second.views.at(-1)?.horizon.length) >= 1);
    assert.equal((await readWriter(ready.database, 'default'))?.fence, '1');

    await first.stop();
    await eventually(() => second.target.applied.length > 0);
    assert.deepEqual(second.target.applied, [2]);
    const writer = await readWriter(ready.database, 'default');
    assert.deepEqual([writer?.fence, writer?.holder], ['2', 'copy-2']);
  });

  it('refuses what a writer wants that was frozen until another one had taken over', async () => {
    const frozen = new RecordingTarget();
    const thaw = frozen.freeze();
    const first = startCopy(frozen, { writerLeaseMs: 1_000 });
    await eventually(() => frozen.reads > 0);
    const second = startCopy(new RecordingTarget(), { writerLeaseMs: 1_000 });
    await eventually(() => second.target.applied.length > 0);
    assert.deepEqual(second.target.applied, [2]);

    thaw();
    await eventually(() => first.views.length >= 2); // the second view is of a turn after the one that was frozen
    assert.deepEqual(frozen.applied, [], 'its wish for 2 came too late');
    const late = { pool: 'default', target: 'kubernetes', fromReplicas: 1, toReplicas: 9, reason: 'x', detail: null };
    assert.equal(await recordDecision(ready.database, '1', { ...late, outcome: 'applied' }), false);
    assert.deepEqual(
      (await decisions()).filter(({ fence }) => fence !== '2'),
      [],
    );
    assert.equal(await takeWriter(ready.database, 'default', 'a third', 60_000), undefined);
  });

  it('takes nothing away when its writer is lost in mid-ramp, and the next one goes on with the ramp', async () => {
    const nowMs = await readDatabaseClock(ready.database);
    for (const [inMs, count] of [
      [5_000, 3],
      [12_000, 27],
    ] as const) {
      const schedule = { kind: 'once', at: new Date(nowMs + inMs).toISOString() } as const;
      for (let index = 0; index < count; index += 1) await ready.createTask({ taskType: 'test.long', schedule });
    }
    while ((await expandBatch(ready.database, EXPANSION)).more);

    const lost = new RecordingTarget();
    startCopy(lost, { writerLeaseMs: 1_000 });
    await eventually(() => lost.desired > PLAN.minReplicas);
    const thaw = lost.freeze();
    const next = new RecordingTarget();
    next.desired = lost.desired;
    startCopy(next, { writerLeaseMs: 1_000 });
    await eventually(() => next.desired === PLAN.maxReplicas);
    const ramp = [...lost.applied, ...next.applied];
    assert.deepEqual(
      ramp,
      ramp.toSorted((a, b) => a - b),
      'up, and never down',
    );
    assert.ok(Number(lost.applied.at(-1)) < PLAN.maxReplicas, 'it was lost in the middle');
    const writer = await readWriter(ready.database, 'default');
    assert.equal(writer?.holder, 'copy-2');
    thaw();
  });

  it('holds what a person ordered until its time, then follows the plan again', async () => {
    const { target } = startCopy(new RecordingTarget());
    await eventually(() => target.desired === 2);
    await order({ override: { replicas: 5, untilMs: (await readDatabaseClock(ready.database)) + 1_500 } });
    await eventually(() => target.desired === 5);
    await eventually(() => target.desired === 2);
    // What was asked for and is still starting is given back as its time passes, so it may take several steps.
    assert.deepEqual(target.applied.slice(0, 2), [2, 5]);
    assert.ok(target.applied.slice(2).every((replicas) => replicas < 5));
    const rows = await eventually(async () => {
      const acted = (await decisions()).filter(({ outcome }) => outcome !== 'held');
      return acted.at(-1)?.to_replicas === 2 && acted;
    });
    assert.deepEqual(
      rows.slice(0, 4).map(({ outcome, reason }) => `${outcome} ${reason}`),
      ['applied work-ahead', 'ordered ordered', 'applied override', 'applied work-over'],
    );
    assert.equal(rows[1]?.detail, 'Ordered by a test.');
    assert.match(String(rows[2]?.detail), /^Hold 5 until .*; the plan wants 2\.$/);
  });

  it('does not go where scaling is paused', async () => {
    await order({ scaleOutPaused: true, scaleInPaused: true });
    const target = new RecordingTarget();
    startCopy(target);
    await eventually(async () => (await decisions()).some(({ reason }) => reason === 'scale-out-paused'));
    target.desired = 4;
    await eventually(async () => (await decisions()).some(({ reason }) => reason === 'scale-in-paused'));
    assert.deepEqual(target.applied, []);
    await order({ scaleOutPaused: true });
    await eventually(() => target.applied.length > 0);
    assert.deepEqual(target.applied, [2]);
    target.desired = 1;
    await order({ scaleInPaused: true });
    await eventually(() => target.applied.length > 1);
    assert.deepEqual(target.applied, [2, 2]);
  });

  it('only says what it would do, while it is to advise', async () => {
    await order({ mode: 'advisory' });
    const { target, views } = startCopy(new RecordingTarget());
    const [advice] = await eventually(async () => {
      const advised = (await decisions()).filter(({ outcome }) => outcome === 'advised');
      return advised.length > 0 && advised;
    });
    assert.deepEqual([advice?.from_replicas, advice?.to_replicas, advice?.reason], [1, 2, 'work-ahead']);
    assert.match(String(advice?.detail), /^Advice only\. The plan wants 2 /);
    const seen = views.length;
    await eventually(() => views.length >= seen + 3);
    assert.deepEqual(target.applied, []);
    assert.ok(views.every((view) => view.wantedReplicas === 1));
    assert.equal((await decisions()).filter(({ outcome }) => outcome === 'advised').length, 1, 'said once');
  });

  it('never goes below the replicas that are busy, not even by order', async () => {
    await claimAndStart(3, 3);
    await order({ override: { replicas: 0, untilMs: (await readDatabaseClock(ready.database)) + 600_000 } });
    const target = new RecordingTarget();
    target.desired = 8;
    startCopy(target);
    await eventually(() => target.applied.length > 0);
    assert.deepEqual(target.applied, [3]);
  });

  it('keeps the last plan and takes nothing away while the work can not be read', async () => {
    const target = new RecordingTarget();
    const { views } = startCopy(target);
    await eventually(() => target.desired === 2);
    await ready.query('alter table dispatch_batches rename to out_of_reach');
    target.desired = 4;
    await eventually(async () => (await decisions()).some(({ reason }) => reason === 'queue-unknown'));
    target.desired = 1;
    await eventually(() => target.desired === 2);
    const seen = views.length;
    await ready.query('alter table out_of_reach rename to dispatch_batches');
    await eventually(() => views.length > seen);
  });

  it('measures how long processors take to start, also those that nobody told when they were asked for', async () => {
    const planner = new LivePlanner(ready.database, PLAN);
    assert.equal((await planner.plan()).leadTimeMs, 2_000 + PLAN.periodMs);
    for (let index = 0; index < 4; index += 1) {
      const id = await register(`local-${index}`, (await readDatabaseClock(ready.database)) - 20_000);
      await createReplicaStore(keyed).leave(id);
    }
    assert.equal((await readMeasuredLead(ready.database, 'default')).samples, 4);
    await register('a pod that nobody asked for');
    assert.equal((await readMeasuredLead(ready.database, 'default')).samples, 4);

    const fence = String(await takeWriter(ready.database, 'default', 'me', 60_000));
    const grown = { pool: 'default', target: 'kubernetes', fromReplicas: 1, toReplicas: 2, reason: 'x', detail: null };
    assert.ok(await recordDecision(ready.database, fence, { ...grown, outcome: 'applied' }));
    await ready.query(`update scale_decisions set decided_at = decided_at - interval '30 seconds'`);
    await register('the pod that was asked for');
    await register('one too many');
    const measured = await readMeasuredLead(ready.database, 'default');
    assert.equal(measured.samples, 5);
    assert.ok(Number(measured.p95Ms) >= 30_000 && Number(measured.p95Ms) < 60_000);
    const { leadTimeMs } = await new LivePlanner(ready.database, PLAN).plan();
    assert.equal(leadTimeMs, Math.ceil(Number(measured.p95Ms)) + PLAN.periodMs);
  });
});
