import type { Argv } from 'yargs';

import type { Forecast, ForecastStep } from '../../api/contract/forecast.ts';
import { MINUTE_MS, SECOND_MS } from '../../core/duration.ts';
import { CommandError } from '../command-error.ts';
import { formatTable } from '../output.ts';
import { parseDuration } from '../parse-duration.ts';
import { openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac forecast` */
export function addForecastCommand(cli: Argv): void {
  cli.command(
    'forecast',
    'Show the instances that the coming hours need, and the tasks behind them',
    (command) =>
      withServer(command)
        .option('hours', { type: 'number', default: 3, describe: 'How far ahead' })
        .option('past', { type: 'string', default: '0m', describe: 'How much of what is over to show first' })
        .option('pool', { type: 'string', default: 'default', describe: 'Of which pool of processors' })
        .option('every', { type: 'string', default: '10m', describe: 'How much time one line stands for' }),
    (options) => showForecast(options),
  );
}

interface ForecastOptions extends ServerOptions {
  readonly hours: number;
  readonly pool: string;
  readonly every: string;
  readonly past: string;
}

async function showForecast(options: ForecastOptions): Promise<void> {
  const { client, show, time } = openCommand(options);
  const { hours, pool } = options;
  const lineMs = parseDuration(options.every);
  if (lineMs === 0) throw new CommandError('--every: expected more than 0');
  const pastMinutes = Math.round(parseDuration(options.past) / MINUTE_MS);
  const forecast = await client.call('forecast', { query: { hours, pool, pastMinutes } });
  show(forecast, () => {
    const table = formatTable(
      ['FROM', 'REQUIRED', 'LIKELY', 'PLANNED', 'READY', 'BUSY', 'LIMIT', 'LATE', 'MOST WORK'],
      linesOf(forecast, lineMs).map((steps) => [
        time(steps[0]?.at ?? null),
        highest(steps.map((step) => step.requiredInstances)),
        likely(steps),
        highest(steps.map((step) => step.plannedInstances)),
        highest(steps.map((step) => step.actualInstances)),
        highest(steps.map((step) => step.busyInstances)),
        highest(steps.map((step) => step.limit)),
        String(steps.reduce((sum, step) => sum + step.predictedLate, 0)),
        mostWork(steps),
      ]),
    );
    return [table, ...breachLines(forecast)].join('\n');
  });
}

/** What the limit makes late, and what can be done about it. */
function breachLines({ breach, steps }: Forecast): string[] {
  if (breach === null) return [];
  const { late, worstDelayMs, taskTypes, maxNeeded } = breach;
  const worst = worstDelayMs === null ? 'some not before the end of the plan' : `up to ${inSeconds(worstDelayMs)}`;
  return [
    '',
    `The limit of ${steps.at(-1)?.limit ?? '?'} is too low: ${late} runs of ${taskTypes.join(', ')} would start more than 10 s late, ${worst}.`,
    `Raise the limit to ${maxNeeded} (ALMANAC_MAX_REPLICAS), move or spread some of this work, or accept it.`,
  ];
}

function inSeconds(ms: number): string {
  return `${Math.round(ms / SECOND_MS)} s`;
}

/** The range of the formula, between mean durations and those that are planned with. */
function likely(steps: readonly ForecastStep[]): string {
  const [low, high] = [highest(steps.map((step) => step.low)), highest(steps.map((step) => step.high))];
  return low === high ? low : `${low}-${high}`;
}

/** The steps in stretches of `lineMs`: a line shows the peak of its stretch. */
function linesOf({ steps }: Forecast, lineMs: number): ForecastStep[][] {
  const lines = new Map<number, ForecastStep[]>();
  const beginMs = Date.parse(steps[0]?.at ?? '');
  for (const step of steps) {
    const line = Math.floor((Date.parse(step.at) - beginMs) / lineMs);
    lines.set(line, [...(lines.get(line) ?? []), step]);
  }
  return [...lines.values()];
}

function highest(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? '-' : String(Math.max(...known));
}

/** The task with the most work in one step, and how many of its occurrences there are. */
function mostWork(steps: readonly ForecastStep[]): string {
  const [top] = steps.flatMap((step) => step.top).sort((a, b) => b.computeMs - a.computeMs);
  if (top === undefined) return '';
  return `${top.taskName} (${top.occurrences} × ${Math.round(top.computeMs / Math.max(1, top.occurrences))} ms)`;
}
