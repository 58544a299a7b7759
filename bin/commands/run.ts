import { setTimeout as sleep } from 'node:timers/promises';

import type { Argv } from 'yargs';

import type { Occurrence } from '../../api/contract/occurrence.ts';
import type { OccurrenceStatus } from '../../core/occurrence.ts';
import type { ApiClient } from '../client.ts';
import { CommandError } from '../command-error.ts';
import { parseDuration } from '../parse-duration.ts';
import { findTask, openCommand, type ServerOptions, withServer } from './command-context.ts';
import { describeOccurrence } from './occurrences.ts';

/** `almanac run`: its exit code is 1 when it waited and the run did not succeed. */
export function addRunCommand(cli: Argv): void {
  cli.command(
    'run <task>',
    'Run a task now, beside its schedule',
    (command) =>
      withServer(command)
        .positional('task', { type: 'string', demandOption: true, describe: 'Its id or its key' })
        .option('wait', { type: 'boolean', default: false, describe: 'Wait until it ended; fail when it did' })
        .option('timeout', { type: 'string', describe: 'Wait no longer than this, such as 10m' }),
    (options) => runTask(options),
  );
}

interface RunOptions extends ServerOptions {
  readonly task: string;
  readonly wait: boolean;
  readonly timeout: string | undefined;
}

async function runTask(options: RunOptions): Promise<void> {
  const { client, show, time } = openCommand(options);
  const timeoutMs = options.timeout === undefined ? Infinity : parseDuration(options.timeout);
  const { id: taskId } = await findTask(client, options.task);
  const started = await client.call('runTask', { params: { taskId } });
  const occurrence = options.wait ? await untilEnded(client, started, timeoutMs) : started;
  show(occurrence, () => describeOccurrence(time, occurrence));
  if (options.wait && occurrence.status !== 'Completed') process.exitCode = 1;
}

const PERIOD_MS = 300;
const ENDS: ReadonlySet<OccurrenceStatus> = new Set(['Completed', 'Failed', 'Skipped', 'Expired', 'Cancelled']);

export function hasEnded({ status }: Occurrence): boolean {
  return ENDS.has(status);
}

async function untilEnded(client: ApiClient, started: Occurrence, timeoutMs: number): Promise<Occurrence> {
  const deadlineMs = performance.now() + timeoutMs;
  let occurrence = started;
  while (!hasEnded(occurrence)) {
    if (performance.now() >= deadlineMs) {
      throw new CommandError(`Occurrence ${occurrence.id} has not ended yet: it is ${occurrence.status}.`);
    }
    await sleep(PERIOD_MS);
    occurrence = await client.call('getOccurrence', { params: { id: started.id } });
  }
  return occurrence;
}
