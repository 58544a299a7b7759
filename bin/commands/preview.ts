import type { Argv } from 'yargs';

import type { CRON_RUN_NOTES } from '../../api/contract/forecast.ts';
import { openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac preview` */
export function addPreviewCommand(cli: Argv): void {
  cli.command(
    'preview <expression>',
    'Say when a cron expression runs next',
    (command) =>
      withServer(command)
        .positional('expression', { type: 'string', demandOption: true, describe: 'Such as "0 9 * * 1-5"' })
        .option('time-zone', { type: 'string', describe: 'Time zone in which it is meant; UTC when left out' })
        .option('count', { type: 'number', default: 5, describe: 'How many runs' })
        .option('from', { type: 'string', describe: 'From this instant on; now when left out' }),
    (options) => preview(options),
  );
}

const NOTES: Readonly<Record<(typeof CRON_RUN_NOTES)[number], string>> = {
  gap_shifted: 'the clock jumps over its time: moved to the first instant after the gap',
  fold_first: 'the clock shows this time twice: this is the first',
  fold_last: 'the clock shows this time twice: this is the second',
  offset_changed: 'the offset has changed since the run before',
};

interface PreviewOptions extends ServerOptions {
  readonly expression: string;
  readonly count: number;
  readonly from: string | undefined;
}

async function preview(options: PreviewOptions): Promise<void> {
  const { client, show, instant } = openCommand(options);
  const { expression, timeZone, count } = options;
  const answer = await client.call('cronPreview', {
    query: { expression, timeZone, count, from: instant(options.from) },
  });
  show(answer, () =>
    [
      answer.description,
      ...answer.runs.map(({ localTime, note }) => `  ${localTime}${note === null ? '' : `  ${NOTES[note]}`}`),
      ...answer.warnings.map((warning) => `warning: ${warning}`),
    ].join('\n'),
  );
}
