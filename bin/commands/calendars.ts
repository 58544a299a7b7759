import type { Argv } from 'yargs';

import type { Calendar, CalendarImport } from '../../api/contract/calendar.ts';
import type { ExclusionRule } from '../../api/contract/exclusion.ts';
import { applyCommand } from '../apply.ts';
import { readDocumentFile } from '../document-file.ts';
import { formatFacts, formatTable } from '../output.ts';
import { type CommandContext, openCommand, type ServerOptions, withServer } from './command-context.ts';

/** `almanac calendars …` */
export function addCalendarCommands(cli: Argv): void {
  cli.command('calendars', 'List, show and change exclusion calendars', (calendars) =>
    calendars
      .command(
        'list',
        'List calendars',
        (command) => withServer(command),
        (options) => listCalendars(options),
      )
      .command(
        'show <name>',
        'Show one calendar',
        (command) => withName(command),
        (options) => showCalendar(options),
      )
      .command(
        'apply',
        'Make the calendars of a file exist as the file says; see `almanac apply`',
        (command) =>
          withServer(command)
            .option('file', { alias: 'f', type: 'string', demandOption: true, describe: 'YAML file with calendars' })
            .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what would change' }),
        (options) => applyCommand({ ...options, only: 'calendars' }),
      )
      .command(
        'import <name> <file>',
        'Create or replace a calendar from an iCalendar file',
        (command) =>
          withName(command)
            .positional('file', { type: 'string', demandOption: true, describe: 'Such as holidays.ics; - is stdin' })
            .option('title', { type: 'string', describe: 'As the file says when left out' })
            .option('zone', { type: 'string', describe: 'Its time zone; as the file says, else UTC, when left out' })
            .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what would be imported' }),
        (options) => importCalendar(options),
      )
      .command(
        'delete <name>',
        'Delete a calendar that no task names',
        (command) => withName(command),
        (options) => deleteCalendar(options),
      )
      .demandCommand(1, 'Say what to do with calendars.'),
  );
}

interface NameOptions extends ServerOptions {
  readonly name: string;
}

function withName<T>(command: Argv<T>) {
  return withServer(command).positional('name', {
    type: 'string',
    demandOption: true,
    describe: 'Its name, such as holidays-it',
  });
}

async function listCalendars(options: ServerOptions): Promise<void> {
  const { client, show, time } = openCommand(options);
  const { items } = await client.call('listCalendars', {});
  show(items, () =>
    formatTable(
      ['NAME', 'RULES', 'TASKS', 'TIME ZONE', 'UPDATED', 'TITLE'],
      items.map((calendar) => [
        calendar.name,
        String(calendar.rules.length),
        String(calendar.tasks),
        calendar.timeZone,
        time(calendar.updatedAt),
        calendar.title,
      ]),
    ),
  );
}

async function showCalendar(options: NameOptions): Promise<void> {
  const context = openCommand(options);
  const calendar = await context.client.call('getCalendar', { params: { name: options.name } });
  context.show(calendar, () => describeCalendar(context, calendar));
}

interface ImportOptions extends NameOptions {
  readonly file: string;
  readonly title: string | undefined;
  readonly zone: string | undefined;
  readonly dryRun: boolean;
}

async function importCalendar(options: ImportOptions): Promise<void> {
  const context = openCommand(options);
  const { name, title, zone: timeZone, dryRun } = options;
  const ical = readDocumentFile(options.file, (text) => text);
  const result = await context.client.call('importCalendar', {
    params: { name },
    body: { ical, title, timeZone, dryRun },
  });
  context.show(result, () => describeImport(context, name, result));
}

async function deleteCalendar(options: NameOptions): Promise<void> {
  const { client, show } = openCommand(options);
  await client.call('deleteCalendar', { params: { name: options.name } });
  show({ deleted: options.name }, () => `Deleted calendar ${options.name}.`);
}

function describeCalendar(context: CommandContext, calendar: Calendar): string {
  const facts = formatFacts([
    ['name', calendar.name],
    ['title', calendar.title],
    ['time zone', calendar.timeZone],
    ['revision', calendar.revision],
    ['tasks', calendar.tasks],
    ['updated', context.time(calendar.updatedAt)],
  ]);
  return `${facts}\n\n${describeRules(context, calendar.rules)}`;
}

function describeImport(context: CommandContext, name: string, result: CalendarImport): string {
  const done = result.calendar === null ? 'Would be imported as' : 'Imported as';
  const leftOut = result.leftOut.map(({ summary, reason }) => `left out: ${summary}: ${reason}`);
  const head = `${done} ${name}: ${result.title} (${result.timeZone}), ${result.rules.length} rules.`;
  return [head, '', describeRules(context, result.rules), ...(leftOut.length === 0 ? [] : ['', ...leftOut])].join('\n');
}

function describeRules(context: CommandContext, rules: readonly ExclusionRule[]): string {
  return formatTable(
    ['RULE', 'WHEN', 'LABEL'],
    rules.map((rule) => [rule.kind, describeWhen(context, rule), rule.label ?? '']),
  );
}

function describeWhen({ time }: CommandContext, rule: ExclusionRule): string {
  switch (rule.kind) {
    case 'date':
      return rule.date;
    case 'range':
      return `${time(rule.from)} to ${time(rule.until)}`;
    case 'weekly':
      return `${rule.weekdays.join(' ')} ${rule.from} to ${rule.until}`;
  }
}
