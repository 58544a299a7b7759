import type { Argv } from 'yargs';

import type { PriceTag } from '../../api/contract/price-tag.ts';
import type { Task, TaskDryRun } from '../../api/contract/task.ts';
import { SCHEDULE_KINDS, type ScheduleKind, TASK_STATUSES, type TaskStatus } from '../../core/task.ts';
import { readDocumentFile } from '../document-file.ts';
import { formatFacts, formatTable } from '../output.ts';
import { readOneTask } from '../task-file.ts';
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

/** `almanac tasks …` */
export function addTaskCommands(cli: Argv): void {
  cli.command('tasks', 'List, show and change tasks', (tasks) =>
    tasks
      .command(
        'list',
        'List tasks with their next run',
        (command) =>
          withPaging(withServer(command))
            .option('status', { choices: TASK_STATUSES, describe: 'Only those with this status' })
            .option('type', { type: 'string', describe: 'Only those of this task type' })
            .option('kind', { choices: SCHEDULE_KINDS, describe: 'Only those with this kind of schedule' })
            .option('label', { type: 'string', describe: 'Only those with this label, as key=value' })
            .option('name', { type: 'string', describe: 'Only those with this in their name' }),
        (options) => listTasks(options),
      )
      .command(
        'show <task>',
        'Show one task',
        (command) => withTask(command),
        (options) => showTask(options),
      )
      .command(
        'create',
        'Create the task of a file',
        (command) =>
          withServer(command)
            .option('file', {
              alias: 'f',
              type: 'string',
              demandOption: true,
              describe: 'YAML or JSON file with one task as posted to the API; - is the standard input',
            })
            .option('dry-run', { type: 'boolean', default: false, describe: 'Only say when it would run' }),
        (options) => createTask(options),
      )
      .command(
        'delete <task>',
        'Delete a task; its history stays',
        (command) => withTask(command),
        (options) => deleteTask(options),
      )
      .command(
        'pause <task>',
        'Pause a task',
        (command) =>
          withTask(command)
            .option('reason', { type: 'string', describe: 'Why' })
            .option('until', { type: 'string', describe: 'Until when; until somebody resumes it when left out' }),
        (options) => pauseTask(options),
      )
      .command(
        'resume <task>',
        'Schedule a task again, from now on',
        (command) => withTask(command),
        (options) => resumeTask(options),
      )
      .command(
        'deactivate <task>',
        'Stop scheduling a task',
        (command) => withTask(command).option('reason', { type: 'string', describe: 'Why' }),
        (options) => deactivateTask(options),
      )
      .command(
        'history <task>',
        'List what a task was and when, last change first',
        (command) => withPaging(withTask(command)),
        (options) => listRevisions(options),
      )
      .demandCommand(1, 'Say what to do with tasks.'),
  );
}

interface TaskOptions extends ServerOptions {
  readonly task: string;
}

function withTask<T>(command: Argv<T>) {
  return withServer(command).positional('task', {
    type: 'string',
    demandOption: true,
    describe: 'Its id or its key',
  });
}

interface ListOptions extends ServerOptions, PagingOptions {
  readonly status: TaskStatus | undefined;
  readonly type: string | undefined;
  readonly kind: ScheduleKind | undefined;
  readonly label: string | undefined;
  readonly name: string | undefined;
}

async function listTasks(options: ListOptions): Promise<void> {
  const { client, show, time } = openCommand(options);
  const { status, type: taskType, kind: scheduleKind, label, name: q } = options;
  const filter = { status, taskType, scheduleKind, label, q, sort: 'id' } as const;
  const tasks = await listPages(options, (page) => client.call('listTasks', { query: { ...filter, ...page } }));
  show(tasks, () =>
    formatTable(
      ['ID', 'KEY', 'STATUS', 'TYPE', 'NEXT RUN', 'NAME', 'SCHEDULE'],
      tasks.map((task) => [
        task.id,
        task.key ?? '',
        task.status,
        task.taskType,
        time(task.nextRuns[0] ?? null),
        task.name,
        task.scheduleText,
      ]),
    ),
  );
}

async function showTask(options: TaskOptions): Promise<void> {
  const context = openCommand(options);
  const task = await findTask(context.client, options.task);
  context.show(task, () => describeTask(context, task));
}

async function createTask(options: ServerOptions & { file: string; dryRun: boolean }): Promise<void> {
  const context = openCommand(options);
  const { client, show } = context;
  const body = readDocumentFile(options.file, readOneTask);
  if (options.dryRun) {
    const plan = (await client.call('createTask', { query: { dryRun: 'plan' }, body })) as TaskDryRun;
    show(plan, () => describePlan(context, plan));
    return;
  }
  const task = (await client.call('createTask', { body })) as Task;
  show(task, () => `Created task ${task.id}.\n\n${describeTask(context, task)}`);
}

