import { parentPort, workerData } from 'node:worker_threads';

import { playDay, type RecordedDay } from '../core/counterfactual.ts';
import { sideOf } from '../core/day-figures.ts';

/** What the thread is started with. */
export interface DayQuestion {
  readonly day: RecordedDay;
  /** Of each second, whether its replicas count. */
  readonly counted: readonly boolean[];
  readonly stepSeconds: number;
}

const { day, counted, stepSeconds } = workerData as DayQuestion;
parentPort?.postMessage(
  playDay(day).map(({ outcome, ...side }) => ({ ...side, figures: sideOf(outcome, counted, stepSeconds) })),
);
