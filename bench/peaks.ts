import { parseArgs } from 'node:util';

import { waitFor } from './fleet.ts';
import { describeCurve, judge } from './peak-report.ts';
import { openProduct, type Product } from './product.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const LENGTH_MS = Number(values.minutes) * 60_000;

/** What falls due at once, at a part of the whole time. With the background each is within eight workers of one slot. */
const PEAKS = [
  { name: 'a batch of short tasks', part: 0.2, work: [{ taskType: 'peak.quarter', count: 220 }] },
  { name: 'a herd of 20-s tasks', part: 0.475, work: [{ taskType: 'peak.twenty', count: 6 }] },
  {
    name: 'a mixture',
    part: 0.75,
    work: [
      { taskType: 'peak.second', count: 25 },
      { taskType: 'peak.eight', count: 2 },
      { taskType: 'peak.quarter', count: 20 },
    ],
  },
] as const;

const BACKGROUND = [
  ...Array.from({ length: 3 }, () => ({
    taskType: 'peak.quarter',
    schedule: { kind: 'cron', expressions: ['* * * * *'], timeZone: 'UTC' },
  })),
  { taskType: 'peak.quarter', schedule: { kind: 'interval', everyMs: 10_000 } },
];

const SAMPLE_PERIOD_MS = 500;

/**
 * Three peaks on the real thing, with the settings that it has when nobody sets any: what falls due starts in time, workers are there before
 * each peak and go after it, and none is stopped in its work.
 */
async function main(): Promise<boolean> {
  await using product = await openProduct();
  await waitFor(async () => (await product.look()).ready > 0); // the one worker that is always there
  const fromMs = Math.ceil((await product.look()).atMs / 1_000) * 1_000;
  const peaks = PEAKS.map(({ name, part, work }) => ({
    name,
    work,
    atMs: fromMs + Math.round((LENGTH_MS * part) / 1_000) * 1_000,
  }));
  const tasks = peaks.flatMap(({ atMs, work }) =>
    work.flatMap(({ taskType, count }) =>
      Array.from({ length: count }, () => ({ taskType, schedule: { kind: 'once', at: new Date(atMs).toISOString() } })),
    ),
  );
  await createAll(product, [...BACKGROUND, ...tasks]);
  console.log(`${tasks.length + BACKGROUND.length} tasks; the peaks are ${peaks.map(({ name }) => name).join(', ')}`);

  const untilMs = fromMs + LENGTH_MS;
  const samples = await product.watch(untilMs, SAMPLE_PERIOD_MS);
  // What fell due at the very end may still run.
  await waitFor(async () => (await product.readOpen(untilMs)) === 0, 60_000);
  const facts = { fromMs, untilMs, peaks, samples, runs: await product.readRuns(fromMs, untilMs) };
  console.log(describeCurve(facts, await product.readPlanned(fromMs, untilMs)));
  const verdict = judge(facts);
  console.log(verdict.lines.join('\n'));
  return verdict.isGood;
}

async function createAll(product: Product, tasks: readonly { readonly taskType: string }[]): Promise<void> {
  const waiting = tasks.map((task, index) => ({ name: `peak bench ${index}`, payload: {}, ...task }));
  const worker = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await product.createTask(task);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

process.exitCode = (await main()) ? 0 : 1;
