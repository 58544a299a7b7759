import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  type DayOutcome,
  DaySimulation,
  playDay,
  queuePolicies,
  type RecordedDay,
  type RecordedWork,
} from '../../../core/counterfactual.ts';
import { figuresOf, readyBySecond, sideOf } from '../../../core/day-figures.ts';
import { LearntDurations, statisticsOf } from '../../../core/learnt-durations.ts';

const SETTINGS = {
  slotsPerReplica: 1,
  leadTimeMs: 20_000,
  tailMs: 10_000,
  closingMs: 60_000,
  minReplicas: 1,
  maxReplicas: 50,
};
const KNOWN = new Map([['work', { count: 500, meanMs: 3_000, varianceMs2: 250_000, p90Ms: 3_700 }]]);
const DAY: RecordedDay = {
  seconds: 1_800,
  work: [],
  durations: KNOWN,
  startUpsMs: [15_000, 12_000],
  initialReplicas: 1,
  settings: SETTINGS,
};

const work = (atSecond: number, count: number, more: Partial<RecordedWork> = {}): RecordedWork => ({
  atMs: atSecond * 1_000,
  taskType: 'work',
  count,
  durationMs: 3_000,
  foretold: true,
  ...more,
});

const planOf = (day: RecordedDay): DayOutcome => new DaySimulation(day).plan();

