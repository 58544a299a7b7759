import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { createLocalTarget, type LocalWorker } from '../autoscaler/local-target.ts';
import type { ScaleTarget } from '../autoscaler/scale-target.ts';
import type { Queryable } from '../db/database.ts';
import type { TaskType } from '../processor/task-type.ts';
import { processorConfig } from './config.ts';
import type { Context } from './context.ts';
import { serveProcessor } from './services.ts';

/** Workers inside this process: for the in-process broker, which no other process can reach. */
export function openWorkersInProcess(context: Context, taskTypes: ReadonlyMap<string, TaskType>): ScaleTarget {
  let started = 0;
  return createLocalTarget({
    log: context.log,
    readWorkers: () => readWorkers(context.database),
    startWorker: (requestedMs): LocalWorker => {
      started += 1;
      const name = `worker-${process.pid}-${started}`;
      const stopping = new AbortController();
      const stopped = serveProcessor(
        context,
        taskTypes,
        { ...processorConfig(context.env), name, requestedMs },
        stopping.signal,
      ).catch((error: unknown) => context.log.error({ err: error, replica: name }, 'a worker failed'));
      return { name, stopped, stop: () => stopping.abort() };
    },
  });
}

/** Workers as processes of their own, configured by `variables`, each told to stop when this process goes, even by a kill. */
export function openWorkerProcesses(
  context: Context,
  variables: Readonly<Record<string, string | undefined>>,
): ScaleTarget {
  const program = fileURLToPath(new URL('./almanac.js', import.meta.url));
  let started = 0;
  return createLocalTarget({
    log: context.log,
    readWorkers: () => readWorkers(context.database),
    startWorker: (requestedMs): LocalWorker => {
      started += 1;
      const name = `worker-${process.pid}-${started}`;
      const child = spawn(process.execPath, ['--enable-source-maps', program, 'processor'], {
        // A session of its own: Ctrl-C is for us, and we stop the workers in order.
        detached: true,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...variables, ALMANAC_NAME: name, ALMANAC_REQUESTED_MS: String(requestedMs), ALMANAC_HEALTH_PORT: '' },
      });
      const stopped = new Promise<void>((resolve) => {
        child.once('exit', () => resolve());
        child.once('error', (error) => {
          context.log.error({ err: error, replica: name }, 'a worker process could not be started');
          resolve();
        });
      });
      return { name, stopped, stop: () => void child.kill('SIGTERM') };
    },
  });
}

/** Aborts when the process that started this one goes away: a worker has no life of its own. */
export function parentGone(): AbortSignal | undefined {
  if (process.send === undefined) return undefined;
  const controller = new AbortController();
  process.once('disconnect', () => controller.abort());
  return controller.signal;
}

export async function readWorkers(
  database: Queryable,
): Promise<{ ready: ReadonlySet<string>; busy: ReadonlySet<string> }> {
  const rows = await database.run<{ name: string; running: number }>('queries/ready_workers.sql', []);
  return {
    ready: new Set(rows.map((row) => row.name)),
    busy: new Set(rows.filter((row) => row.running > 0).map((row) => row.name)),
  };
}
