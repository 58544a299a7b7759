import assert from 'node:assert/strict';

import { readAccuracy } from '../../api/accuracy-reader.ts';
import type { ForecastAccuracy } from '../../api/contract/accuracy.ts';
import { Forecast } from '../../api/contract/forecast.ts';
import { createForecastReader } from '../../api/forecast-reader.ts';
import { LivePlanner } from '../../autoscaler/live-planner.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/duration.ts';
import { recordPredictions } from '../../db/accuracy-store.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { DRAFT, openTestApi, type TestApi } from '../support/api.ts';
import { commandLineOf } from '../support/command-line.ts';
import { createReadyDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { type Stack, startStack } from '../support/stack.ts';

const PLAN = {
  slotsPerReplica: 1,
  minReplicas: 1,
  maxReplicas: 8,
  leadTimeMs: 15_000,
  leadFloorMs: 2_000,
  periodMs: 0,
  tailMs: 10_000,
  closingMs: 60_000,
};
const QUERY = { hours: 1, pastMinutes: 0, pool: 'default' };

interface SummaryItem {
  readonly scheduledTime: string;
  readonly requiredComputeMs: number;
}

describe('the forecast of the API', () => {
  let api: TestApi;
  beforeEach(async () => (api = await openTestApi()));
  afterEach(() => api[Symbol.asyncDispose]());

  const forecast = async (query = 'hours=1&pastMinutes=0'): Promise<Forecast> => {
    const answer = await api.send('GET', `/api/v1/forecast?${query}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return Forecast.parse(answer.body);
  };
  const inMinutes = async (minutes: number): Promise<number> =>
    Math.ceil((await readDatabaseClock(api.database)) / MINUTE_MS + minutes) * MINUTE_MS;
  const once = async (atMs: number, count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      await api.createTask({
        ...DRAFT,
        taskType: 'http.request',
        payload: { url: 'http://127.0.0.1:9/' },
        schedule: { kind: 'once', at: new Date(atMs).toISOString() },
      });
    }
  };

  it('requires what anybody can add up from the summary of the scheduled times', async () => {
    const first = await inMinutes(3);
    await once(first, 60);
    await once(first + 4_000, 40); // shares the window of the first
    await once(first + 11_000, 5); // does not
    await once(first + 55_000, 70); // reaches over the minute
    const { steps } = await forecast();
    const { items } = (await api.send<{ items: SummaryItem[] }>('GET', '/api/v1/scheduled-tasks-summary')).body;
    assert.equal(items.length, 4);

    /** Each scheduled time asks for its compute in its ten seconds; a second needs the sum over 9,000, rounded up. */
    const byHand = (secondMs: number): number => {
      const due = items.filter(({ scheduledTime }) => {
        const sinceMs = secondMs - Date.parse(scheduledTime);
        return sinceMs >= 0 && sinceMs < 10_000;
      });
      return Math.ceil(due.reduce((sum, { requiredComputeMs }) => sum + requiredComputeMs, 0) / 9_000);
    };
    for (const { at, requiredInstances } of steps.slice(1)) {
      const seconds = Array.from({ length: 60 }, (_, second) => byHand(Date.parse(at) + second * SECOND_MS));
      assert.equal(requiredInstances, Math.max(...seconds), at);
    }
    assert.ok(steps.some(({ requiredInstances }) => Number(requiredInstances) >= 4));
  });

  it('plans what the autoscaler plans, second for second of the same moment', async () => {
    await once(await inMinutes(3), 60);
    await once(await inMinutes(40), 30);
    await api.createTask({ ...DRAFT, schedule: { kind: 'immediate' } });
    await api.startDue();
    const plan = await new LivePlanner(api.database, { ...PLAN, pool: 'default' }).plan();
    const { steps } = await createForecastReader(api.database, PLAN)(QUERY);
    for (const { at, plannedInstances } of steps.slice(1)) {
      const [fromMs, untilMs] = [Date.parse(at), Date.parse(at) + MINUTE_MS];
      const before = plan.horizon.findLast(({ atMs }) => atMs <= fromMs);
      const within = plan.horizon.filter(({ atMs }) => atMs > fromMs && atMs < untilMs);
      const peak = Math.max(...[before, ...within].map((point) => Number(point?.plannedInstances)));
      assert.equal(plannedInstances, peak, at);
    }
    assert.ok(steps.some(({ plannedInstances }) => Number(plannedInstances) > 1));
  });

  it('counts what runs and what waits, and says who is busy', async () => {
    await api.createTask({ ...DRAFT, schedule: { kind: 'immediate' } });
    const [attempt] = await api.startDue();
    assert.ok(attempt);
    const { steps, leadTimeMs, mode } = await forecast('hours=1&pastMinutes=5');
    const now = steps[5];
    assert.equal(now?.actualInstances, 1);
    assert.equal(now.busyInstances, 1);
    assert.deepEqual(
      steps.slice(0, 5).map(({ busyInstances, actualInstances }) => [busyInstances, actualInstances]),
      new Array(5).fill([null, null]),
      'nobody recorded the past',
    );
    assert.deepEqual([leadTimeMs, mode], [15_000, 'formula']);
  });

  it('draws a band where runs differ, and plans for its upper end', async () => {
    await once(await inMinutes(5), 60);
    const plain = await forecast();
    const plainPeak = plain.steps.reduce((most, { high }) => Math.max(most, high ?? 0), 0);
    // A hundred runs of 300 ms on average, most of them short and some very long.
    const histogram = Array.from({ length: 120 }, (_, index) => (index === 30 ? 90 : index === 44 ? 10 : 0));
    await api.database.dataSource.query(
      `insert into task_type_statistics (task_type, day, shard, succeeded, elapsed_sum_ms, elapsed_square_sum, histogram)
       values ('http.request', (now() at time zone 'UTC')::date, 0, 100, 30000, 30000000, $1)`,
      [histogram],
    );
    const wide = await createForecastReader(api.database, PLAN)(QUERY);
    const peak = wide.steps.find(({ requiredInstances }) => requiredInstances === 2);
    assert.ok(peak, 'sixty runs of 300 ms are 18 s of work: two instances');
    // 300 ms × (1 + 2.33 × 1.53 × √(1/60 + 1/100)) = 474 ms, sixty of which are 28.5 s.
    assert.deepEqual([peak.low, peak.high], [2, 4]);
    assert.ok(Number(peak.plannedInstances) >= 3);
    assert.ok(plainPeak >= 2);
  });

  it('says what the limit makes late, and which limit would do', async () => {
    assert.equal((await forecast()).breach, null);
    const peakMs = await inMinutes(10);
    await once(peakMs, 600); // 180 s of work: twenty instances, and eight are allowed
    const { breach, steps } = await forecast();
    const peak = steps.find(({ at }) => Date.parse(at) === peakMs);
    assert.equal(peak?.requiredInstances, 20);
    assert.equal(peak.plannedInstances, 8);
    assert.ok(peak.predictedLate > 0);
    assert.equal(
      breach?.late,
      steps.reduce((sum, step) => sum + step.predictedLate, 0),
    );
    assert.deepEqual(breach.taskTypes, ['http.request']);
    assert.ok(Number(breach.worstDelayMs) > 10_000);
    const enough = await createForecastReader(api.database, { ...PLAN, maxReplicas: breach.maxNeeded })(QUERY);
    assert.equal(enough.breach, null);
    assert.equal(
      enough.steps.reduce((sum, step) => sum + step.predictedLate, 0),
      0,
    );
  });

  it('is a table on the command line, with its band, its limit and what can be done', async () => {
    await once(await inMinutes(10), 600);
    const { code, stdout, stderr } = await commandLineOf(api.url)('forecast', '--hours', '1', '--past', '10m');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /FROM +REQUIRED +LIKELY +PLANNED +READY +BUSY +LIMIT +LATE +MOST WORK/);
    assert.match(stdout, /runs of http\.request would start more than 10 s late/);
    assert.match(stdout, /ALMANAC_MAX_REPLICAS/);
  });
});

describe('the accuracy of the forecast', () => {
  const accuracyOf = (stack: Stack): Promise<ForecastAccuracy> =>
    readAccuracy(stack.database, { slotsPerReplica: 1 }, { hours: 0.5, pool: 'default' });

  it('knows nothing before anything was forecast, and says so', async () => {
    await using api = await openTestApi();
    const { status, body } = await api.send<ForecastAccuracy>('GET', '/api/v1/forecast/accuracy?hours=1');
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.error, null);
    assert.equal(body.slack, null);
    assert.deepEqual(body.starts, { starts: 0, withinShare: null, p50Ms: null, p95Ms: null, p99Ms: null, byType: [] });
    assert.deepEqual(
      body.horizons.map((horizon) => [horizon.horizonMs, horizon.minutes, horizon.bias, horizon.underPlannedShare]),
      [5, 60, 180].map((minutes) => [minutes * MINUTE_MS, 0, null, null]),
    );
    assert.equal(body.steps.length, 60);
    assert.ok(body.steps.every((step) => step.requiredInstances === null && step.happenedInstances === 0));
  });

  it('is written down by the copy that scales, once for each minute and horizon', async () => {
    await using stack = await startStack({ broker: 'embedded', processors: 0, distributors: 0 });
    const nowMs = await readDatabaseClock(stack.database);
    const soonMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + 5 * MINUTE_MS + 20_000;
    for (const atMs of [soonMs, soonMs + MINUTE_MS]) {
      // The autoscaler may look at the next minute by then: both have the same work.
      for (let index = 0; index < 12; index += 1) {
        await stack.createTask({
          taskType: 'test.long',
          payload: { ms: 1 },
          schedule: { kind: 'once', at: new Date(atMs).toISOString() },
        });
      }
    }
    await stack.startAutoscaler({ periodMs: 200, minReplicas: 1, maxReplicas: 3 });
    const rows = await eventually(async () => {
      const found = await stack.query<{
        horizon_minutes: number;
        ahead_s: number;
        required_instances: number;
        planned_instances: number;
        lead_time_ms: number;
        foretold: unknown;
      }>(
        `select *, extract(epoch from at - made_at)::float8 as ahead_s from forecast_predictions order by at - made_at limit 3`,
      );
      return found.length === 3 && found;
    });
    assert.deepEqual(
      rows.map(({ horizon_minutes: minutes }) => minutes),
      [5, 60, 180],
    );
    for (const row of rows) {
      assert.ok(row.ahead_s <= row.horizon_minutes * 60 && row.ahead_s > row.horizon_minutes * 60 - 65);
      assert.equal(row.lead_time_ms, 15_200); // what is configured, and a turn
    }
    assert.equal(rows[0]?.required_instances, 4); // twelve runs of 3 s
    assert.equal(rows[0].planned_instances, 3); // as many as are allowed
    assert.deepEqual(rows[0].foretold, [{ count: 12, workMs: 36_000, taskType: 'test.long' }]);
    assert.deepEqual([rows[1]?.required_instances, rows[1]?.foretold], [0, null]);
    const samples = await eventually(async () => {
      const found = await stack.query<{ busy_instances: number; busy_slots: number; ready_slots: number }>(
        'select * from capacity_samples where ready_slots > 0',
      );
      return found.length > 0 && found;
    });
    assert.deepEqual([samples[0]?.busy_instances, samples[0]?.busy_slots], [0, 0]);
  });

  it('divides the difference between longer runs, manual runs, and what did not run', async function () {
    this.timeout(60_000);
    await using stack = await startStack({ broker: 'embedded', movableClock: true, processors: 0, distributors: 0 });
    const noonMs = Math.floor((await readDatabaseClock(stack.database)) / HOUR_MS) * HOUR_MS + 2 * HOUR_MS;
    await stack.setClock(new Date(noonMs + 500).toISOString());
    await stack.startDistributor();
    await stack.startProcessor({ slots: 1 });
    const scheduled: string[] = [];
    for (let index = 0; index < 4; index += 1) {
      const at = new Date(noonMs + 3_000).toISOString();
      const task = { taskType: 'test.long', payload: { ms: 400 }, schedule: { kind: 'once', at } } as const;
      scheduled.push(await stack.createTask(task));
    }
    for (let index = 0; index < 3; index += 1) {
      await stack.createTask({ taskType: 'test.long', payload: { ms: 200 }, schedule: { kind: 'immediate' } });
    }
    // Five minutes before, five runs of 100 ms had been seen for this minute, and the replicas were to take a second.
    await recordPredictions(
      stack.database,
      'default',
      [
        {
          horizonMinutes: 5,
          atMs: noonMs,
          required: 3,
          planned: 4,
          foretold: [{ taskType: 'test.long', count: 5, workMs: 500 }],
        },
        { horizonMinutes: 60, atMs: noonMs, required: 0, planned: 0, foretold: undefined },
      ],
      1_000,
    );
    await stack.query(
      `insert into replica_starts (replica_id, pool, requested_at, ready_at) values (-1, 'default', $1, $2), (-2, 'default', $1, $3)`,
      [noonMs - 60_000, noonMs + 2_000, noonMs - 59_500].map((ms) => new Date(ms)),
    );
    await eventually(async () => (await stack.runs()).length === 7);
    await stack.setClock(new Date(noonMs + 61_000).toISOString());

    const accuracy = await accuracyOf(stack);
    const runs = await stack.query<{ task_id: string; elapsed_ms: number; delay_ms: number }>(
      `select task_id, elapsed_ms, (extract(epoch from started_at - due_at) * 1000)::float8 as delay_ms from task_runs`,
    );
    const sumOf = (some: typeof runs): number => some.reduce((sum, run) => sum + run.elapsed_ms, 0);
    const foretold = runs.filter((run) => scheduled.includes(run.task_id));
    const others = runs.filter((run) => !scheduled.includes(run.task_id));
    const seconds = (workMs: number): number => workMs / 900; // a slot gives nine tenths of its time, an instance has one
    const { error } = accuracy;
    assert.ok(error);
    assert.deepEqual([error.horizonMs, error.minutes], [5 * MINUTE_MS, 1]);
    assertClose(error.foretold, seconds(500));
    assertClose(error.duration, seconds(sumOf(foretold) - 400));
    assertClose(error.unscheduled, seconds(sumOf(others)));
    assertClose(error.withdrawn, seconds(-100));
    assertClose(error.startUp, 61, 'one of the two took a minute and two seconds, and one was planned');
    assertClose(error.total, error.duration + error.unscheduled + error.withdrawn + error.startUp);
    assertClose(error.total, error.happened + error.missing - error.foretold);

    const [near, hour] = accuracy.horizons;
    assert.deepEqual([near?.minutes, near?.bias, near?.underRequiredShare], [1, 2, 0]);
    assert.equal(near?.meanAbsoluteError, 2, 'one instance would have done, and three were said');
    assert.deepEqual([hour?.minutes, hour?.bias, hour?.underRequiredShare, hour?.underPlannedShare], [1, -1, 1, 1]);
    assert.equal(accuracy.starts.starts, 7);
    assert.equal(accuracy.starts.withinShare, 1);
    assert.equal(accuracy.starts.byType[0]?.taskType, 'test.long');
    const delays = runs.map((run) => Math.max(0, run.delay_ms)).sort((a, b) => a - b);
    assertClose(Number(accuracy.starts.p50Ms), Number(delays[3]));
    const step = accuracy.steps.at(-1);
    assert.deepEqual(
      [step?.at, step?.requiredInstances, step?.happenedInstances],
      [new Date(noonMs).toISOString(), 3, 1],
    );
  });

  it('is forgotten with the rest of the past', async () => {
    await using ready = await createReadyDatabase();
    const nowMs = await readDatabaseClock(ready.database);
    for (const days of [1, 40]) {
      const atMs = nowMs - days * 24 * HOUR_MS;
      const prediction = { horizonMinutes: 5, atMs, required: 1, planned: 1, foretold: undefined };
      await recordPredictions(ready.database, 'default', [prediction], 1_000);
    }
    await ready.database.run('queries/drop_old_partitions.sql', [35]);
    assert.equal((await ready.query('select from forecast_predictions')).length, 1);
  });

  it('is told on the command line', async () => {
    await using api = await openTestApi();
    const { stdout } = await commandLineOf(api.url)('accuracy');
    assert.match(stdout, /HORIZON +MINUTES +ERROR +BIAS/);
    assert.match(stdout, /nothing was forecast/i);
  });
});

function assertClose(actual: number, expected: number, message?: string): void {
  assert.ok(
    Math.abs(actual - expected) < 1e-6 * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}. ${message ?? ''}`,
  );
}
