import { parseDocument } from 'yaml';
import { z } from 'zod';

import { CalendarInput } from '../api/contract/calendar.ts';
import { CalendarName } from '../api/contract/exclusion.ts';
import { type TaskDraft, TaskInput } from '../api/contract/task.ts';
import { type FieldError, InvalidInputError } from '../core/errors.ts';

/** A task of a file, as it can be posted. It always has a key: that is how `almanac apply` finds it again. */
export type FileTask = TaskDraft & { readonly key: string };
/** An exclusion calendar of a file. */
export type FileCalendar = z.output<typeof CalendarEntry>;

export interface ApplyFile {
  readonly calendars: readonly FileCalendar[];
  readonly tasks: readonly FileTask[];
}

/**
 * Reads the calendars and the tasks of a YAML (or JSON) file for `almanac apply`. An entry of `tasks` is a task as posted; `count: 300`
 * makes 300 of it, with `{n}` in any text standing for 1 to 300. An entry of `calendars` is a calendar with its name. `{name}` stands for
 * a variable of the file's `variables`, which `variables` here overrides. A `key` that is left out is made from the name.
 * @throws InvalidInputError with everything that is wrong, at paths such as `tasks.3.schedule.at`.
 */
export function readApplyFile(text: string, variables: Readonly<Record<string, string>> = {}): ApplyFile {
  const file = parseFile(text);
  const known = { ...file.variables, ...variables };
  const errors: FieldError[] = [];
  const calendars = readCalendars(file.calendars, known, errors);
  const tasks = readTasks(file.tasks, known, errors);
  if (errors.length > 0) throw new InvalidInputError(errors);
  return { calendars, tasks };
}

/** The tasks of such a file. @throws InvalidInputError as `readApplyFile`. */
export function readTaskFile(text: string, variables: Readonly<Record<string, string>> = {}): readonly FileTask[] {
  return readApplyFile(text, variables).tasks;
}

/** Reads a file of one task as posted. @throws InvalidInputError */
export function readOneTask(text: string): TaskDraft {
  const content = parseYaml(text);
  const parsed = TaskInput.safeParse(content);
  if (!parsed.success) throw new InvalidInputError(fieldErrors(parsed.error, []));
  return content as TaskDraft;
}

const MAX_TASKS = 50_000;
const MAX_COUNT = 10_000;
const MAX_KEY_LENGTH = 200;

const CalendarEntry = CalendarInput.extend({ name: CalendarName });

const TaskFile = z
  .strictObject({
    variables: z.record(z.string().regex(/^[a-zA-Z]\w{0,62}$/), z.string()).default({}),
    calendars: z.array(z.unknown()).default([]),
    tasks: z.array(z.looseObject({ count: z.int().min(1).max(MAX_COUNT).optional() })).default([]),
  })
  .refine(({ calendars, tasks }) => calendars.length + tasks.length > 0, {
    path: ['tasks'],
    error: 'expected tasks, or calendars',
  });
type Entry = z.infer<typeof TaskFile>['tasks'][number];

function parseFile(text: string): z.infer<typeof TaskFile> {
  const parsed = TaskFile.safeParse(parseYaml(text));
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(fieldErrors(parsed.error, []));
}

function parseYaml(text: string): unknown {
  // Unknown aliases and doubled keys are errors; a bomb of nested aliases is refused by the parser's own limit.
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  if (document.errors.length > 0)
    throw new InvalidInputError(document.errors.map((error) => ({ path: '', message: error.message.trim() })));
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (error) {
    throw new InvalidInputError([{ path: '', message: error instanceof Error ? error.message : String(error) }]);
  }
}

function readCalendars(
  entries: readonly unknown[],
  variables: Readonly<Record<string, string>>,
  errors: FieldError[],
): FileCalendar[] {
  const calendars: FileCalendar[] = [];
  for (const [index, entry] of entries.entries()) {
    const parsed = CalendarEntry.safeParse(fill(entry, variables));
    if (!parsed.success) {
      errors.push(...fieldErrors(parsed.error, ['calendars', index]));
      continue;
    }
    const { name } = parsed.data;
    const first = calendars.findIndex((calendar) => calendar.name === name);
    if (first === -1) calendars.push(parsed.data);
    else errors.push({ path: `calendars.${index}.name`, message: `"${name}" is named above already` });
  }
  return calendars;
}

function readTasks(
  entries: readonly Entry[],
  variables: Readonly<Record<string, string>>,
  errors: FieldError[],
): FileTask[] {
  const tasks: FileTask[] = [];
  const entryOfKey = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    for (const draft of expandEntry(entry, index, variables, errors)) {
      const first = entryOfKey.get(draft.key);
      if (first === undefined) {
        entryOfKey.set(draft.key, index);
        tasks.push(draft);
        continue;
      }
      errors.push({ path: `tasks.${index}.key`, message: sameKey(draft.key, first, index) });
      break; // the other copies of the entry would only say it again
    }
  }
  if (tasks.length > MAX_TASKS) errors.push({ path: 'tasks', message: `these are more than ${MAX_TASKS} tasks` });
  return tasks;
}

/** The tasks of one entry. What is wrong with it is wrong with every copy, so the first bad copy is enough. */
function expandEntry(
  entry: Entry,
  index: number,
  variables: Readonly<Record<string, string>>,
  errors: FieldError[],
): readonly FileTask[] {
  const { count, ...template } = entry;
  const tasks: FileTask[] = [];
  for (let n = 1; n <= (count ?? 1); n += 1) {
    const numbered = count === undefined ? variables : { ...variables, n: String(n) };
    const draft = fill(template, numbered) as Readonly<Record<string, unknown>>;
    const withKey = { ...draft, key: draft.key ?? slugOf(draft.name) };
    const parsed = TaskInput.safeParse(withKey);
    if (!parsed.success) {
      errors.push(...fieldErrors(parsed.error, ['tasks', index]));
      return [];
    }
    // What was left out stays left out: the server has the defaults, and may have other ones than this client.
    tasks.push(withKey as unknown as FileTask);
  }
  return tasks;
}

/** Replaces `{name}` in every text inside `value`. Braces around anything but a known name are left as they are. */
function fill(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string')
    return value.replace(/\{([a-zA-Z]\w*)\}/g, (whole, name: string) =>
      Object.hasOwn(variables, name) ? String(variables[name]) : whole,
    );
  if (Array.isArray(value)) return value.map((item) => fill(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, variables)]));
}

/** `pH of batch 7` becomes `ph-of-batch-7`; a name without any letter that can be kept becomes nothing, which is then refused. */
function slugOf(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_KEY_LENGTH)
    .replace(/^-+|-+$/g, '');
}

function fieldErrors(error: z.ZodError, above: readonly (string | number)[]): FieldError[] {
  return error.issues.map((issue) => ({
    path: [...above, ...issue.path].map(String).join('.'),
    message: issue.message,
  }));
}

function sameKey(key: string, first: number, index: number): string {
  if (first === index) return `every copy has the key "${key}": put {n} into the key or the name`;
  return `"${key}" is the key of tasks.${first} already`;
}
