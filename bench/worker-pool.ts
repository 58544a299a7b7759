import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Runs each job in one of as many threads as there are cores; `onResult` is called in order of the jobs. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names what the script answers
export async function runJobs<Job, Result>(
  script: URL,
  jobs: readonly Job[],
  onResult: (job: Job, result: Result) => void,
): Promise<void> {
  const results: (Result | undefined)[] = jobs.map(() => undefined);
  let [taken, told] = [0, 0];
  const work = async (): Promise<void> => {
    const worker = new Worker(script);
    try {
      for (; taken < jobs.length;) {
        const index = taken;
        taken += 1;
        worker.postMessage(jobs[index]);
        const [result] = (await once(worker, 'message')) as [Result];
        results[index] = result;
        for (let next = results[told]; next !== undefined; next = results[told]) {
          onResult(jobs[told] as Job, next);
          told += 1;
        }
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs.length, availableParallelism()) }, work));
}
