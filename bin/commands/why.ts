import type { Argv } from 'yargs';

import type { Why } from '../../api/contract/ledger.ts';
import { formatFacts } from '../output.ts';
import { type CommandContext, findTask, openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac why` */
export function addWhyCommand(cli: Argv): void {
  cli.command(
    'why <task> <instant>',
    'Say why a task runs, ran or does not run at an instant, past or future',
    (command) =>
      withServer(command)
        .positional('task', { type: 'string', demandOption: true, describe: 'Its id or its key' })
        .positional('instant', {
          type: 'string',
          demandOption: true,
          describe: 'ISO 8601 with an offset, or from now, such as -2h',
        }),
    (options) => explain(options),
  );
}

async function explain(options: ServerOptions & { task: string; instant: string }): Promise<void> {
  const { client, show, time, instant } = openCommand(options);
  const at = instant(options.instant);
  const { id: taskId } = await findTask(client, options.task);
  const why = await client.call('explainTask', { params: { taskId }, query: { at } });
  show(why, () => describeWhy(why, time));
}

function describeWhy(why: Why, time: CommandContext['time']): string {
  const width = Math.max(0, ...why.rules.map(({ rule }) => rule.length));
  const rules = why.rules.map(({ rule, decides, text }) => `${decides ? '→' : ' '} ${rule.padEnd(width)}  ${text}`);
  const facts = formatFacts([
    ['at', time(why.at)],
    ['verdict', why.verdict],
    ['revision', why.revision],
    ['occurrence', why.occurrence && `${why.occurrence.id} ${why.occurrence.status}`],
    ['before', time(why.previous)],
    ['after', time(why.next)],
  ]);
  return [why.summary, '', ...rules, '', facts].join('\n');
}
