import { parentPort } from 'node:worker_threads';

import { breakOneThing, type FaultJob } from './autoscaling-faults.ts';
import { compare, type CompareJob } from './autoscaling-jobs.ts';

parentPort?.on('message', (job: CompareJob | FaultJob) => {
  parentPort?.postMessage(job.kind === 'compare' ? compare(job) : breakOneThing(job));
});
