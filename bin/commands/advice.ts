import type { Argv } from 'yargs';

import type { Advice, AdviceInput, AdviceMove, AppliedAdvice } from '../../api/contract/advice.ts';
import { describeLength } from '../../core/why-text.ts';
import { CommandError } from '../command-error.ts';
import { formatFacts, formatTable } from '../output.ts';
import { type CommandContext, openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac advice …` */
export function addAdviceCommands(cli: Argv): void {
  cli.command('advice', 'Smooth the peaks: which tasks to move, by how much, for which smaller peak', (advice) =>
    advice
      .command(
        ['show', '$0'],
        'Show what could be moved; nothing is changed',
        (command) => withRange(command),
        (options) => showAdvice(options),
      )
      .command(
        'apply',
        'Ask for advice and move what it says',
        (command) =>
          withRange(command)
            .option('moves', { type: 'number', describe: 'Only so many, the first of the list' })
            .option('suggest', {
              type: 'string',
              array: true,
              describe: 'Give these tasks of the suggestions a flexible window, too: their ids',
            })
            .option('dry-run', { type: 'boolean', default: false, describe: 'Only say which peak it would make' }),
        (options) => applyAdvice(options),
      )
      .command(
        'undo <id>',
        'Take back what was applied',
        (command) =>
          withServer(command).positional('id', { type: 'string', demandOption: true, describe: 'Of the application' }),
        (options) => undoAdvice(options),
      )
      .command(
        'applied',
        'Show what was applied, newest first',
        (command) => withServer(command).option('limit', { type: 'number', default: 10, describe: 'How many at most' }),
        (options) => showApplied(options),
      ),
  );
}

interface RangeOptions extends ServerOptions {
  readonly hours: number;
  readonly pool: string;
}

function withRange<T>(command: Argv<T>) {
  return withServer(command)
    .option('hours', { type: 'number', default: 3, describe: 'How far ahead' })
    .option('pool', { type: 'string', default: 'default', describe: 'Of which pool of processors' });
}

async function showAdvice(options: RangeOptions): Promise<void> {
  const context = openCommand(options);
  const { hours, pool } = options;
  const advice = await context.client.call('advice', { query: { hours, pool } });
  context.show(advice, () => describeAdvice(context, advice));
}

function describeAdvice(context: CommandContext, advice: Advice): string {
  const { before, after, withSuggestions, moves, suggestions } = advice;
  const facts = formatFacts([
    ['pool', advice.pool],
    ['until', context.time(advice.until)],
    ['peak', `${before.peak} at ${context.time(advice.peakAt)}`],
  ]);
  const minutes = (side: Advice['before']): string => `${Math.round(side.replicaMinutes)} instance minutes`;
  const parts = [facts];
  if (moves.length === 0) parts.push('No flexible task could be moved for a lower peak.');
  else {
    parts.push(
      `Moving ${moves.length} lowers the peak from ${before.peak} to ${after.peak} (${minutes(before)}, then ${minutes(after)}).`,
      movesTable(context, moves),
    );
  }
  if (suggestions.length > 0) {
    parts.push(
      `If these ${suggestions.length} may start a little later, too, it falls to ${withSuggestions.peak} (${minutes(withSuggestions)}).`,
      movesTable(context, suggestions),
    );
  }
  return parts.join('\n\n');
}

function movesTable(context: CommandContext, moves: readonly AdviceMove[]): string {
  return formatTable(
    ['PEAK', 'TASK', 'NAME', 'FROM', 'TO', 'WINDOW', 'AWAY FROM'],
    moves.map((move) => [
      String(move.peakAfter),
      move.taskId,
      move.taskName,
      offsetText(move.fromOffsetMs),
      offsetText(move.offsetMs),
      describeLength(move.windowMs),
      context.time(move.peakAt),
    ]),
  );
}

function offsetText(offsetMs: number | null): string {
  if (offsetMs === null) return 'several';
  return offsetMs === 0 ? 'its time' : `+${describeLength(offsetMs)}`;
}

interface ApplyOptions extends RangeOptions {
  readonly moves: number | undefined;
  readonly suggest: readonly string[] | undefined;
  readonly dryRun: boolean;
}

async function applyAdvice(options: ApplyOptions): Promise<void> {
  const context = openCommand(options);
  const { hours, pool, dryRun } = options;
  const advice = await context.client.call('advice', { query: { hours, pool } });
  const moves = chosenMoves(advice, options);
  if (moves.length === 0) {
    throw new CommandError('There is nothing to apply: no flexible task could be moved for a lower peak.');
  }
  const applied = await context.client.call('applyAdvice', { body: { hours, pool, moves, dryRun } });
  context.show(applied, () => describeApplied(applied));
}

/** @throws CommandError for a task that is not among the suggestions. */
function chosenMoves(advice: Advice, { moves, suggest = [] }: ApplyOptions): AdviceInput['moves'] {
  const named = suggest.map((id) => {
    const found = advice.suggestions.find(({ taskId }) => taskId === id);
    if (found === undefined) throw new CommandError(`--suggest ${id}: the advice does not suggest to move this task`);
    return found;
  });
  return [
    ...advice.moves
      .slice(0, moves)
      .map(({ taskId, revision, offsetMs }) => ({ taskId, revision, offsetMs, windowMs: null })),
    ...named.map(({ taskId, revision, offsetMs, windowMs }) => ({ taskId, revision, offsetMs, windowMs })),
  ];
}

function describeApplied({ id, moves, peakBefore, peakAfter }: AppliedAdvice): string {
  const tasks = `${moves.length} ${moves.length === 1 ? 'task' : 'tasks'}`;
  const peaks = `the peak ${peakAfter === peakBefore ? `stays at ${peakBefore}` : `goes from ${peakBefore} to ${peakAfter}`}`;
  if (id === null) return `${tasks} would be moved: ${peaks}.`;
  return `Applied advice ${id}: ${tasks} moved, ${peaks}. \`almanac advice undo ${id}\` takes it back.`;
}

async function undoAdvice(options: ServerOptions & { readonly id: string }): Promise<void> {
  const context = openCommand(options);
  const undone = await context.client.call('undoAdvice', { params: { id: options.id } });
  context.show(undone, () =>
    [
      `Advice ${options.id} is ${undone.advice.state}: ${undone.restored} restored.`,
      ...undone.left.map(({ taskId, reason }) => `Task ${taskId} was left as it is: ${reason}.`),
    ].join('\n'),
  );
}

async function showApplied(options: ServerOptions & { readonly limit: number }): Promise<void> {
  const context = openCommand(options);
  const { items } = await context.client.call('appliedAdvice', { query: { limit: options.limit } });
  context.show(items, () =>
    formatTable(
      ['ID', 'APPLIED', 'POOL', 'TASKS', 'PEAK', 'STATE'],
      items.map((advice) => [
        advice.id ?? '',
        context.time(advice.appliedAt),
        advice.pool,
        String(advice.moves.length),
        `${advice.peakBefore} to ${advice.peakAfter}`,
        advice.state,
      ]),
    ),
  );
}
