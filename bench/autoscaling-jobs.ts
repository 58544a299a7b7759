import type { PlanMode } from '../core/fleet-plan.ts';
import { type Outcome, type Policy, runFleet } from './autoscaling-fleet.ts';
import { clairvoyantSeconds, LEAD_S, livePlan, settingsOf } from './autoscaling-plan.ts';
import {
  followCurve,
  formulaPerBucket,
  formulaPerTime,
  kedaCron,
  kedaQueue,
  staticFleet,
  tunedHpa,
} from './autoscaling-policies.ts';
import { createWorkloads, realise, type Workload } from './autoscaling-workloads.ts';
import { randomFrom } from './simulated-random.ts';

/** One workload, drawn once from a seed, under every policy. */
export interface CompareJob {
  readonly kind: 'compare';
  readonly workload: string;
  readonly seed: number;
  readonly modes: readonly PlanMode[];
  /** The steady workloads, which cost the planner most, are cut after so long. */
  readonly steadySeconds: number;
}

export interface Comparison {
  readonly occurrences: number;
  readonly seconds: number;
  readonly workS: number;
  readonly clairvoyantS: number;
  readonly plans: readonly (readonly [PlanMode, Outcome])[];
  readonly others: readonly (readonly [string, Outcome])[];
}

export function workloadOf(name: string, seed: number, steadySeconds = Infinity): Workload {
  const found = createWorkloads(seed).find((workload) => workload.name === name);
  if (found === undefined) throw new Error(`There is no workload ${name}.`);
  const seconds = STEADY.has(name) ? Math.min(found.seconds, steadySeconds) : found.seconds;
  return { ...found, seconds, rows: found.rows.filter(({ second }) => second < seconds) };
}

/** Work of each minute like that of the minute before: what comes after an hour says nothing new. */
const STEADY: ReadonlySet<string> = new Set(['persecond', 'random', '4 x 4 s each second']);

export function compare({ workload: name, seed, modes, steadySeconds }: CompareJob): Comparison {
  const workload = workloadOf(name, seed, steadySeconds);
  const occurrences = realise(workload, randomFrom(seed + 10), 1);
  const play = (policy: Policy): Outcome => runFleet(occurrences, workload.seconds, policy, randomFrom(seed + 12));
  const others = [
    followCurve('formula at each time, hold 60 s', formulaPerTime(workload), LEAD_S),
    followCurve('formula per 10 s, hold 60 s', formulaPerBucket(workload), LEAD_S),
    kedaQueue(1),
    kedaQueue(20),
    tunedHpa(workload),
    kedaCron(workload),
    staticFleet(workload),
  ];
  return {
    occurrences: occurrences.length,
    seconds: workload.seconds,
    workS: occurrences.durationS.reduce((sum, durationS) => sum + durationS, 0),
    clairvoyantS: clairvoyantSeconds(workload, occurrences),
    plans: modes.map((mode) => [mode, play(livePlan(workload, occurrences, randomFrom(seed + 11), settingsOf(mode)))]),
    others: others.map((policy) => [policy.name, play(policy)]),
  };
}
