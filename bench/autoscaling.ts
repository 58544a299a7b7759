import { parseArgs } from 'node:util';

import { PLAN_MODES, type PlanMode } from '../core/fleet-plan.ts';
import { type FaultJob, type FaultOutcome, FAULTS } from './autoscaling-faults.ts';
import type { Outcome } from './autoscaling-fleet.ts';
import type { CompareJob, Comparison } from './autoscaling-jobs.ts';
import { settingsOf } from './autoscaling-plan.ts';
import { createWorkloads } from './autoscaling-workloads.ts';
import { runJobs } from './worker-pool.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    /** How many seeds, from `seed` on. The worst of them is judged. */
    seeds: { type: 'string', default: '3' },
    /** Only workloads whose name contains this. */
    workload: { type: 'string', default: '' },
    /** How much of the steady workloads is played. */
    'steady-minutes': { type: 'string', default: '30' },
  },
});
const SEED = Number(values.seed);
const SEEDS = Array.from({ length: Number(values.seeds) }, (_, index) => SEED + index);

/** The one that is judged: what the autoscaler does when nobody says otherwise. */
const JUDGED: PlanMode = 'adaptive';
const PUNCTUAL = 0.999;
const DEAREST = 1.15;
const WORKLOADS_TO_WIN = 6;

interface Verdict {
  readonly workload: string;
  /** Of the seeds the least. */
  readonly share: number;
  /** Replica-seconds against those of the cheapest other policy that is punctual; of the seeds the most. */
  readonly ratio: number;
  readonly cheapest: string;
}

async function main(): Promise<void> {
  const workloads = createWorkloads(SEED).filter(({ name }) => name.includes(values.workload));
  const comparisons = workloads.flatMap(({ name: workload }) =>
    SEEDS.map((seed): CompareJob => {
      const modes = seed === SEED ? PLAN_MODES : [JUDGED];
      return { kind: 'compare', workload, seed, modes, steadySeconds: 120 + 60 * Number(values['steady-minutes']) };
    }),
  );
  const faults = FAULTS.flatMap((fault) =>
    SEEDS.map((seed): FaultJob => ({ kind: 'fault', fault, seed, mode: JUDGED })),
  );
  const { leadTimeMs, tailMs, closingMs } = settingsOf(JUDGED);
  console.log(`Seeds ${SEEDS.join(', ')}. Judged: this plan in ${JUDGED} mode, the default of the autoscaler.`);
  console.log(`Lead ${leadTimeMs} ms, tail ${tailMs} ms, closing ${closingMs} ms, a turn each 5 s.`);

  const found = new Map<string, Comparison[]>();
  const broken: { readonly job: FaultJob; readonly outcome: FaultOutcome }[] = [];
  const script = new URL('autoscaling-worker.js', import.meta.url);
  await runJobs<CompareJob | FaultJob, Comparison | FaultOutcome>(
    script,
    [...comparisons, ...faults],
    (job, result) => {
      if (job.kind === 'fault') {
        if ('holds' in result) broken.push({ job, outcome: result });
      } else if (!('holds' in result)) {
        found.set(job.workload, [...(found.get(job.workload) ?? []), result]);
        if (job.seed === SEED) print(job.workload, result);
      }
    },
  );
  const verdicts = [...found].map(([workload, results]) => judge(workload, results));
  const bars = [
    ...barsOf(verdicts),
    ...FAULTS.flatMap((fault) => broken.filter(({ job }) => job.fault === fault)).map(({ job, outcome }) => ({
      ...outcome,
      text: `seed ${job.seed}: ${outcome.found}`,
    })),
  ];
  printVerdicts(verdicts);
  console.log('\nBars');
  for (const { what, bar, holds, text } of bars)
    console.log(`${holds ? 'holds ' : 'FAILS '} ${what}: ${bar}\n       ${text}`);
  if (bars.some(({ holds }) => !holds)) process.exitCode = 1;
}

