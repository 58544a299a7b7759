import type { Argv } from 'yargs';

import type { AutoscalerReplicas } from '../../api/contract/forecast.ts';
import type { AutoscalerControls, AutoscalerControlsInput } from '../../api/contract/scaling.ts';
import { formatFacts, formatTable } from '../output.ts';
import { type CommandContext, openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac scaling …` */
export function addScalingCommands(cli: Argv): void {
  cli.command('scaling', 'Show and steer how many processors there are', (scaling) =>
    scaling
      .command(
        'show',
        'Show what is wanted, what is ordered, and the last decisions',
        (command) => withPool(command),
        (options) => showScaling(options),
      )
      .command(
        'override <replicas>',
        'Hold a number of processors until an instant, whatever the plan says',
        (command) =>
          withReason(command)
            .positional('replicas', { type: 'number', demandOption: true, describe: 'How many to hold' })
            .option('until', {
              type: 'string',
              default: '+1h',
              describe: 'Until when: ISO 8601 with an offset, or from now such as +2h',
            }),
        (options) => {
          const until = openCommand(options).instant(options.until);
          return change(options, () => ({ override: { replicas: options.replicas, until } }));
        },
      )
      .command(
        'pause [what]',
        'Take nothing away (in), add nothing (out), or neither (both)',
        (command) =>
          withReason(command).positional('what', {
            choices: ['in', 'out', 'both'] as const,
            default: 'both' as const,
            describe: 'Which direction',
          }),
        (options) => change(options, (before) => pausedWith(before, options.what, true)),
      )
      .command(
        'resume [what]',
        'End pauses (in, out, both), the override (override), or all orders and the advisory mode (all)',
        (command) =>
          withReason(command).positional('what', {
            choices: ['in', 'out', 'both', 'override', 'all'] as const,
            default: 'all' as const,
            describe: 'What is over',
          }),
        (options) => change(options, (before) => resumed(before, options.what)),
      )
      .command(
        'advisory',
        'Only say what would be done, and change nothing, until `scaling resume`',
        (command) => withReason(command),
        (options) => change(options, () => ({ mode: 'advisory' })),
      )
      .demandCommand(1, 'Say what to do with scaling.'),
  );
}

interface PoolOptions extends ServerOptions {
  readonly pool: string;
}

interface ReasonOptions extends PoolOptions {
  readonly reason: string | undefined;
}

function withPool<T>(command: Argv<T>) {
  return withServer(command).option('pool', {
    type: 'string',
    default: 'default',
    describe: 'Of which pool of processors',
  });
}

function withReason<T>(command: Argv<T>) {
  return withPool(command).option('reason', { type: 'string', describe: 'Why, for whoever comes after' });
}

type Orders = Partial<Omit<AutoscalerControlsInput, 'pool' | 'reason'>>;

function pausedWith(before: AutoscalerControls, what: 'in' | 'out' | 'both', paused: boolean): Orders {
  return {
    scaleInPaused: what === 'out' ? before.scaleInPaused : paused,
    scaleOutPaused: what === 'in' ? before.scaleOutPaused : paused,
  };
}

function resumed(before: AutoscalerControls, what: 'in' | 'out' | 'both' | 'override' | 'all'): Orders {
  if (what === 'override') return { override: null };
  if (what === 'all') return { mode: 'automatic', override: null, ...pausedWith(before, 'both', false) };
  return pausedWith(before, what, false);
}

/** The orders that are in force with some of them changed: the API takes the whole of them. */
async function change(options: ReasonOptions, changed: (before: AutoscalerControls) => Orders): Promise<void> {
  const context = openCommand(options);
  const { pool, reason } = options;
  const { controls: before } = await context.client.call('autoscalerReplicas', { query: { pool } });
  const { mode, scaleOutPaused, scaleInPaused, override } = before;
  const body = { pool, mode, scaleOutPaused, scaleInPaused, override, ...changed(before), reason: reason ?? null };
  const after = await context.client.call('setAutoscalerControls', { body });
  context.show(after, () => formatFacts([['pool', pool], ...controlFacts(context, after)]));
}

async function showScaling(options: PoolOptions): Promise<void> {
  const context = openCommand(options);
  const scaling = await context.client.call('autoscalerReplicas', { query: { pool: options.pool } });
  context.show(scaling, () => describeScaling(context, scaling));
}

const DECISIONS_SHOWN = 10;

function describeScaling(context: CommandContext, scaling: AutoscalerReplicas): string {
  const { leadTime, writer } = scaling;
  const measured = leadTime.p95Ms === null ? 'nothing measured yet' : `p95 ${Math.round(leadTime.p95Ms)} ms`;
  const facts = formatFacts([
    ['pool', scaling.pool],
    ['wanted', scaling.replicas],
    ['ready', scaling.ready],
    ['limit', scaling.limit],
    ...controlFacts(context, scaling.controls),
    ['lead time', `${leadTime.ms} ms (${measured}, ${leadTime.samples} starts)`],
    ['writer', writer === null ? null : `${writer.holder}, fence ${writer.fence}`],
  ]);
  const decisions = formatTable(
    ['DECIDED', 'FROM', 'TO', 'OUTCOME', 'WHY'],
    scaling.decisions
      .slice(0, DECISIONS_SHOWN)
      .map((decision) => [
        context.time(decision.decidedAt),
        decision.fromReplicas === null ? '?' : String(decision.fromReplicas),
        String(decision.toReplicas),
        decision.outcome,
        decision.outcome === 'failed' ? decision.reason : (decision.detail ?? decision.reason),
      ]),
  );
  return `${facts}\n\n${decisions}`;
}

function controlFacts({ time }: CommandContext, controls: AutoscalerControls): (readonly [string, string | null])[] {
  const { override, scaleInPaused, scaleOutPaused } = controls;
  const paused = [...(scaleOutPaused ? ['out'] : []), ...(scaleInPaused ? ['in'] : [])];
  return [
    ['mode', controls.mode],
    ['override', override === null ? null : `${override.replicas} until ${time(override.until)}`],
    ['paused', paused.join(' and ')],
    ['reason', controls.reason],
  ];
}
