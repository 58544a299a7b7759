import type { Argv } from 'yargs';

import { applyCommand } from '../apply.ts';
import { withServer } from './command-context.ts';

/** `almanac apply` */
export function addApplyCommand(cli: Argv): void {
  cli.command(
    'apply',
    'Make the calendars and tasks of a file exist as the file says; running it again changes nothing',
    (command) =>
      withServer(command)
        .option('file', {
          alias: 'f',
          type: 'string',
          demandOption: true,
          describe: 'YAML file with tasks and calendars; - is the standard input',
        })
        .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what would change' }),
    (options) => applyCommand(options),
  );
}
