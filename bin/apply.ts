import { describeCost, priceOfChanges } from './apply-cost.ts';
import { type Applied, applyCalendar, applyTask } from './apply-entry.ts';
import { openClient, RefusedError } from './client.ts';
import { CommandError } from './command-error.ts';
import { readDocumentFile } from './document-file.ts';
import { printable } from './output.ts';
import { type ApplyFile, readApplyFile } from './task-file.ts';
import { openTaskLookup } from './task-lookup.ts';

export interface ApplyOptions {
  readonly file: string;
  readonly url: string;
  readonly dryRun: boolean;
  readonly json: boolean;
  /** Leaves the tasks of the file alone. */
  readonly only?: 'calendars';
}

/** What became, or would become, of one entry of the file. */
interface Outcome {
  readonly name: string;
  readonly change: Applied['change'] | 'refused';
  /** Paths of what differs, such as `schedule.timeZone`. */
  readonly fields: readonly string[];
  readonly taskId?: string;
  readonly error: string | null;
}

const APPLIED_AT_ONCE = 8;

/**
 * Makes every calendar and every task of the file exist as the file says, found again by name and by key. What the file does not name is
 * left alone. Any number of copies may run at once.
 * @throws CommandError naming every entry that was refused, after the others were applied.
 */
export async function applyCommand(options: ApplyOptions): Promise<void> {
  const { dryRun, json } = options;
  const client = openClient(options.url);
  const file: ApplyFile = readDocumentFile(options.file, readApplyFile);

  const calendars = await forEach(file.calendars, 'name', (calendar) => applyCalendar(client, calendar, dryRun));
  const created = new Set(calendars.filter(({ change }) => change === 'created').map(({ name }) => name));
  const missing = dryRun ? created : new Set<string>();
  const wanted = options.only === undefined ? file.tasks : [];
  const lookup = await openTaskLookup(client, wanted.length);
  const tasks = await forEach(wanted, 'key', (task) => applyTask(client, task, { dryRun, lookup, missing }));

  const changes = wanted.flatMap((draft, index) => {
    const { change, taskId = null } = tasks[index] ?? {};
    return change === 'created' || change === 'changed' ? [{ draft, taskId }] : [];
  });
  const capacity = dryRun ? await priceOfChanges(client, changes, missing) : null;
  const entries = tasks.map(({ name, change, fields, error }) => ({ name, change, fields, error }));
  if (json) console.log(JSON.stringify({ dryRun, calendars, tasks: entries, ...(dryRun && { capacity }) }, null, 2));
  else console.log([describe(calendars, tasks, dryRun), ...describeCost(capacity)].join('\n'));
  const refused = [...calendars, ...tasks].filter(({ change }) => change === 'refused');
  if (refused.length === 0) return;
  const lines = refused.map(({ name, error }) => `  ${name}: ${String(error)}`);
  throw new CommandError(
    `${refused.length} of ${calendars.length + tasks.length} entries were refused:\n${lines.join('\n')}`,
  );
}

/**
 * Applies the entries, several at once, and answers in their order. Each copy begins somewhere else, so that copies that run at once share
 * the work. A server that is gone ends it all.
 */
async function forEach<Key extends string, Entry extends Readonly<Record<Key, string>>>(
  entries: readonly Entry[],
  key: Key,
  apply: (entry: Entry) => Promise<Applied>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const numbered = [...entries.entries()];
  const begin = Math.floor(Math.random() * numbered.length);
  const waiting = [...numbered.slice(begin), ...numbered.slice(0, begin)];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, entry] = next;
      try {
        outcomes[index] = { name: entry[key], ...(await apply(entry)), error: null };
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        outcomes[index] = { name: entry[key], change: 'refused', fields: [], error: printable(error.reason) };
      }
    }
  };
  await Promise.all(Array.from({ length: APPLIED_AT_ONCE }, worker));
  return outcomes;
}

function describe(calendars: readonly Outcome[], tasks: readonly Outcome[], dryRun: boolean): string {
  const plan = (what: string, outcomes: readonly Outcome[]) =>
    outcomes.map(({ name, change, fields }) => {
      const paths = fields.length === 0 ? '' : `: ${fields.join(', ')}`;
      return `${change.padEnd('unchanged'.length)}  ${what} ${name}${paths}`;
    });
  const sum = (outcomes: readonly Outcome[]) =>
    (['created', 'changed', 'unchanged'] as const)
      .map((change) => `${outcomes.filter((outcome) => outcome.change === change).length} ${change}`)
      .join(', ');
  return [
    ...(dryRun ? [...plan('calendar', calendars), ...plan('task', tasks)] : []),
    ...(calendars.length === 0 ? [] : [`${dryRun ? 'Calendars would be' : 'Calendars'}: ${sum(calendars)}`]),
    ...(tasks.length === 0 ? [] : [`${dryRun ? 'Tasks would be' : 'Tasks'}: ${sum(tasks)}`]),
  ].join('\n');
}
