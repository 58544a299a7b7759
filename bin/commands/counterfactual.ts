import type { Argv } from 'yargs';

import type { Counterfactual, CounterfactualSide } from '../../api/contract/counterfactual.ts';
import { formatTable } from '../output.ts';
import { type CommandContext, openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac counterfactual` */
export function addCounterfactualCommand(cli: Argv): void {
  cli.command(
    'counterfactual',
    'Show what a queue-length autoscaler would have done on a recorded day',
    (command) =>
      withServer(command)
        .option('day', { type: 'string', describe: 'A UTC day such as 2026-11-27; left out: the last 24 hours' })
        .option('pool', { type: 'string', default: 'default', describe: 'Of which pool of processors' }),
    (options) => showCounterfactual(options),
  );
}

interface CounterfactualOptions extends ServerOptions {
  readonly day: string | undefined;
  readonly pool: string;
}

async function showCounterfactual(options: CounterfactualOptions): Promise<void> {
  const context = openCommand(options);
  const { day, pool } = options;
  const answer = await context.client.call('counterfactual', { query: { pool, ...(day !== undefined && { day }) } });
  context.show(answer, () => describe(context, answer));
}

function describe({ time }: CommandContext, answer: Counterfactual): string {
  if (answer.sides.length === 0) return `Nothing was due from ${time(answer.from)} until ${time(answer.until)}.`;
  const table = formatTable(
    ['', 'RUNS', 'WITHIN 10 S', 'LATE', 'WORST', 'P99', 'P95', 'P50', 'READY MIN', 'ALL MIN', 'PEAK', 'CHANGES'],
    answer.sides.map((side) => [
      side.name,
      String(side.occurrences),
      side.inTimeShare === null ? '?' : `${(100 * side.inTimeShare).toFixed(2)} %`,
      String(side.late),
      side.neverStarted > 0 ? 'never' : seconds(side.worstDelayMs),
      seconds(side.p99DelayMs),
      seconds(side.p95DelayMs),
      seconds(side.p50DelayMs),
      whole(side.readyReplicaMinutes),
      whole(side.replicaMinutes),
      whole(side.peakReplicas),
      whole(side.changes),
    ]),
  );
  const { startUp, simulatorError } = answer;
  const lines = [
    `${time(answer.from)} until ${time(answer.until)}, ${answer.minReplicas} to ${answer.maxReplicas} replicas of ${answer.slotsPerReplica} slots; the replicas of ${percent(answer.recordedShare)} of it were recorded`,
    table,
    '',
    `start-up: ${seconds(startUp.p50Ms)}, p95 ${seconds(startUp.p95Ms)} (${startUp.samples === 0 ? 'as configured' : `${startUp.samples} measured`}); foretold: ${percent(answer.foretoldShare ?? 0)}`,
    ...answer.sides.flatMap(settingsLine),
  ];
  if (simulatorError !== null) {
    const { inTimePoints, readyReplicaMinutesShare: share } = simulatorError;
    const minutes = share === null ? '' : `, ready minutes ${signed(100 * share, 1)} %`;
    lines.push(`the plan as simulated against what happened: within 10 s ${signed(inTimePoints, 2)} points${minutes}`);
  }
  return lines.join('\n');
}

function settingsLine({ name, settings }: CounterfactualSide): string[] {
  if (settings === null) return [];
  const { messagesPerReplica, tolerance, scaleUpPercent, scaleUpReplicas, stabilisationMs } = settings;
  return [
    `${name}: ${messagesPerReplica} messages per replica, tolerance ${tolerance}, up by ${scaleUpPercent} % or ${scaleUpReplicas} each 15 s, down after ${seconds(stabilisationMs)}`,
  ];
}

function seconds(ms: number | null): string {
  return ms === null ? '?' : `${(ms / 1_000).toFixed(1)} s`;
}

function whole(value: number | null): string {
  return value === null ? '?' : String(Math.round(value));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
}
