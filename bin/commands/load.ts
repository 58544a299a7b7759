import type { Argv } from 'yargs';

import type { LoadCalendar, LoadWindow } from '../../api/contract/load-calendar.ts';
import { CommandError } from '../command-error.ts';
import { dayMap, MAP_LEGEND, weekMap } from '../load-map.ts';
import { formatTable } from '../output.ts';
import { type CommandContext, openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac load` */
export function addLoadCommand(cli: Argv): void {
  cli.command(
    'load',
    'Show how many instances each minute of the coming week needs: where there is room, and where there is none',
    (command) =>
      withServer(command)
        .option('pool', { type: 'string', default: 'default', describe: 'Of which pool of processors' })
        .option('from', { type: 'string', describe: 'The first day is the one of this instant; today when left out' })
        .option('days', { type: 'number', default: 7, describe: 'How many days' })
        .option('day', { type: 'string', describe: 'One of these days by minute, such as 2026-11-30' })
        .option('window', { type: 'number', default: 60, describe: 'Minutes of the quietest and busiest windows' }),
    (options) => showLoad(options),
  );
}

interface LoadOptions extends ServerOptions {
  readonly pool: string;
  readonly from: string | undefined;
  readonly days: number;
  readonly day: string | undefined;
  readonly window: number;
}

async function showLoad(options: LoadOptions): Promise<void> {
  const context = openCommand(options);
  const { client, show, instant, timeZone } = context;
  const { pool, days, window } = options;
  const calendar = await client.call('loadCalendar', {
    query: { pool, days, windowMinutes: window, from: instant(options.from), timeZone },
  });
  const day = calendar.days.find(({ date }) => date === options.day);
  if (options.day !== undefined && day === undefined) {
    const [first, last] = [calendar.days[0]?.date ?? '', calendar.days.at(-1)?.date ?? ''];
    throw new CommandError(`--day: expected a day from ${first} to ${last}`);
  }
  show(calendar, () =>
    [
      `Pool ${calendar.pool}, ${calendar.timeZone}. ${MAP_LEGEND}.`,
      '',
      day === undefined ? weekMap(calendar) : dayMap(day, calendar.timeZone),
      '',
      formatTable(['WINDOW', 'FROM', 'UNTIL', 'MOST', 'MEAN'], windowRows(calendar, context)),
    ].join('\n'),
  );
}

function windowRows({ peak, quietest, busiest }: LoadCalendar, { time }: CommandContext): string[][] {
  const named: [string, LoadWindow][] = [
    ...(peak === null ? [] : [['peak', peak] satisfies [string, LoadWindow]]),
    ...busiest.map((window): [string, LoadWindow] => ['busy', window]),
    ...quietest.map((window): [string, LoadWindow] => ['quiet', window]),
  ];
  return named.map(([name, { from, until, requiredInstances, meanInstances }]) => [
    name,
    time(from),
    time(until),
    String(requiredInstances),
    String(Math.round(meanInstances * 100) / 100),
  ]);
}
