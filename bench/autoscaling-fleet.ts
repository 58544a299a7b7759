import { FleetSimulation, type FleetView as CoreView } from '../core/fleet-simulation.ts';
import type { Occurrences } from './autoscaling-workloads.ts';
import type { Random } from './simulated-random.ts';

/** What a policy may look at, in seconds. */
export interface FleetView extends Omit<CoreView, 'running' | 'starting' | 'takeEnded'> {
  readonly running: () => readonly { readonly type: number; readonly startedS: number }[];
  readonly starting: () => readonly number[];
  readonly takeEnded: () => readonly { readonly type: number; readonly durationMs: number }[];
}

export interface Policy {
  readonly name: string;
  /** Replicas wanted from now on; `undefined` leaves it as it is. Called once a second. */
  readonly decide: (nowS: number, fleet: FleetView) => number | undefined;
}

export interface FleetFaults {
  /** By how much starting takes longer at an instant. */
  readonly startUpFactor?: (nowS: number) => number;
  /** Whether the policy is not heard at an instant. */
  readonly isSilent?: (nowS: number) => boolean;
}

export interface Outcome {
  readonly late: number;
  readonly worstS: number;
  readonly replicaSeconds: number;
  readonly changes: number;
  readonly peak: number;
}

/** A fleet that begins with nothing, of replicas with one slot each: they cost from when they are asked for until they are gone. */
export function runFleet(
  occurrences: Occurrences,
  seconds: number,
  policy: Policy,
  random: Random,
  { startUpFactor = () => 1, isSilent = () => false }: FleetFaults = {},
): Outcome {
  const simulation = new FleetSimulation(
    {
      length: occurrences.length,
      atMs: Float64Array.from(occurrences.second, (second) => second * 1_000),
      type: occurrences.type,
      durationMs: occurrences.durationS.map((durationS) => durationS * 1_000),
    },
    (nowMs, fleet) => (isSilent(nowMs / 1_000) ? undefined : policy.decide(nowMs / 1_000, inSeconds(fleet))),
    {
      slotsPerReplica: 1,
      initialReplicas: 0,
      startUpMs: (nowMs) =>
        1_000 * Math.min(45, Math.max(6, 14 * Math.exp(0.45 * normalOf(random)))) * startUpFactor(nowMs / 1_000),
    },
  );
  simulation.advance(seconds * 1_000);
  const replicaSeconds = simulation.paidPerSecond.reduce((sum, replicas) => sum + replicas, 0);
  while (!simulation.isAllStarted && simulation.nowMs < seconds * 2_000) simulation.advance(simulation.nowMs + 1_000);
  let [late, worstMs] = [0, 0];
  for (const delayMs of simulation.delayMs) {
    if (delayMs > 10_000 + 1e-6) late += 1;
    worstMs = Math.max(worstMs, delayMs);
  }
  const peak = simulation.paidPerSecond.reduce((most, replicas) => Math.max(most, replicas), 0);
  return { late, worstS: worstMs / 1_000, replicaSeconds, changes: simulation.changes, peak };
}

function inSeconds(fleet: CoreView): FleetView {
  return {
    queueHead: fleet.queueHead,
    queueTail: fleet.queueTail,
    idle: fleet.idle,
    busyReplicas: fleet.busyReplicas,
    running: () => fleet.running().map(({ type, startedMs }) => ({ type, startedS: startedMs / 1_000 })),
    runningCount: fleet.runningCount,
    starting: () => fleet.starting().map((askedMs) => askedMs / 1_000),
    startingCount: fleet.startingCount,
    takeEnded: () => fleet.takeEnded(),
  };
}

function normalOf({ next }: Random): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
