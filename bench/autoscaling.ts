import { parseArgs } from 'node:util';

import { type FleetPlanSettings, PLAN_MODES, planFleet, type PlanMode } from '../core/fleet-plan.ts';
import { type FleetFaults, type Outcome, type Policy, runFleet } from './autoscaling-fleet.ts';
import { clairvoyantSeconds, LEAD_S, livePlan, MeasuredDurations, planRows, settingsOf } from './autoscaling-plan.ts';
import {
  followCurve,
  formulaPerBucket,
  formulaPerTime,
  kedaCron,
  kedaQueue,
  staticFleet,
  tunedHpa,
} from './autoscaling-policies.ts';
import { createWorkloads, type Occurrences, realise, type Workload } from './autoscaling-workloads.ts';
import { randomFrom } from './simulated-random.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    /** Only workloads whose name contains this. */
    workload: { type: 'string', default: '' },
  },
});
const SEED = Number(values.seed);

function main(): void {
  const workloads = createWorkloads(SEED).filter(({ name }) => name.includes(values.workload));
  for (const workload of workloads) compare(workload);
  const [first] = workloads;
  if (first !== undefined) breakThings(first);
}

function compare(workload: Workload): void {
  const occurrences = realise(workload, randomFrom(SEED + 10), 1);
  const workS = occurrences.durationS.reduce((sum, durationS) => sum + durationS, 0);
  console.log(`\n${workload.name}: ${occurrences.length.toLocaleString('en')} occurrences`);
  console.log(line(['policy', 'within 10 s', 'worst', 'replica-s', 'x work', 'changes/h']));
  const policies: Policy[] = [
    ...PLAN_MODES.map((mode) => livePlan(workload, occurrences, randomFrom(SEED + 11), settingsOf(mode))),
    followCurve('formula at each time, hold 60 s', formulaPerTime(workload), LEAD_S),
    followCurve('formula per 10 s, hold 60 s', formulaPerBucket(workload), LEAD_S),
    kedaQueue(1),
    kedaQueue(20),
    tunedHpa(workload),
    kedaCron(workload),
    staticFleet(workload),
  ];
  for (const policy of policies) {
    const outcome = runFleet(occurrences, workload.seconds, policy, randomFrom(SEED + 12));
    console.log(describe(policy.name, outcome, occurrences, workS, workload.seconds));
  }
  const clairvoyantS = clairvoyantSeconds(workload, occurrences);
  console.log(
    line(['clairvoyant, instant replicas', '', '', thousands(clairvoyantS), (clairvoyantS / workS).toFixed(2), '']),
  );
  console.log(line(['all work: nothing is below', '', '', thousands(workS), '1.00', '']));
}

/** What goes wrong in practice, for the plan alone. */
function breakThings(workload: Workload): void {
  const rampS = 120 + 600 + 3_600; // its second hourly herd
  const cases: [string, number, FleetFaults][] = [
    ['runs take 1.4 x as long as ever', 1.4, {}],
    [
      'replicas take twice as long to start, 10 min',
      1,
      { startUpFactor: (nowS) => (nowS >= rampS - 300 && nowS < rampS + 300 ? 2 : 1) },
    ],
    ['no plan for 20 s, in mid-ramp', 1, { isSilent: (nowS) => nowS >= rampS - 40 && nowS < rampS - 20 }],
  ];
  console.log(`\n${workload.name}, when something goes wrong`);
  console.log(line(['', 'within 10 s', 'worst', 'replica-s', 'x work', 'changes/h']));
  for (const [name, stretch, faults] of cases) {
    const occurrences = realise(workload, randomFrom(SEED + 10), stretch);
    const workS = occurrences.durationS.reduce((sum, durationS) => sum + durationS, 0);
    for (const mode of PLAN_MODES) {
      const outcome = run(workload, occurrences, settingsOf(mode), faults);
      console.log(describe(`${name} (${mode})`, outcome, occurrences, workS, workload.seconds));
    }
  }
  for (const mode of PLAN_MODES) cap(workload, mode);
}

/** The lateness that the plan of the three hours foretells at its begin, against what then happens. */
function cap(workload: Workload, mode: PlanMode): void {
  const occurrences = realise(workload, randomFrom(SEED + 10), 1);
  const durations = new MeasuredDurations(workload, randomFrom(SEED + 11)).statistics;
  const planWith = (settings: FleetPlanSettings) =>
    planFleet(planRows(workload, 0, workload.seconds), { fromMs: 0, seconds: workload.seconds }, settings, {
      durations,
    });
  const peak = Math.max(...planWith(settingsOf(mode)).planned);
  const capped = settingsOf(mode, Math.floor(peak * 0.6));
  const { lateness } = planWith(capped);
  const outcome = run(workload, occurrences, capped, {});
  console.log(
    `cap at 60 % of the peak (${mode}, ${capped.maxReplicas} of ${peak}): foretold ${lateness.count} late, at worst ` +
      `${(lateness.worstDelayMs / 1_000).toFixed(1)} s; happened ${outcome.late} late, at worst ${outcome.worstS.toFixed(1)} s`,
  );
}

function run(workload: Workload, occurrences: Occurrences, settings: FleetPlanSettings, faults: FleetFaults): Outcome {
  const policy = livePlan(workload, occurrences, randomFrom(SEED + 11), settings);
  return runFleet(occurrences, workload.seconds, policy, randomFrom(SEED + 12), faults);
}

function describe(name: string, outcome: Outcome, { length }: Occurrences, workS: number, seconds: number): string {
  const { late, worstS, replicaSeconds, changes } = outcome;
  return line([
    name,
    `${((100 * (length - late)) / length).toFixed(3)} %`,
    worstS === Infinity ? 'never' : `${worstS.toFixed(1)} s`,
    thousands(replicaSeconds),
    (replicaSeconds / workS).toFixed(2),
    ((changes * 3_600) / seconds).toFixed(0),
  ]);
}

function line([name = '', ...cells]: readonly string[]): string {
  return name.padEnd(56) + cells.map((cell) => cell.padStart(12)).join('');
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}

main();
