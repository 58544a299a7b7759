import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { defineTaskType } from '../../processor/task-type.ts';

/** An analysis that keeps a worker busy for a known time; the burst of `almanac start --demo-peak` is made of it. */
export const labAnalysis = defineTaskType({
  name: 'lab.analysis',
  title: 'Analyse a sample',
  description: 'Works on a sample for the given time and reports how pure it is.',
  payload: z.strictObject({ sample: z.string().min(1).max(100), workMs: z.int().min(0).max(600_000).default(4_000) }),
  timeoutMs: 15 * 60_000,
  estimateMs: 4_000,
  examplePayload: { sample: 'S-1', workMs: 4_000 },
  async run({ payload, signal, log }) {
    log.info(`analysing ${payload.sample}`);
    await sleep(payload.workMs, undefined, { signal });
    return { sample: payload.sample, purityPercent: 90 + (payload.sample.length % 10) };
  },
});
