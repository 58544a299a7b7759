import { setTimeout as sleep } from 'node:timers/promises';

import type { Argv } from 'yargs';

import type { LogLine, Run } from '../../api/contract/occurrence.ts';
import type { ApiClient } from '../client.ts';
import { CommandError } from '../command-error.ts';
import { printable } from '../output.ts';
import { openCommand, type ServerOptions, withServer } from './command-context.ts';
import { hasEnded } from './run.ts';

/** `almanac logs` */
export function addLogsCommand(cli: Argv): void {
  cli.command(
    'logs <run>',
    'Print the log lines of a run, or of all runs of an occurrence',
    (command) =>
      withServer(command)
        .positional('run', { type: 'string', demandOption: true, describe: 'The id of a run or of an occurrence' })
        .option('follow', { type: 'boolean', default: false, describe: 'Wait until it ended, printing what comes' }),
    (options) => printLogs(options),
  );
}

const PERIOD_MS = 500;
const PAGE = 1_000;

interface Line extends LogLine {
  readonly runId: string;
}

/** The lines that are known so far, and whether more can come. */
interface Reading {
  readonly lines: readonly Line[];
  readonly ended: boolean;
}

async function printLogs(options: ServerOptions & { run: string; follow: boolean }): Promise<void> {
  const { client, time } = openCommand(options);
  const read = readerOf(client, options.run);
  const lines: Line[] = [];
  const seen = new Set<string>();
  for (;;) {
    const reading = await read();
    for (const line of reading.lines) {
      const id = `${line.runId} ${line.seq}`;
      if (seen.has(id)) continue;
      seen.add(id);
      lines.push(line);
      if (!options.json) console.log(describeLine(line, time));
    }
    if (reading.ended || !options.follow) break;
    await sleep(PERIOD_MS);
  }
  if (options.json) console.log(JSON.stringify(lines, null, 2));
}

function readerOf(client: ApiClient, id: string): () => Promise<Reading> {
  switch (id.split('-').length) {
    case 2:
      return async () => {
        // In this order: a run that ends in between is read as ended and with its lines.
        const ended = hasEnded(await client.call('getOccurrence', { params: { id } }));
        const { items: runs } = await client.call('listOccurrenceRuns', { params: { id } });
        return { lines: await readLines(client, runs), ended };
      };
    case 3:
      return async () => {
        const run = await client.call('getRun', { params: { id } });
        return { lines: await readLines(client, [run]), ended: run.outcome !== null };
      };
    default:
      throw new CommandError(
        `${id} is the id of neither a run nor an occurrence. One of a run is such as 12-1795251600000-1; \`almanac occurrences list\` shows those of occurrences.`,
      );
  }
}

async function readLines(client: ApiClient, runs: readonly Run[]): Promise<Line[]> {
  const lines: Line[] = [];
  for (const { id: runId } of [...runs].sort((a, b) => a.attempt - b.attempt)) {
    let cursor: string | undefined;
    do {
      const page = await client.call('listRunLogs', { params: { id: runId }, query: { limit: PAGE, cursor } });
      lines.push(...page.items.map((line) => ({ runId, ...line })));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
  return lines;
}

function describeLine({ runId, at, level, message }: Line, time: (instant: string) => string): string {
  const attempt = runId.slice(runId.lastIndexOf('-') + 1);
  return `${time(at)}  #${attempt}  ${level.padEnd(5)}  ${message.split('\n').map(printable).join('\n    ')}`;
}
