import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { defineTaskType } from '../processor/task-type.ts';

/** Work that takes as long as its name says and waits rather than computes: eight workers share the cores of one machine. */
const work = (name: string, estimateMs: number) =>
  defineTaskType({
    name,
    payload: z.strictObject({}),
    timeoutMs: 120_000,
    estimateMs,
    run: ({ signal }) => sleep(estimateMs, undefined, { signal }),
  });

export const quarter = work('peak.quarter', 250);
export const second = work('peak.second', 1_000);
export const eight = work('peak.eight', 8_000);
export const twenty = work('peak.twenty', 20_000);
