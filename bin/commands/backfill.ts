import type { Argv } from 'yargs';

import { formatFacts } from '../output.ts';
import { findTask, openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac backfill` */
export function addBackfillCommand(cli: Argv): void {
  cli.command(
    'backfill <task>',
    'Run a past range of a schedule: its instants that have no occurrence',
    (command) =>
      withServer(command)
        .positional('task', { type: 'string', demandOption: true, describe: 'Its id or its key' })
        .option('from', { type: 'string', demandOption: true, describe: 'Begin of the range, such as -2d' })
        .option('until', { type: 'string', demandOption: true, describe: 'End of the range, exclusive, such as now' })
        .option('per-minute', { type: 'number', describe: 'How many a minute; as the task says when left out' })
        .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what would be run' }),
    (options) => backfill(options),
  );
}

interface BackfillOptions extends ServerOptions {
  readonly task: string;
  readonly from: string;
  readonly until: string;
  readonly perMinute: number | undefined;
  readonly dryRun: boolean;
}

async function backfill(options: BackfillOptions): Promise<void> {
  const { client, show, time, instant } = openCommand(options);
  const { perMinute, dryRun } = options;
  const body = { from: instant(options.from), until: instant(options.until), perMinute, dryRun };
  const { id: taskId } = await findTask(client, options.task);
  const result = await client.call('backfillTask', { params: { taskId }, body });
  show(result, () =>
    formatFacts([
      ['instants', result.matched],
      ['there already', result.existing],
      [dryRun ? 'would be written' : 'written', result.created],
      ['first', time(result.first)],
      ['last', time(result.last)],
      ['due until', time(result.dueUntil)],
    ]),
  );
}
