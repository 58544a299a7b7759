import type { Argv } from 'yargs';

import type { ForecastAccuracy } from '../../api/contract/accuracy.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import { formatFacts, formatTable } from '../output.ts';
import { type CommandContext, openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac accuracy` */
export function addAccuracyCommand(cli: Argv): void {
  cli.command(
    'accuracy',
    'Hold what was forecast for the last hours against what happened',
    (command) =>
      withServer(command)
        .option('hours', { type: 'number', default: 24, describe: 'How far back' })
        .option('pool', { type: 'string', default: 'default', describe: 'Of which pool of processors' }),
    (options) => showAccuracy(options),
  );
}

async function showAccuracy(options: ServerOptions & { readonly hours: number; readonly pool: string }): Promise<void> {
  const context = openCommand(options);
  const { hours, pool } = options;
  const accuracy = await context.client.call('forecastAccuracy', { query: { hours, pool } });
  context.show(accuracy, () => describe(context, accuracy));
}

function describe({ time }: CommandContext, accuracy: ForecastAccuracy): string {
  const { from, until, horizons, slack } = accuracy;
  const table = formatTable(
    ['HORIZON', 'MINUTES', 'ERROR', 'BIAS', 'UNDER REQUIRED', 'UNDER PLANNED'],
    horizons.map((horizon) => [
      `${horizon.horizonMs / MINUTE_MS} min`,
      String(horizon.minutes),
      percent(horizon.meanAbsoluteError),
      horizon.bias === null ? '-' : signed(horizon.bias),
      percent(horizon.underRequiredShare),
      percent(horizon.underPlannedShare),
    ]),
  );
  const facts = formatFacts([
    ['from', time(from)],
    ['until', time(until)],
    ['slack', percent(slack)],
  ]);
  return [facts, table, describeStarts(accuracy), describeError(accuracy)].join('\n\n');
}

function describeStarts({ starts }: ForecastAccuracy): string {
  if (starts.starts === 0) return 'Nothing started in this time.';
  return formatTable(
    ['TASK TYPE', 'STARTS', 'WITHIN 10 S', 'P50', 'P95', 'P99'],
    [{ taskType: '(all)', ...starts }, ...starts.byType].map((one) => [
      one.taskType,
      String(one.starts),
      percent(one.withinShare),
      ...[one.p50Ms, one.p95Ms, one.p99Ms].map((ms) => (ms === null ? '-' : `${Math.round(ms)} ms`)),
    ]),
  );
}

function describeError({ error }: ForecastAccuracy): string {
  if (error === null) return 'Nothing was forecast early enough to be held against what happened.';
  const line = (name: string, replicaSeconds: number): [string, string] => [
    name,
    `${signed(replicaSeconds)} instance-s`,
  ];
  return [
    `Where the forecast of ${error.horizonMs / MINUTE_MS} minutes before was wrong, over ${error.minutes} minutes:`,
    formatFacts([
      line('longer runs', error.duration),
      line('unscheduled runs', error.unscheduled),
      line('foretold, not run', error.withdrawn),
      line('slow start-up', error.startUp),
      line('together', error.total),
    ]),
  ].join('\n');
}

function percent(share: number | null): string {
  return share === null ? '-' : `${(share * 100).toFixed(1)} %`;
}

function signed(value: number): string {
  const rounded = value.toFixed(1);
  return value > 0 ? `+${rounded}` : rounded;
}
