import { setTimeout as sleep } from 'node:timers/promises';

import type { Logger } from '../runtime/logger.ts';
import { assertReplicaCount, type ScaleTarget, ScaleTargetError } from './scale-target.ts';

/** One processor of the pool: a process of its own, or a part of this one. */
export interface LocalWorker {
  readonly name: string;
  /** Resolves when it has stopped, for whatever reason; never rejects. */
  readonly stopped: Promise<void>;
  /** Asks it to drain and stop. */
  stop(): void;
}

export interface LocalTargetDeps {
  /** Starts one worker; `requestedMs` is now, for the measure of start-up time. */
  readonly startWorker: (requestedMs: number) => LocalWorker;
  /** Names of the workers that can take work and of those that have work in hand. */
  readonly readWorkers: () => Promise<{ readonly ready: ReadonlySet<string>; readonly busy: ReadonlySet<string> }>;
  readonly log: Logger;
}

const RESTART_DELAY_MS = 1_000;

/** A pool of processor workers on this machine. A worker that ends by itself is replaced; idle ones are the first to be stopped. */
export function createLocalTarget(deps: LocalTargetDeps): ScaleTarget {
  const workers = new Set<LocalWorker>();
  const draining = new Set<LocalWorker>();
  let desired = 0;
  let disposed = false;

  function start(): void {
    const worker = deps.startWorker(Date.now());
    workers.add(worker);
    void worker.stopped.then(async () => {
      draining.delete(worker);
      if (!workers.delete(worker)) return;
      deps.log.warn({ replica: worker.name }, 'a worker ended by itself; another one takes its place');
      await sleep(RESTART_DELAY_MS);
      fill();
    });
  }

  function fill(): void {
    while (!disposed && workers.size < desired) start();
  }

  function stop(worker: LocalWorker): void {
    workers.delete(worker);
    draining.add(worker);
    worker.stop();
  }

  return {
    name: 'local',
    async read() {
      if (disposed) throw new ScaleTargetError('The workers have been stopped for good.', false);
      const { ready } = await deps.readWorkers();
      return { desired, ready: [...workers].filter((worker) => ready.has(worker.name)).length };
    },
    async apply(replicas) {
      assertReplicaCount(replicas);
      if (disposed) throw new ScaleTargetError('The workers have been stopped for good.', false);
      desired = replicas;
      fill();
      if (workers.size <= desired) return;
      const { busy } = await deps.readWorkers();
      const idleFirst = [...workers].sort((a, b) => Number(busy.has(a.name)) - Number(busy.has(b.name)));
      for (const worker of idleFirst.slice(0, workers.size - desired)) stop(worker);
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      desired = 0;
      for (const worker of [...workers]) stop(worker);
      await Promise.all([...draining].map((worker) => worker.stopped));
    },
  };
}