describe('a day under other policies', () => {
  it('is in time with the plan, and late with the length of the queue, when it was foretold', () => {
    const day = { ...DAY, work: [work(600, 60), work(1_200, 60)] };
    const plan = planOf(day);
    assert.equal(figuresOf(plan.delayMs).late, 0);
    assert.ok(Math.max(...plan.readyPerSecond) >= 20);
    assert.equal(plan.readyPerSecond[500], 1);
    const simulation = new DaySimulation(day);
    for (const { name, settings } of queuePolicies(day)) {
      const outcome = simulation.queue(settings);
      assert.ok(figuresOf(outcome.delayMs).late > 0, name); // who sees the queue begins when it is there
      assert.equal(outcome.delayMs.every(Number.isFinite), true);
    }
  });

  it('does not see beforehand what nobody foretold, and reckons with its rate afterwards', () => {
    const surprise = planOf({ ...DAY, work: [work(600, 60, { foretold: false })] });
    assert.equal(Math.max(...surprise.readyPerSecond.slice(0, 600)), 1);
    assert.ok(figuresOf(surprise.delayMs).late > 0);
    assert.ok(Math.max(...surprise.readyPerSecond.slice(600)) > 5); // but sees it when it waits
    // 1,800 runs of 3 s in half an hour are three slots of an hour.
    const steady = Array.from({ length: 1_800 }, (_, second) => work(second, 1, { foretold: false }));
    assert.ok(Number(planOf({ ...DAY, work: steady }).readyPerSecond.at(-1)) >= 3);
  });

  it('starts short ones first at one instant, as the product does, and those of which nothing is known before them', () => {
    const day = {
      ...DAY,
      durations: new Map([...KNOWN, ['short', { count: 500, meanMs: 1_000, varianceMs2: 0, p90Ms: 1_000 }]]),
      work: [
        work(600, 1),
        work(600, 1, { taskType: 'short', durationMs: 1_000 }),
        work(600, 1, { taskType: 'new', durationMs: 2_000 }),
      ],
    };
    const [first] = queuePolicies(day);
    assert.ok(first);
    const { delayMs } = new DaySimulation(day).queue({ ...first.settings, maxReplicas: 1 });
    assert.deepEqual([...delayMs], [0, 2_000, 3_000]);
  });

  it('learns from the runs of the day', () => {
    // They take three times as long as ever: the first herd is late, later ones are not.
    const herds = Array.from({ length: 12 }, (_, index) => work(120 + index * 130, 30, { durationMs: 9_500 }));
    const { delayMs } = planOf({ ...DAY, work: herds });
    assert.ok(figuresOf(delayMs.slice(0, 60)).late > 0);
    assert.equal(figuresOf(delayMs.slice(-60)).late, 0);
  });

  it('keeps to the limit, and plays what then waits to its end', () => {
    const settings = { ...SETTINGS, maxReplicas: 2 };
    const outcome = planOf({
      ...DAY,
      seconds: 600,
      settings,
      work: [work(500, 100), work(501, 1, { taskType: 'unknown' })],
    });
    assert.equal(Math.max(...outcome.paidPerSecond), 2);
    assert.equal(outcome.readyPerSecond.length, 600);
    assert.equal(figuresOf(outcome.delayMs).worstDelayMs, 149_000); // the last of 101 on two slots, without the first second
  });

  it('starts everything, whatever the day was', () => {
    const days = fc.record({
      work: fc.array(
        fc.record({
          atMs: fc.nat({ max: 1_799_000 }),
          taskType: fc.constantFrom('work', 'unknown'),
          count: fc.integer({ min: 1, max: 20 }),
          durationMs: fc.integer({ min: 0, max: 30_000 }),
          foretold: fc.boolean(),
        }),
        { maxLength: 20 },
      ),
      slotsPerReplica: fc.integer({ min: 1, max: 3 }),
      minReplicas: fc.integer({ min: 0, max: 2 }),
      mode: fc.constantFrom('exact' as const, 'formula' as const),
    });
    fc.assert(
      fc.property(days, ({ work: some, ...limits }) => {
        const day = { ...DAY, initialReplicas: limits.minReplicas, work: some, settings: { ...SETTINGS, ...limits } };
        const simulation = new DaySimulation(day);
        const runs = some.reduce((sum, { count }) => sum + count, 0);
        for (const outcome of [
          simulation.plan(),
          ...queuePolicies(day).map(({ settings }) => simulation.queue(settings)),
        ]) {
          const { delayMs, paidPerSecond, occurrenceAtMs } = outcome;
          assert.equal(delayMs.length, runs);
          assert.ok(delayMs.every((delay) => delay >= 0 && delay < Infinity));
          assert.ok(occurrenceAtMs.every((atMs, index) => index === 0 || atMs >= Number(occurrenceAtMs[index - 1])));
          assert.equal(paidPerSecond.length, day.seconds);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('tunes the target of the tuned policy to the durations of the day, for each slot', () => {
    const targets = (day: RecordedDay) => queuePolicies(day).map(({ settings }) => settings.messagesPerReplica);
    const two = { ...SETTINGS, slotsPerReplica: 2 };
    assert.deepEqual(targets({ ...DAY, work: [work(1, 2), work(2, 1)], settings: two }), [6, 20, 2, 2]);
    assert.deepEqual(targets({ ...DAY, work: [work(1, 1, { durationMs: 60_000 })] }), [1, 20, 1, 1]);
    assert.deepEqual(targets(DAY), [1, 20, 1, 1]);
  });
});

describe('the figures of a day', () => {
  it('count what started late, and say how long starts took', () => {
    const delays = Float64Array.from([...Array.from({ length: 98 }, (_, index) => index), 10_001, Infinity]);
    assert.deepEqual(figuresOf(delays), {
      occurrences: 100,
      late: 2,
      neverStarted: 1,
      p50DelayMs: 50,
      p95DelayMs: 95,
      p99DelayMs: Infinity,
      worstDelayMs: Infinity,
    });
    assert.deepEqual(figuresOf(new Float64Array()), {
      occurrences: 0,
      late: 0,
      neverStarted: 0,
      p50DelayMs: undefined,
      p95DelayMs: undefined,
      p99DelayMs: undefined,
      worstDelayMs: undefined,
    });
  });
});

describe('one side of a day', () => {
  it('has its replicas and what came late by steps, and counts only the seconds that were recorded', () => {
    const outcome = {
      delayMs: Float64Array.from([0, 11_000, 10_000, Infinity]),
      occurrenceAtMs: Float64Array.from([0, 1_500, 2_000, 3_000]),
      readyPerSecond: [1, 3, 2, 2],
      paidPerSecond: [60, 60, 60, 120],
      changes: 7,
    };
    const { readyReplicaMinutes, replicaMinutes, peakReplicas, changes, readyPerStep, latePerStep } = sideOf(
      outcome,
      [true, true, false, true],
      2,
    );
    assert.deepEqual([readyReplicaMinutes * 60, replicaMinutes, peakReplicas, changes], [6, 5, 3, 7]);
    assert.deepEqual(
      [readyPerStep, latePerStep],
      [
        [3, 2],
        [1, 1],
      ],
    );
  });

  it('is the plan first, then each queue-length autoscaler with its settings', () => {
    const played = playDay({ ...DAY, seconds: 60, work: [work(10, 1)] });
    assert.deepEqual(
      played.map(({ kind, settings }) => [kind, settings?.messagesPerReplica]),
      [
        ['plan', undefined],
        ['queue', 3],
        ['queue', 20],
        ['queue', 1],
        ['queue', 1],
      ],
    );
    assert.deepEqual(
      played.map(({ outcome }) => outcome.delayMs.length),
      [1, 1, 1, 1, 1],
    );
  });
});

describe('replicas by samples', () => {
  it('are those of the last one, for half a minute; unknown otherwise', () => {
    const samples = [
      { atMs: -5_000, ready: 9 },
      { atMs: 1_500, ready: 2 },
      { atMs: 4_000, ready: 3 },
    ];
    assert.deepEqual(readyBySecond(samples, 6), [9, 9, 2, 2, 3, 3]);
    const [first, ...rest] = readyBySecond([{ atMs: 1_000, ready: 2 }], 40);
    assert.equal(first, undefined);
    assert.deepEqual(
      rest.map((ready) => ready ?? 0),
      [...repeat(2, 30), ...repeat(0, 9)],
    );
    assert.deepEqual(readyBySecond([{ atMs: -90_000, ready: 2 }], 2), [undefined, undefined]);
  });
});

describe('durations that are learnt', () => {
  it('are those that were known before fifty runs have ended, then those of the last runs', () => {
    const learnt = new LearntDurations(KNOWN);
    for (let run = 0; run < 49; run += 1) learnt.add('work', 9_000);
    assert.deepEqual([learnt.meanMs('work'), learnt.meanMs('other')], [3_000, 0]);
    learnt.add('work', 9_000);
    assert.deepEqual(learnt.statistics.get('work'), { count: 50, meanMs: 9_000, varianceMs2: 0, p90Ms: 9_000 });
    learnt.add('work', 1_000_000);
    assert.equal(learnt.meanMs('work'), 9_000);
    for (let run = 0; run < 400; run += 1) learnt.add('work', run % 2 === 0 ? 1_000 : 3_000);
    assert.deepEqual(learnt.statistics.get('work'), statisticsOf([...repeat(1_000, 100), ...repeat(3_000, 100)]));
    assert.equal(KNOWN.get('work')?.meanMs, 3_000);
  });
});

function repeat(value: number, times: number): number[] {
  return Array.from({ length: times }, () => value);
}
