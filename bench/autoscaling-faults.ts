import { type FleetPlanSettings, planFleet, type PlanMode } from '../core/fleet-plan.ts';
import { type FleetFaults, type Outcome, type Policy, runFleet } from './autoscaling-fleet.ts';
import { workloadOf } from './autoscaling-jobs.ts';
import { livePlan, MeasuredDurations, planRows, settingsOf, TICK_S } from './autoscaling-plan.ts';
import { realise, type Workload } from './autoscaling-workloads.ts';
import { randomFrom } from './simulated-random.ts';

/** What goes wrong in practice, one thing at a time, for the plan alone. */
export interface FaultJob {
  readonly kind: 'fault';
  readonly fault: Fault;
  readonly seed: number;
  readonly mode: PlanMode;
}

export const FAULTS = ['drift', 'late-replicas', 'cap', 'dead-leader'] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultOutcome {
  readonly what: string;
  readonly bar: string;
  readonly holds: boolean;
  readonly found: string;
}

const WORKLOAD = 'mixed';
/** Its second hourly herd. */
const HERD_S = 120 + 600 + 3_600;

export function breakOneThing({ fault, seed, mode }: FaultJob): FaultOutcome {
  const workload = workloadOf(WORKLOAD, seed);
  switch (fault) {
    case 'drift': {
      const outcome = play(workload, seed, settingsOf(mode), { stretch: 1.4 });
      const [share, text] = shareOf(outcome.outcome, outcome.occurrences);
      return { what: 'runs take 1.4 x as long as ever', bar: '>= 99.8 % in time', holds: share >= 0.998, found: text };
    }
    case 'late-replicas': {
      const startUpFactor = (nowS: number): number => (nowS >= HERD_S - 300 && nowS < HERD_S + 300 ? 2 : 1);
      const outcome = play(workload, seed, settingsOf(mode), { faults: { startUpFactor } });
      const [share, text] = shareOf(outcome.outcome, outcome.occurrences);
      return {
        what: 'replicas start twice as slowly for 10 min, a herd of 2,340 in the middle',
        bar: '>= 99.8 % in time',
        holds: share >= 0.998,
        found: text,
      };
    }
    case 'cap':
      return capped(workload, seed, mode);
    case 'dead-leader':
      return deadLeader(workload, seed, mode);
  }
}

/** The lateness that the plan of the three hours foretells at its begin, against what then happens. */
function capped(workload: Workload, seed: number, mode: PlanMode): FaultOutcome {
  const durations = new MeasuredDurations(workload, randomFrom(seed + 11)).statistics;
  const span = { fromMs: 0, seconds: workload.seconds };
  const planWith = (settings: FleetPlanSettings) =>
    planFleet(planRows(workload, 0, workload.seconds), span, settings, { durations });
  const peak = Math.max(...planWith(settingsOf(mode)).planned);
  const settings = settingsOf(mode, Math.floor(peak * 0.6));
  const { lateness } = planWith(settings);
  const { outcome } = play(workload, seed, settings, {});
  const foretoldS = lateness.worstDelayMs / 1_000;
  return {
    what: `no more than ${settings.maxReplicas} replicas, 60 % of the peak of ${peak}`,
    bar: 'worst lateness foretold within 10 %',
    holds: lateness.count > 0 && Math.abs(foretoldS - outcome.worstS) <= 0.1 * outcome.worstS,
    found:
      `foretold ${lateness.count} late, at worst ${foretoldS.toFixed(1)} s; ` +
      `happened ${outcome.late} late, at worst ${outcome.worstS.toFixed(1)} s`,
  };
}

/** As in `autoscaler_writers`: a writer that has not renewed its right for so long is replaced at the next turn of another copy. */
const WRITER_LEASE_S = 15;

/** The copy that writes dies right after a turn in the middle of the ramp before a herd, and gives nothing back. */
function deadLeader(workload: Workload, seed: number, mode: PlanMode): FaultOutcome {
  const diesS = HERD_S - 20;
  const turnS = diesS - (diesS % TICK_S);
  // The next copy looks at each turn; at the first at which the lease is older than it may be, it takes over.
  const isSilent = (nowS: number): boolean => nowS > turnS && nowS < turnS + WRITER_LEASE_S + TICK_S;
  const turns: { readonly nowS: number; readonly asked: number; readonly wanted: number | undefined }[] = [];
  const watched = (policy: Policy): Policy => ({
    ...policy,
    decide(nowS, fleet) {
      const asked = fleet.idle + fleet.runningCount + fleet.startingCount;
      const wanted = policy.decide(nowS, fleet);
      if (nowS % TICK_S === 0) turns.push({ nowS, asked, wanted });
      return wanted;
    },
  });
  const { outcome, occurrences } = play(workload, seed, settingsOf(mode), { faults: { isSilent }, watched });
  const next = turns.find(({ nowS }) => nowS > turnS);
  const gapS = (next?.nowS ?? Infinity) - turnS;
  const scaledIn = turns.some(
    ({ nowS, asked, wanted }) => nowS >= turnS && nowS < HERD_S && wanted !== undefined && wanted < asked,
  );
  const [share, text] = shareOf(outcome, occurrences);
  return {
    what: 'the copy that writes dies in mid-ramp',
    bar: 'no scale-in before the herd, next turn <= 20 s, >= 99.8 % in time',
    holds: gapS <= 20 && !scaledIn && share >= 0.998,
    found: `next turn after ${gapS} s, ${scaledIn ? 'it scaled in' : 'no scale-in'}; ${text}`,
  };
}

interface Conditions {
  /** By how much longer runs take. */
  readonly stretch?: number;
  readonly faults?: FleetFaults;
  readonly watched?: (policy: Policy) => Policy;
}

function play(
  workload: Workload,
  seed: number,
  settings: FleetPlanSettings,
  { stretch = 1, faults = {}, watched = (policy) => policy }: Conditions,
): { readonly outcome: Outcome; readonly occurrences: number } {
  const occurrences = realise(workload, randomFrom(seed + 10), stretch);
  const policy = watched(livePlan(workload, occurrences, randomFrom(seed + 11), settings));
  const outcome = runFleet(occurrences, workload.seconds, policy, randomFrom(seed + 12), faults);
  return { outcome, occurrences: occurrences.length };
}

function shareOf({ late, worstS, replicaSeconds }: Outcome, occurrences: number): [number, string] {
  const share = (occurrences - late) / occurrences;
  const cost = Math.round(replicaSeconds).toLocaleString('en');
  return [share, `${(100 * share).toFixed(3)} % in time, worst ${worstS.toFixed(1)} s, ${cost} replica-s`];
}
