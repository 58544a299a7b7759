import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { defineTaskType } from '../../processor/task-type.ts';

/** Takes as long as its payload says, and is expected to: for plans that must know the work ahead. */
export const longWork = defineTaskType({
  name: 'test.long',
  payload: z.strictObject({ ms: z.int().min(0).default(0) }),
  timeoutMs: 60_000,
  estimateMs: 3_000,
  run: ({ payload, signal }) => sleep(payload.ms, undefined, { signal }),
});

/** What `test.journal` writes: one line as it starts, one as it ends. */
export interface JournalLine {
  readonly occurrence: string;
  readonly attempt: number;
  readonly phase: 'start' | 'end';
  readonly pid: number;
}

/** Writes what it does into a file, as a record of its own, and pays no heed to its signal when `stubborn`. */
export const journal = defineTaskType({
  name: 'test.journal',
  payload: z.strictObject({
    file: z.string(),
    ms: z.int().min(0).default(0),
    stubborn: z.boolean().default(false),
  }),
  timeoutMs: 60_000,
  estimateMs: 3_000,
  async run({ payload, occurrence, signal }) {
    const write = (phase: JournalLine['phase']): void => {
      const line: JournalLine = { occurrence: occurrence.id, attempt: occurrence.attempt, phase, pid: process.pid };
      appendFileSync(payload.file, `${JSON.stringify(line)}\n`);
    };
    write('start');
    await sleep(payload.ms, undefined, payload.stubborn ? {} : { signal });
    write('end');
  },
});

/** What `test.witness` writes, once per attempt that it sees. */
export interface WitnessLine {
  readonly occurrence: string;
  readonly attempt: number;
  readonly edit: number;
}

/** Writes down with which version of its payload each attempt ran. */
export const witness = defineTaskType({
  name: 'test.witness',
  payload: z.strictObject({ file: z.string(), edit: z.int().min(0), ms: z.int().min(0).default(0) }),
  timeoutMs: 60_000,
  estimateMs: 20,
  async run({ payload, occurrence, signal }) {
    const line: WitnessLine = { occurrence: occurrence.id, attempt: occurrence.attempt, edit: payload.edit };
    appendFileSync(payload.file, `${JSON.stringify(line)}\n`);
    await sleep(payload.ms, undefined, { signal });
  },
});

/* eslint-disable @typescript-eslint/only-throw-error -- handlers are JavaScript, and throw anything */
/** Throws, rejects and leaves behind whatever handlers in the wild do. */
export const thrower = defineTaskType({
  name: 'test.throw',
  payload: z.strictObject({ what: z.enum(['undefined', 'null', 'symbol', 'trap', 'rejection', 'stray', 'cycle']) }),
  timeoutMs: 10_000,
  estimateMs: 1,
  retry: { maxAttempts: 1 },
  run({ payload }) {
    switch (payload.what) {
      case 'undefined':
        throw undefined;
      case 'null':
        throw null;
      case 'symbol':
        throw Symbol('odd');
      case 'trap':
        throw new Proxy(
          {},
          {
            get() {
              throw new Error('do not look at me');
            },
          },
        );
      case 'rejection':
        return Promise.reject(new Error('rejected'));
      case 'stray':
        void Promise.reject(new Error('nobody waits for this'));
        throw new Error('and a failure');
      case 'cycle': {
        const cycle: Record<string, unknown> = {};
        cycle.self = cycle;
        throw cycle;
      }
    }
  },
});

/* eslint-enable @typescript-eslint/only-throw-error */

/** Never ends, whatever its signal says. */
export const hanging = defineTaskType({
  name: 'test.hang',
  payload: z.strictObject({}),
  timeoutMs: 300,
  estimateMs: 1,
  retry: { maxAttempts: 2, backoff: 'fixed', firstDelayMs: 50 },
  run: () => new Promise(() => undefined),
});
