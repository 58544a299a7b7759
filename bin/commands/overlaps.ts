import type { Argv } from 'yargs';

import type { OverlapItem } from '../../api/contract/overlap-forecast.ts';
import { formatTable } from '../output.ts';
import { openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac overlaps` */
export function addOverlapsCommand(cli: Argv): void {
  cli.command(
    'overlaps',
    'List tasks whose runs take about as long as the time between them, worst first',
    (command) =>
      withServer(command)
        .option('pool', { type: 'string', default: 'default', describe: 'Of which pool of processors' })
        .option('limit', { type: 'number', default: 50, describe: 'How many at most' }),
    (options) => showOverlaps(options),
  );
}

interface OverlapsOptions extends ServerOptions {
  readonly pool: string;
  readonly limit: number;
}

async function showOverlaps(options: OverlapsOptions): Promise<void> {
  const { client, show, time } = openCommand(options);
  const { pool, limit } = options;
  const forecast = await client.call('overlapForecast', { query: { pool, limit } });
  show(forecast, () =>
    forecast.items.length === 0
      ? `None of ${forecast.recurringTasks} recurring tasks comes near its own next run.`
      : formatTable(
          ['SEVERITY', 'TASK', 'NAME', 'EVERY', 'P50', 'P95', 'RATIO', 'A DAY', 'TREND', 'CROSSES', 'THEN'],
          forecast.items.map((item) => [
            item.severity,
            item.taskId,
            item.taskName,
            seconds(item.periodMs.smallest),
            seconds(item.p50Ms),
            `${seconds(item.p95Ms)}${item.basis === 'task' ? '' : ` (${item.basis})`}`,
            item.ratio.toFixed(2),
            item.overlapsPerDay.toFixed(1),
            trendOf(item),
            time(item.crossesAt),
            item.consequence,
          ]),
        ),
  );
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

function trendOf({ trend }: OverlapItem): string {
  if (trend === null) return '';
  if (trend.changePerDayMs === null) return 'steady';
  return `${trend.changePerDayMs > 0 ? '+' : '-'}${seconds(Math.abs(trend.changePerDayMs))} a day`;
}
