import type { Argv } from 'yargs';
import type { z } from 'zod';

import { SimulateInput, type Simulation } from '../../api/contract/simulate.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { readDocumentFile } from '../document-file.ts';
import { formatTable } from '../output.ts';
import { type CommandContext, openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac simulate` */
export function addSimulateCommand(cli: Argv): void {
  cli.command(
    'simulate',
    'Ask what would be with other tasks, durations or limits, or with an outage; nothing is changed',
    (command) =>
      withServer(command).option('file', {
        alias: 'f',
        type: 'string',
        nargs: 1, // lets a lone - be its value
        demandOption: true,
        describe: 'JSON file with the body of POST /forecast/simulate; - is the standard input',
      }),
    (options) => simulate(options),
  );
}

async function simulate(options: ServerOptions & { readonly file: string }): Promise<void> {
  const context = openCommand(options);
  const body = readDocumentFile(options.file, readQuestion);
  const simulation = await context.client.call('simulate', { body });
  context.show(simulation, () => describe(context, simulation));
}

function describe({ time }: CommandContext, { summary }: Simulation): string {
  const { before, after, skippedByOutage, delayedByOutage } = summary;
  const line = (name: string, of: (side: typeof before) => string): string[] => [name, of(before), of(after)];
  const table = formatTable(
    ['', 'BEFORE', 'AFTER'],
    [
      line('peak', ({ peak }) => String(peak)),
      line('at', ({ peakAt }) => time(peakAt)),
      line('instance minutes', ({ replicaMinutes }) => String(Math.round(replicaMinutes))),
      line('occurrences', ({ occurrences }) => String(occurrences)),
      line('start late', ({ late }) => String(late)),
      line('first late', ({ firstLateAt }) => time(firstLateAt)),
    ],
  );
  if (skippedByOutage + delayedByOutage === 0) return table;
  return `${table}\nof the outage ${delayedByOutage} run later, ${skippedByOutage} are skipped`;
}

/** @throws InvalidInputError with everything that is wrong. */
function readQuestion(text: string): z.input<typeof SimulateInput> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError([{ path: '', message: `not JSON: ${String(error)}` }], { cause: error });
  }
  const parsed = SimulateInput.safeParse(content);
  if (parsed.success) return content as z.input<typeof SimulateInput>; // what was left out, the server fills in
  throw new InvalidInputError(
    parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })),
  );
}
