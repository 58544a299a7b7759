#!/usr/bin/env node
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';

import { CONFIGURATION_EXIT_CODE, ConfigurationError } from '../runtime/env.ts';
import { stopSignal } from '../runtime/lifecycle.ts';
import { applyCommand } from './apply.ts';
import { parseDuration } from './parse-duration.ts';
import { runMigrate, runService, SERVICE_NAMES } from './single-service.ts';
import { start } from './start.ts';
import { StartError } from './start-error.ts';
import { VERSION } from './version.ts';

/** Errors whose message is a sentence for whoever typed the command; any other shows where it came from. */
const FOR_PEOPLE = new Set([
  'StartError',
  'ListenError',
  'HandlersModuleError',
  'InvalidInputError',
  'UnavailableError',
]);

const cli = yargs(hideBin(process.argv))
  .scriptName('almanac')
  .usage('$0 <command>\n\nA distributed task scheduler that knows its own future.')
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
      const demoPeakMs = options.demoPeak === undefined ? undefined : parseDuration(options.demoPeak);
      await start(
        overridden({ ALMANAC_PORT: options.port, ALMANAC_HANDLERS: options.handlers }),
        { examples: options.examples, demoPeakMs },
        stopSignal(),
      );
    },
  )
  .command('migrate', 'Bring the database to this version, then exit', {}, () => runMigrate(process.env))
  .command(
    'apply',
    'Make the tasks of a file exist as the file says; running it again changes nothing',
    (command) =>
      command
        .option('file', { alias: 'f', type: 'string', demandOption: true, describe: 'YAML file with tasks' })
        .option('url', {
          type: 'string',
          default: process.env.ALMANAC_URL ?? 'http://127.0.0.1:8080',
          describe: 'Where the API is (ALMANAC_URL)',
        })
        .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what would change' }),
    (options) => applyCommand(options),
  );
for (const name of SERVICE_NAMES) {
  cli.command(
    name,
    `Run one ${name}`,
    (command) =>
      command.option('handlers', { type: 'string', describe: 'Module with task types of your own (ALMANAC_HANDLERS)' }),
    (options) => runService(name, overridden({ ALMANAC_HANDLERS: options.handlers }), stopSignal()),
  );
}

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
  throw error !== undefined && error.name !== 'YError' ? error : new StartError(`${message}\nSee \`almanac --help\`.`);
}

/** Says what went wrong in a sentence where we know one; answers the exit code. */
function explain(error: unknown): number {
  if (error instanceof ConfigurationError) {
    console.error(error.message);
    return CONFIGURATION_EXIT_CODE;
  }
  const isForPeople = error instanceof Error && FOR_PEOPLE.has(error.name);
  console.error(isForPeople ? error.message : error);
  return 1;
}

/** The environment with the options of the command line on top. */
function overridden(options: Readonly<Record<string, string | number | undefined>>): NodeJS.ProcessEnv {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...process.env, ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])) };
}