async function deleteTask(options: TaskOptions): Promise<void> {
  const { client, show } = openCommand(options);
  const task = await findTask(client, options.task);
  await client.call('deleteTask', { params: { taskId: task.id } });
  show({ deleted: task.id }, () => `Deleted task ${task.id}, ${task.name}.`);
}

async function pauseTask(options: TaskOptions & { reason: string | undefined; until: string | undefined }) {
  const { client, show, time, instant } = openCommand(options);
  const body = { reason: options.reason ?? null, until: instant(options.until) ?? null };
  const { id: taskId } = await findTask(client, options.task);
  const task = await client.call('pauseTask', { params: { taskId }, body });
  const until = task.pausedUntil === null ? '' : ` until ${time(task.pausedUntil)}`;
  show(task, () => `Task ${task.id} is paused${until}.`);
}

async function resumeTask(options: TaskOptions): Promise<void> {
  const { client, show, time } = openCommand(options);
  const { id: taskId } = await findTask(client, options.task);
  const task = await client.call('activateTask', { params: { taskId } });
  const [next] = task.nextRuns;
  show(
    task,
    () => `Task ${task.id} is active. ${next === undefined ? 'It has no next run.' : `Next run: ${time(next)}`}`,
  );
}

async function deactivateTask(options: TaskOptions & { reason: string | undefined }): Promise<void> {
  const { client, show } = openCommand(options);
  const { id: taskId } = await findTask(client, options.task);
  const task = await client.call('deactivateTask', { params: { taskId }, body: { reason: options.reason ?? null } });
  show(task, () => `Task ${task.id} is inactive.`);
}

async function listRevisions(options: TaskOptions & PagingOptions): Promise<void> {
  const { client, show, time } = openCommand(options);
  const { id: taskId } = await findTask(client, options.task);
  const revisions = await listPages(options, (query) =>
    client.call('listTaskRevisions', { params: { taskId }, query }),
  );
  show(revisions, () =>
    formatTable(
      ['REVISION', 'CHANGE', 'FROM', 'UNTIL', 'STATUS', 'NAME', 'SCHEDULE'],
      revisions.map((revision) => [
        String(revision.revision),
        revision.change,
        time(revision.validFrom),
        time(revision.validUntil),
        revision.status,
        revision.name,
        revision.scheduleText,
      ]),
    ),
  );
}

function describeTask({ time }: CommandContext, task: Task): string {
  const { lastRun } = task;
  const labels = Object.entries(task.labels).map(([key, value]) => `${key}=${value}`);
  const facts = formatFacts([
    ['id', task.id],
    ['key', task.key],
    ['name', task.name],
    ['type', task.taskType],
    ['status', task.status],
    ['reason', task.statusReason],
    ['paused until', time(task.pausedUntil)],
    ['schedule', task.scheduleText],
    ['fault', task.expandError],
    ['revision', task.revision],
    ['priority', task.priority],
    ['overlap', task.policies.overlap],
    ['misfire', task.policies.misfire],
    ['labels', labels.join(', ')],
    ['recipients', task.recipients.join(', ')],
    ['last run', lastRun === null ? null : `${lastRun.status} ${time(lastRun.endTime)}`],
    ['payload', JSON.stringify(task.payload)],
  ]);
  return `${facts}\n${describeNextRuns(time, task.nextRuns)}`;
}

function describePlan({ time }: CommandContext, plan: TaskDryRun): string {
  const warnings = plan.warnings.map((warning) => `warning: ${warning}`);
  const cost = plan.capacity === null ? [] : [describePrice(time, plan.capacity)];
  return [plan.scheduleText, describeNextRuns(time, plan.nextRuns), ...cost, ...warnings].join('\n');
}

function describePrice(time: CommandContext['time'], price: PriceTag): string {
  const { peakBefore, peakAfter, replicaMinutesPerDay, nearestCheaper, firstLateAt } = price;
  const shift = nearestCheaper === null ? 0 : nearestCheaper.shiftMs / 60_000;
  return [
    `costs: peak ${peakBefore} -> ${peakAfter} instances, ${Math.round(replicaMinutesPerDay)} instance minutes a day`,
    ...(nearestCheaper === null
      ? []
      : [`  ${Math.abs(shift)} min ${shift < 0 ? 'earlier' : 'later'}: peak ${nearestCheaper.peakAfter}`]),
    ...(firstLateAt === null ? [] : [`  within the limit work of ${time(firstLateAt)} would start late`]),
  ].join('\n');
}

function describeNextRuns(time: CommandContext['time'], nextRuns: readonly string[]): string {
  if (nextRuns.length === 0) return 'no next run';
  return ['next runs', ...nextRuns.map((at) => `  ${time(at)}`)].join('\n');
}
