#!/usr/bin/env node
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';

import { CONFIGURATION_EXIT_CODE, ConfigurationError } from '../runtime/env.ts';
import { stopSignal } from '../runtime/lifecycle.ts';
import { CommandError } from './command-error.ts';
import { addAccuracyCommand } from './commands/accuracy.ts';
import { addAdviceCommands } from './commands/advice.ts';
import { addApplyCommand } from './commands/apply.ts';
import { addBackfillCommand } from './commands/backfill.ts';
import { addCalendarCommands } from './commands/calendars.ts';
import { addCounterfactualCommand } from './commands/counterfactual.ts';
import { addDeadLetterCommands } from './commands/dead-letters.ts';
import { addForecastCommand } from './commands/forecast.ts';
import { addLedgerCommand } from './commands/ledger.ts';
import { addLoadCommand } from './commands/load.ts';
import { addLogsCommand } from './commands/logs.ts';
import { addOccurrenceCommands } from './commands/occurrences.ts';
import { addOverlapsCommand } from './commands/overlaps.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addPreviewCommand } from './commands/preview.ts';
import { addRunCommand } from './commands/run.ts';
import { addScalingCommands } from './commands/scaling.ts';
import { addSimulateCommand } from './commands/simulate.ts';
import { addTaskCommands } from './commands/tasks.ts';
import { addWhyCommand } from './commands/why.ts';
import { parseDuration } from './parse-duration.ts';
import { shieldRelativeInstants } from './read-instant.ts';
import { SERVICE_NAMES } from './service-names.ts';
import { VERSION } from './version.ts';

/** Errors whose message is a sentence for whoever typed the command; any other shows where it came from. */
const FOR_PEOPLE = new Set([
  'StartError',
  'ListenError',
  'HandlersModuleError',
  'InvalidInputError',
  'UnavailableError',
]);

// A reader that has seen enough, such as head, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const cli = yargs(shieldRelativeInstants(hideBin(process.argv)))
  .scriptName('almanac')
  .parserConfiguration({ 'duplicate-arguments-array': false }) // an option that is given twice: the last one counts
  .usage('$0 <command>\n\nA distributed task scheduler that knows its own future.')
  .wrap(Math.min(120, process.stdout.columns || 120))
  .command(
    'start',
    'Run everything here: database, broker, services, workers and UI',
    (command) =>
      command
        .option('examples', {
          type: 'boolean',
          default: true,
          describe: 'Offer example tasks on an empty database; --no-examples does not',
        })
        .option('demo-peak', { type: 'string', describe: 'Add a burst of work this long from now, such as 3m' })
        .option('port', { type: 'number', describe: 'Port of the API and the UI (ALMANAC_PORT)' })
        .option('handlers', { type: 'string', describe: 'Module with task types of your own (ALMANAC_HANDLERS)' }),
    async (options) => {
      const { start } = await import('./start.ts'); // commands that ask a server do without all of this
      const demoPeakMs = options.demoPeak === undefined ? undefined : parseDuration(options.demoPeak);
      await start(
        overridden({ ALMANAC_PORT: options.port, ALMANAC_HANDLERS: options.handlers }),
        { examples: options.examples, demoPeakMs },
        stopSignal(),
      );
    },
  )
  .command('migrate', 'Bring the database to this version, then exit', {}, async () => {
    const { runMigrate } = await import('./single-service.ts');
    await runMigrate(process.env);
  });
for (const name of SERVICE_NAMES) {
  cli.command(
    name,
    `Run one ${name}`,
    (command) =>
      command.option('handlers', { type: 'string', describe: 'Module with task types of your own (ALMANAC_HANDLERS)' }),
    async (options) => {
      const { runService } = await import('./single-service.ts');
      await runService(name, overridden({ ALMANAC_HANDLERS: options.handlers }), stopSignal());
    },
  );
}
for (const add of [
  addApplyCommand,
  addTaskCommands,
  addRunCommand,
  addOccurrenceCommands,
  addLogsCommand,
  addDeadLetterCommands,
  addCalendarCommands,
  addBackfillCommand,
  addWhyCommand,
  addLedgerCommand,
  addPreviewCommand,
  addForecastCommand,
  addAccuracyCommand,
  addLoadCommand,
  addOverlapsCommand,
  addAdviceCommands,
  addScalingCommands,
  addPlanCommand,
  addSimulateCommand,
  addCounterfactualCommand,
])
  add(cli);

try {
  await cli
    .version(VERSION)
    .demandCommand(1, 'Say what to do.')
    .recommendCommands()
    .strict()
    .help()
    .fail(usageError)
    .parseAsync();
  // Whatever a library left open must not keep a stopped service alive.
  process.exit(process.exitCode ?? 0);
} catch (error) {
  process.exit(explain(error));
}

/** What a command threw goes on as it is; what yargs itself found wrong with the words is for people. */
function usageError(message: string, error: Error | undefined): never {
  throw error !== undefined && error.name !== 'YError'
    ? error
    : new CommandError(`${message}\nSee \`almanac --help\`.`);
}

/** Says what went wrong in a sentence where we know one; answers the exit code. */
function explain(error: unknown): number {
  if (error instanceof ConfigurationError) {
    console.error(error.message);
    return CONFIGURATION_EXIT_CODE;
  }
  const isForPeople = error instanceof CommandError || (error instanceof Error && FOR_PEOPLE.has(error.name));
  console.error(isForPeople ? error.message : error);
  return 1;
}

/** The environment with the options of the command line on top. */
function overridden(options: Readonly<Record<string, string | number | undefined>>): NodeJS.ProcessEnv {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...process.env, ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])) };
}