function judge(workload: string, results: readonly Comparison[]): Verdict {
  const ratios = results.map(({ plans, others, occurrences }) => {
    const own = plans.find(([mode]) => mode === JUDGED)?.[1].replicaSeconds ?? Infinity;
    const punctual = others.filter(([, outcome]) => shareOf(outcome, occurrences) >= PUNCTUAL);
    const [cheapest] = punctual.sort(([, a], [, b]) => a.replicaSeconds - b.replicaSeconds);
    return { ratio: own / (cheapest?.[1].replicaSeconds ?? Infinity), cheapest: cheapest?.[0] ?? 'none' };
  });
  const shares = results.flatMap(({ plans, occurrences }) =>
    plans.filter(([mode]) => mode === JUDGED).map(([, outcome]) => shareOf(outcome, occurrences)),
  );
  const worst = ratios.reduce((most, some) => (some.ratio > most.ratio ? some : most));
  return { workload, share: Math.min(...shares), ...worst };
}

function barsOf(verdicts: readonly Verdict[]) {
  const won = verdicts.filter(({ ratio }) => ratio <= 1);
  const least = verdicts.reduce((worst, some) => (some.share < worst.share ? some : worst));
  const dearest = verdicts.reduce((worst, some) => (some.ratio > worst.ratio ? some : worst));
  const wanted = Math.min(WORKLOADS_TO_WIN, verdicts.length);
  return [
    {
      what: 'punctual',
      bar: `>= ${100 * PUNCTUAL} % start within 10 s in every workload, at every seed`,
      holds: least.share >= PUNCTUAL,
      text: `least: ${(100 * least.share).toFixed(3)} % (${least.workload})`,
    },
    {
      what: 'cheap',
      bar: `no dearer than the cheapest other punctual policy in ${wanted} of ${verdicts.length} workloads`,
      holds: won.length >= wanted,
      text: `${won.length} of ${verdicts.length}`,
    },
    {
      what: 'never dear',
      bar: `at most ${DEAREST} x the cheapest other punctual policy anywhere`,
      holds: dearest.ratio <= DEAREST,
      text: `most: ${dearest.ratio.toFixed(2)} x ${dearest.cheapest} (${dearest.workload})`,
    },
  ];
}

function printVerdicts(verdicts: readonly Verdict[]): void {
  console.log(`\nThe worst of ${SEEDS.length} seeds`);
  console.log(line(['workload', 'within 10 s', 'x cheapest', 'which is']));
  for (const { workload, share, ratio, cheapest } of verdicts)
    console.log(line([workload, `${(100 * share).toFixed(3)} %`, ratio.toFixed(2)]) + `   ${cheapest}`);
}

function print(workload: string, { occurrences, seconds, workS, clairvoyantS, plans, others }: Comparison): void {
  console.log(`\n${workload}: ${occurrences.toLocaleString('en')} occurrences in ${Math.round(seconds / 60)} min`);
  console.log(line(['policy', 'within 10 s', 'worst', 'replica-s', 'x work', 'changes/h']));
  const named = [...plans.map(([mode, outcome]) => [`this plan, ${mode} mode`, outcome] as const), ...others];
  for (const [name, outcome] of named) {
    const { worstS, replicaSeconds, changes } = outcome;
    console.log(
      line([
        name,
        `${(100 * shareOf(outcome, occurrences)).toFixed(3)} %`,
        worstS === Infinity ? 'never' : `${worstS.toFixed(1)} s`,
        thousands(replicaSeconds),
        (replicaSeconds / workS).toFixed(2),
        ((changes * 3_600) / seconds).toFixed(0),
      ]),
    );
  }
  const bound = (name: string, cost: number): string =>
    line([name, '', '', thousands(cost), (cost / workS).toFixed(2), '']);
  console.log(bound('clairvoyant, instant replicas', clairvoyantS));
  console.log(bound('all work: nothing is below', workS));
}

function shareOf({ late }: Outcome, occurrences: number): number {
  return (occurrences - late) / occurrences;
}

function line([name = '', ...cells]: readonly string[]): string {
  return name.padEnd(40) + cells.map((cell) => cell.padStart(12)).join('');
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}

await main();
