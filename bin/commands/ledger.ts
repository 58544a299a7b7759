import type { Argv } from 'yargs';

import type { Ledger } from '../../api/contract/ledger.ts';
import { formatFacts, formatTable } from '../output.ts';
import { type CommandContext, openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac ledger`: its exit code is 1 when an occurrence is unaccounted for. */
export function addLedgerCommand(cli: Argv): void {
  cli.command(
    'ledger',
    'Compare the occurrences that the schedules called for with those that are recorded',
    (command) =>
      withServer(command)
        .option('from', { type: 'string', describe: 'Scheduled at this instant or later; 24 hours ago when left out' })
        .option('until', { type: 'string', describe: 'Scheduled before this instant; now when left out' }),
    (options) => showLedger(options),
  );
}

interface LedgerOptions extends ServerOptions {
  readonly from: string | undefined;
  readonly until: string | undefined;
}

async function showLedger(options: LedgerOptions): Promise<void> {
  const context = openCommand(options);
  const { client, show, instant } = context;
  const ledger = await client.call('ledger', {
    query: { from: instant(options.from), until: instant(options.until) },
  });
  show(ledger, () => describeLedger(context, ledger));
  if (ledger.unaccounted > 0) process.exitCode = 1;
}

function describeLedger({ time }: CommandContext, ledger: Ledger): string {
  const statuses = Object.entries(ledger.statuses).map(([status, count]) => `${count} ${status}`);
  const facts = formatFacts([
    ['from', time(ledger.from)],
    ['until', time(ledger.until)],
    ['expected', ledger.expected],
    ['accounted', ledger.accounted],
    ['pending', ledger.pending],
    ['unaccounted', ledger.unaccounted],
    ['unexpected', ledger.unexpected],
    ['recorded', statuses.join(', ')],
  ]);
  const days = formatTable(
    ['DAY (UTC)', 'EXPECTED', 'ACCOUNTED', 'PENDING', 'UNACCOUNTED', 'UNEXPECTED', 'SOURCE'],
    ledger.days.map((day) => [
      day.day,
      ...[day.expected, day.accounted, day.pending, day.unaccounted, day.unexpected].map(String),
      day.source,
    ]),
  );
  const problems = ledger.problems.map(({ kind, taskId, at, message }) =>
    [kind, `task ${taskId}`, time(at), message].filter((part) => part !== '').join('  '),
  );
  return [facts, '', days, ...(problems.length === 0 ? [] : ['', ...problems])].join('\n');
}
