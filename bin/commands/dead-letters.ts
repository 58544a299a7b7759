import type { Argv } from 'yargs';

import { CommandError } from '../command-error.ts';
import { formatTable } from '../output.ts';
import {
  findTask,
  listPages,
  openCommand,
  type PagingOptions,
  type ServerOptions,
  withPaging,
  withServer,
} from './command-context.ts';

/** `almanac dead-letters …` */
export function addDeadLetterCommands(cli: Argv): void {
  cli.command('dead-letters', 'List and redrive what failed for good', (deadLetters) =>
    deadLetters
      .command(
        'list',
        'List occurrences that will not be tried again by themselves',
        (command) => withFilter(withPaging(command)),
        (options) => listDeadLetters(options),
      )
      .command(
        'redrive [occurrences..]',
        'Send failed occurrences round again: those named, those that match, or all',
        (command) =>
          withFilter(command)
            .positional('occurrences', { type: 'string', array: true, default: [], describe: 'Their ids' })
            .option('all', { type: 'boolean', default: false, describe: 'All that there are' })
            .option('dry-run', { type: 'boolean', default: false, describe: 'Only count them' }),
        (options) => redriveDeadLetters(options),
      )
      .demandCommand(1, 'Say what to do with dead letters.'),
  );
}

interface FilterOptions extends ServerOptions {
  readonly task: string | undefined;
  readonly type: string | undefined;
}

function withFilter<T>(command: Argv<T>) {
  return withServer(command)
    .option('task', { type: 'string', describe: 'Only those of this task: its id or its key' })
    .option('type', { type: 'string', describe: 'Only those of this task type' });
}

async function listDeadLetters(options: FilterOptions & PagingOptions): Promise<void> {
  const { client, show, time } = openCommand(options);
  const taskId = options.task === undefined ? undefined : (await findTask(client, options.task)).id;
  const filter = { taskId, taskType: options.type };
  const letters = await listPages(options, (page) => client.call('listDeadLetters', { query: { ...filter, ...page } }));
  show(letters, () =>
    formatTable(
      ['ID', 'SCHEDULED', 'FAILED', 'ATTEMPTS', 'TASK', 'ERROR'],
      letters.map((letter) => [
        letter.id,
        time(letter.scheduledTime),
        time(letter.failedAt),
        String(letter.attempt),
        letter.taskName,
        letter.error ?? '',
      ]),
    ),
  );
}

interface RedriveOptions extends FilterOptions {
  readonly occurrences: readonly string[];
  readonly all: boolean;
  readonly dryRun: boolean;
}

async function redriveDeadLetters(options: RedriveOptions): Promise<void> {
  const { task, type: taskType, occurrences, all, dryRun } = options;
  const { client, show } = openCommand(options);
  if (task === undefined && taskType === undefined && occurrences.length === 0 && !all) {
    throw new CommandError('Say which: ids of occurrences, --task, --type, or --all.');
  }
  const taskId = task === undefined ? undefined : (await findTask(client, task)).id;
  const occurrenceIds = occurrences.length === 0 ? undefined : [...occurrences];
  const result = await client.call('redriveDeadLetters', { body: { taskId, taskType, occurrenceIds, dryRun } });
  show(result, () => (dryRun ? `${result.matched} would be redriven.` : `${result.redriven} redriven.`));
}
