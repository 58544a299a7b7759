import type { Argv } from 'yargs';

import type { Task } from '../../api/contract/task.ts';
import { describeTimeZoneFault, isTimeZone } from '../../core/time-zone.ts';
import { type ApiClient, openClient, RefusedError } from '../client.ts';
import { CommandError } from '../command-error.ts';
import { formatInstant } from '../output.ts';
import { readInstant } from '../read-instant.ts';

export interface ServerOptions {
  readonly url: string;
  readonly json: boolean;
  readonly timeZone: string | undefined;
}

export interface PagingOptions {
  readonly limit: number;
  readonly all: boolean;
}

/** What every command needs that asks a server. */
export interface CommandContext {
  readonly client: ApiClient;
  readonly timeZone: string;
  /** Prints the document with --json, otherwise the text. */
  readonly show: (document: unknown, text: () => string) => void;
  /** An instant of an answer for people; nothing for null. */
  readonly time: (instant: string | null) => string;
  /** An instant that a person typed, as the API takes it. */
  readonly instant: ReadTypedInstant;
}

interface ReadTypedInstant {
  (text: string): string;
  (text: string | undefined): string | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** A variable that is set to nothing counts as not set. */
function urlOf(variable: string | undefined): string {
  return variable === undefined || variable === '' ? DEFAULT_URL : variable;
}

/** The options of every command that asks a server. */
export function withServer<T>(command: Argv<T>) {
  return command
    .option('url', {
      type: 'string',
      default: urlOf(process.env.ALMANAC_URL),
      defaultDescription: DEFAULT_URL,
      describe: 'Where the API is (ALMANAC_URL)',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print one JSON document, as the API answered' })
    .option('time-zone', {
      type: 'string',
      describe: 'Time zone in which times are shown; the local one when left out',
    });
}

/** The options of every list. */
export function withPaging<T>(command: Argv<T>) {
  return command
    .option('limit', { type: 'number', default: 50, describe: 'How many at most' })
    .option('all', { type: 'boolean', default: false, describe: 'All that there are' });
}

/** @throws CommandError when --url or --time-zone is none. */
export function openCommand({ url, json, timeZone }: ServerOptions): CommandContext {
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw new CommandError(`--time-zone ${timeZone}: ${describeTimeZoneFault(timeZone)}`);
  }
  const zone = timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return {
    client: openClient(url),
    timeZone: zone,
    show(document, text) {
      console.log(json ? JSON.stringify(document, null, 2) : text());
    },
    time: (instant) => formatInstant(instant, zone),
    instant: ((text: string | undefined) =>
      text === undefined ? undefined : readInstant(text, Date.now())) as ReadTypedInstant,
  };
}

interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
}

/** Follows the cursors of a list; says on stderr when it ends before the list does. */
export async function listPages<Item>(
  { limit, all }: PagingOptions,
  ask: (query: { limit: number; cursor: string | undefined }) => Promise<Page<Item>>,
): Promise<Item[]> {
  if (!Number.isInteger(limit) || limit < 1) throw new CommandError('--limit: expected a whole number of at least 1');
  const wanted = all ? Infinity : limit;
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({ limit: Math.min(MAX_PAGE, wanted - items.length), cursor });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < wanted);
  if (cursor !== undefined) console.error(`There are more than these ${items.length}: raise --limit, or use --all.`);
  return items;
}

const MAX_PAGE = 200;

/** The task with this id or, when there is none, with this key. @throws CommandError when there is neither. */
export async function findTask(client: ApiClient, idOrKey: string): Promise<Task> {
  const byId = await readTask(client, idOrKey);
  if (byId !== undefined) return byId;
  const { items } = await client.call('listTasks', { query: { key: idOrKey, limit: 1 } });
  const [byKey] = items;
  if (byKey === undefined) throw new CommandError(`There is no task with the id or the key ${idOrKey}.`);
  return client.call('getTask', { params: { taskId: byKey.id } });
}

async function readTask(client: ApiClient, taskId: string): Promise<Task | undefined> {
  if (!/^[1-9]\d{0,18}$/.test(taskId)) return undefined;
  try {
    return await client.call('getTask', { params: { taskId } });
  } catch (error) {
    if (error instanceof RefusedError && (error.status === 404 || error.status === 400)) return undefined;
    throw error;
  }
}
