import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { defineTaskType, type RunContext } from '../task-type.ts';

const Payload = z.strictObject({
  sleepMs: z.int().min(0).max(3_600_000).optional().meta({ description: 'How long it takes, in ms.' }),
  failTimes: z.int().min(0).max(1_000).optional().meta({ description: 'Fail the first so many attempts.' }),
  fail: z.boolean().optional().meta({ description: 'Fail every attempt.' }),
});

/** Does nothing, for as long and with as much success as its payload says: for trying things out. */
export const noop = defineTaskType({
  name: 'noop',
  title: 'Nothing',
  description: 'Does nothing, takes as long and fails as often as its payload says. For trying things out.',
  payload: Payload,
  timeoutMs: 60_000,
  estimateMs: 1,
  examplePayload: { sleepMs: 200 },
  run(context) {
    // Not an async function: an occurrence that does not sleep should cost no promise and no timer.
    const sleepMs = context.payload.sleepMs ?? 0;
    if (sleepMs === 0) {
      end(context);
      return;
    }
    return sleep(sleepMs, undefined, { signal: context.signal }).then(() => end(context));
  },
});

function end({ payload, occurrence, fail }: RunContext<z.infer<typeof Payload>>): void {
  if (payload.fail === true) fail('The payload asks for a failure.');
  if (occurrence.attempt <= (payload.failTimes ?? 0))
    fail(`The payload asks for ${payload.failTimes ?? 0} failed attempts; this is attempt ${occurrence.attempt}.`);
}
