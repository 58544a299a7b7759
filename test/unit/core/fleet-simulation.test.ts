import assert from 'node:assert/strict';

import fc from 'fast-check';

import { EventHeap } from '../../../core/event-heap.ts';
import {
  type FleetConditions,
  type FleetPolicy,
  FleetSimulation,
  type FleetView,
} from '../../../core/fleet-simulation.ts';
import { simulateFleet } from '../../support/fleet-simulator.ts';

const RUNS = fc
  .array(fc.record({ atMs: fc.nat({ max: 60_000 }), durationMs: fc.integer({ min: 1, max: 20_000 }) }), {
    maxLength: 60,
  })
  .map((runs) => runs.sort((a, b) => a.atMs - b.atMs));
type Runs = readonly { readonly atMs: number; readonly durationMs: number }[];

const occurrencesOf = (runs: Runs) => ({
  length: runs.length,
  atMs: runs.map(({ atMs }) => atMs),
  type: runs.map(() => 0),
  durationMs: runs.map(({ durationMs }) => durationMs),
});

const AT_ONCE: FleetConditions = { slotsPerReplica: 1, initialReplicas: 0, startUpMs: () => 5_000 };

function play(runs: Runs, decide: FleetPolicy, conditions: Partial<FleetConditions> = {}): FleetSimulation {
  const simulation = new FleetSimulation(occurrencesOf(runs), decide, { ...AT_ONCE, ...conditions });
  simulation.advance(2_000_000);
  return simulation;
}

describe('a simulated fleet', () => {
  it('of constant size starts everything when a plain one does', () => {
    fc.assert(
      fc.property(RUNS, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 }), (runs, replicas, slots) => {
        const { delayMs } = play(runs, () => undefined, { initialReplicas: replicas, slotsPerReplica: slots });
        const starts = simulateFleet(runs, [replicas * slots]);
        assert.deepEqual(
          [...delayMs],
          starts.map((startMs, index) => startMs - Number(runs[index]?.atMs)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('starts each occurrence once and in order, however it is scaled, while any replica is there', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(RUNS, sizes, fc.integer({ min: 1, max: 3 }), (runs, wanted, slots) => {
        let ended = 0;
        let begun = 0;
        const simulation = play(
          runs,
          (nowMs, fleet) => {
            assert.ok(fleet.queueHead >= begun && fleet.queueTail >= fleet.queueHead);
            begun = fleet.queueHead;
            ended += fleet.takeEnded().length;
            assert.equal(fleet.running().length, fleet.runningCount);
            assert.equal(fleet.starting().length, fleet.startingCount);
            assert.ok(fleet.idle >= 0 && fleet.busyReplicas <= fleet.runningCount);
            assert.ok(ended + fleet.runningCount <= begun);
            return nowMs < wanted.length * 1_000 ? wanted[nowMs / 1_000] : 1;
          },
          { slotsPerReplica: slots },
        );
        assert.ok(simulation.isAllStarted);
        assert.equal(simulation.queueHead, runs.length);
        const starts = runs.map(({ atMs }, index) => atMs + Number(simulation.delayMs[index]));
        assert.ok(starts.every((startMs, index) => index === 0 || startMs >= Number(starts[index - 1])));
        assert.ok(simulation.delayMs.every((delayMs) => delayMs >= 0));
        assert.equal(simulation.paidPerSecond.length, 2_000);
        assert.ok(simulation.paidPerSecond.every((paid, second) => paid >= Number(simulation.readyPerSecond[second])));
      }),
      { numRuns: 300 },
    );
  });

  it('starts nothing later when there are more replicas', () => {
    fc.assert(
      fc.property(RUNS, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 }), (runs, replicas, more) => {
        const few = play(runs, () => undefined, { initialReplicas: replicas }).delayMs;
        const many = play(runs, () => undefined, { initialReplicas: replicas + more }).delayMs;
        assert.ok(many.every((delayMs, index) => delayMs <= Number(few[index])));
      }),
      { numRuns: 500 },
    );
  });

  it('gives a replica its time to start, and costs from when it is asked for until it is gone', () => {
    const { delayMs, readyPerSecond, paidPerSecond, changes } = play([{ atMs: 0, durationMs: 3_000 }], (nowMs) =>
      nowMs < 6_000 ? 1 : 0,
    );
    assert.equal(delayMs[0], 5_000);
    assert.deepEqual(readyPerSecond.slice(0, 8), [0, 0, 0, 0, 0, 1, 0, 0]); // it drains from the sixth second on
    assert.deepEqual(paidPerSecond.slice(0, 10), [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
    assert.equal(changes, 2);
  });

  it('lets those go first that start, then the idle, then the busy that are done first', () => {
    const runs = [
      { atMs: 0, durationMs: 60_000 },
      { atMs: 0, durationMs: 30_000 },
    ];
    const seen: number[][] = [];
    const steps: Record<number, number> = { 1_000: 5, 2_000: 3, 3_000: 2, 4_000: 1, 5_000: 0 };
    const look = (nowMs: number, fleet: FleetView): number | undefined => {
      seen.push([fleet.idle, fleet.runningCount, fleet.startingCount]);
      return steps[nowMs];
    };
    const { delayMs, paidPerSecond } = play(runs, look, { initialReplicas: 3 });
    assert.deepEqual(seen.slice(0, 7), [
      [3, 0, 0],
      [1, 2, 0],
      [1, 2, 2],
      [1, 2, 0],
      [0, 2, 0],
      [0, 1, 0],
      [0, 0, 0],
    ]);
    assert.deepEqual([...delayMs], [0, 0]);
    assert.deepEqual([paidPerSecond[29], paidPerSecond[30], paidPerSecond[59], paidPerSecond[60]], [2, 1, 1, 0]);
  });

  it('runs as many side by side in one replica as it has slots', () => {
    const runs = Array.from({ length: 5 }, () => ({ atMs: 500, durationMs: 4_000 }));
    const busy: number[] = [];
    const { delayMs } = play(runs, (_, fleet) => void busy.push(fleet.busyReplicas), {
      initialReplicas: 2,
      slotsPerReplica: 2,
    });
    assert.deepEqual([...delayMs], [0, 0, 0, 0, 4_000]);
    assert.deepEqual([busy[0], busy[1], busy[5], busy[9]], [0, 2, 1, 0]);
  });

  it('never starts what there is no replica for', () => {
    const simulation = play([{ atMs: 0, durationMs: 1 }], () => 0);
    assert.deepEqual([simulation.delayMs[0], simulation.isAllStarted], [Infinity, false]);
  });
});

describe('a heap of events', () => {
  it('gives them by their instants', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1_000 }), { maxLength: 100 }), (times) => {
        const heap = new EventHeap<number>();
        for (const time of times) heap.push(time, time);
        assert.deepEqual(
          [...heap.values()].sort((a, b) => a - b),
          [...times].sort((a, b) => a - b),
        );
        const taken = times.map(() => [heap.nextMs, heap.pop()]);
        assert.deepEqual(
          taken,
          [...times].sort((a, b) => a - b).map((time) => [time, time]),
        );
        assert.deepEqual([heap.nextMs, heap.size], [Infinity, 0]);
      }),
    );
  });
});
