import { appendFileSync } from 'node:fs';

import { z } from 'zod';

import { defineTaskType } from '../processor/task-type.ts';

const { BENCH_LEDGER = '' } = process.env;
let lines: string[] = [];

/**
 * `noop` with a witness: every run is written to a file that the product never sees, as `<occurrence id> <lateness in ms>`, the lateness
 * taken on entering the handler. Lines are written in blocks, so that the witness does not become the work.
 */
export const benchNoop = defineTaskType({
  name: 'bench.noop',
  payload: z.strictObject({}),
  timeoutMs: 60_000,
  estimateMs: 0.05,
  run({ occurrence }) {
    lines.push(`${occurrence.id} ${Date.now() - occurrence.scheduledTime.getTime()}\n`);
    if (lines.length >= 500) flush();
  },
});

setInterval(flush, 100).unref();
process.on('exit', flush);

function flush(): void {
  if (lines.length > 0) appendFileSync(`${BENCH_LEDGER}.${process.pid}`, lines.join(''));
  lines = [];
}
