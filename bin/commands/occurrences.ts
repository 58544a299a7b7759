import type { Argv } from 'yargs';

import type { Occurrence, Run } from '../../api/contract/occurrence.ts';
import { OCCURRENCE_STATUSES, type OccurrenceStatus } from '../../core/occurrence.ts';
import { formatFacts, formatTable } from '../output.ts';
import {
  type CommandContext,
  findTask,
  listPages,
  openCommand,
  type PagingOptions,
  type ServerOptions,
  withPaging,
  withServer,
} from './command-context.ts';

/** `almanac occurrences …` */
export function addOccurrenceCommands(cli: Argv): void {
  cli.command('occurrences', 'List, show and change occurrences: the schedule itself', (occurrences) =>
    occurrences
      .command(
        'list',
        'List occurrences of the past seven days and of the future, last first',
        (command) =>
          withPaging(withServer(command))
            .option('task', { type: 'string', describe: 'Only those of this task: its id or its key' })
            .option('status', { choices: OCCURRENCE_STATUSES, describe: 'Only those with this status' })
            .option('type', { type: 'string', describe: 'Only those of this task type' })
            .option('from', { type: 'string', describe: 'Scheduled at this instant or later' })
            .option('until', { type: 'string', describe: 'Scheduled before this instant' })
            .option('order', { choices: ['asc', 'desc'] as const, default: 'desc' as const, describe: 'By time' }),
        (options) => listOccurrences(options),
      )
      .command('show <occurrence>', 'Show one occurrence with its runs', withOccurrence, (options) =>
        showOccurrence(options),
      )
      .command(
        'cancel <occurrence>',
        'Cancel one occurrence; one that runs is asked to stop',
        withOccurrence,
        (options) => cancelOccurrence(options),
      )
      .command(
        'reschedule <occurrence> <instant>',
        'Move one occurrence that has not started',
        (command) =>
          withOccurrence(command).positional('instant', {
            type: 'string',
            demandOption: true,
            describe: 'When it is to run: ISO 8601 with an offset, or from now, such as +90m',
          }),
        (options) => rescheduleOccurrence(options),
      )
      .command('redrive <occurrence>', 'Send a failed occurrence round again', withOccurrence, (options) =>
        redriveOccurrence(options),
      )
      .demandCommand(1, 'Say what to do with occurrences.'),
  );
}

interface OccurrenceOptions extends ServerOptions {
  readonly occurrence: string;
}

function withOccurrence<T>(command: Argv<T>) {
  return withServer(command).positional('occurrence', {
    type: 'string',
    demandOption: true,
    describe: 'Its id, such as 12-1795251600000',
  });
}

interface ListOptions extends ServerOptions, PagingOptions {
  readonly task: string | undefined;
  readonly status: OccurrenceStatus | undefined;
  readonly type: string | undefined;
  readonly from: string | undefined;
  readonly until: string | undefined;
  readonly order: 'asc' | 'desc';
}

async function listOccurrences(options: ListOptions): Promise<void> {
  const { client, show, time, instant } = openCommand(options);
  const { status, type: taskType, order } = options;
  const range = { from: instant(options.from), until: instant(options.until) };
  const taskId = options.task === undefined ? undefined : (await findTask(client, options.task)).id;
  const query = { taskId, status, taskType, order, ...range };
  const occurrences = await listPages(options, (page) =>
    client.call('listOccurrences', { query: { ...query, ...page } }),
  );
  show(occurrences, () =>
    formatTable(
      ['ID', 'SCHEDULED', 'STATUS', 'TRIGGER', 'ATTEMPT', 'TASK', 'REASON'],
      occurrences.map((one) => [
        one.id,
        time(one.scheduledTime),
        one.status,
        one.trigger,
        String(one.attempt),
        one.taskName,
        one.reason ?? '',
      ]),
    ),
  );
}

async function showOccurrence(options: OccurrenceOptions): Promise<void> {
  const { client, show, time } = openCommand(options);
  const params = { id: options.occurrence };
  const occurrence = await client.call('getOccurrence', { params });
  const { items: runs } = await client.call('listOccurrenceRuns', { params });
  show({ ...occurrence, runs }, () => `${describeOccurrence(time, occurrence)}${describeRuns(time, runs)}`);
}

async function cancelOccurrence(options: OccurrenceOptions): Promise<void> {
  const { client, show } = openCommand(options);
  const occurrence = await client.call('cancelOccurrence', { params: { id: options.occurrence } });
  const text = occurrence.status === 'Cancelled' ? 'is cancelled' : 'runs and is asked to stop';
  show(occurrence, () => `Occurrence ${occurrence.id} ${text}.`);
}

async function rescheduleOccurrence(options: OccurrenceOptions & { instant: string }): Promise<void> {
  const { client, show, time, instant } = openCommand(options);
  const body = { dueAt: instant(options.instant) };
  const occurrence = await client.call('rescheduleOccurrence', { params: { id: options.occurrence }, body });
  show(occurrence, () => `Occurrence ${occurrence.id} is due at ${time(occurrence.dueAt)}.`);
}

async function redriveOccurrence(options: OccurrenceOptions): Promise<void> {
  const { client, show } = openCommand(options);
  const occurrence = await client.call('redriveOccurrence', { params: { id: options.occurrence } });
  show(occurrence, () => `Occurrence ${occurrence.id} goes round again.`);
}

/** All that is known of an occurrence, one line each. */
export function describeOccurrence(time: CommandContext['time'], occurrence: Occurrence): string {
  return formatFacts([
    ['id', occurrence.id],
    ['task', `${occurrence.taskId}, ${occurrence.taskName}`],
    ['type', occurrence.taskType],
    ['scheduled', time(occurrence.scheduledTime)],
    ['trigger', occurrence.trigger],
    ['status', occurrence.status],
    ['reason', occurrence.reason],
    ['blocked by', occurrence.blockedBy],
    ['due', time(occurrence.dueAt)],
    ['attempt', occurrence.attempt],
    ['started', time(occurrence.startTime)],
    ['ended', time(occurrence.endTime)],
    ['held by', occurrence.lockedBy],
  ]);
}

function describeRuns(time: CommandContext['time'], runs: readonly Run[]): string {
  if (runs.length === 0) return '';
  const table = formatTable(
    ['RUN', 'STARTED', 'OUTCOME', 'TOOK', 'LATE', 'ERROR'],
    runs.map((run) => [
      run.id,
      time(run.startedAt),
      run.outcome ?? 'running',
      run.elapsedMs === null ? '' : `${Math.round(run.elapsedMs)} ms`,
      `${Math.round(run.latenessMs)} ms`,
      run.error ?? '',
    ]),
  );
  return `\n\n${table}`;
}
