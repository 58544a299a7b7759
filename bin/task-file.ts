import { parseDocument } from 'yaml';
import { z } from 'zod';

import { type TaskDraft, TaskInput } from '../api/contract/task.ts';
import { type FieldError, InvalidInputError } from '../core/errors.ts';

/** A task of a file, as it can be posted. It always has a key: that is how `almanac apply` finds it again. */
export type FileTask = TaskDraft & { readonly key: string };

/**
 * Reads the tasks of a YAML (or JSON) file for `almanac apply`. An entry is a task as posted; `count: 300` makes 300 of it,
 * with `{n}` in any text standing for 1 to 300. `{name}` stands for a variable of the file's `variables`, which `variables` here overrides.
 * A `key` that is left out is made from the name.
 * @throws InvalidInputError with everything that is wrong, at paths such as `tasks.3.schedule.at`.
 */
export function readTaskFile(text: string, variables: Readonly<Record<string, string>> = {}): FileTask[] {
  const file = parseFile(text);
  const known = { ...file.variables, ...variables };
  const errors: FieldError[] = [];
  const tasks: FileTask[] = [];
  const entryOfKey = new Map<string, number>();

  for (const [index, entry] of file.tasks.entries()) {
    for (const draft of expandEntry(entry, index, known, errors)) {
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
  if (errors.length > 0) throw new InvalidInputError(errors);
  return tasks;
}

const MAX_TASKS = 50_000;
const MAX_COUNT = 10_000;
const MAX_KEY_LENGTH = 200;

const TaskFile = z.strictObject({
  variables: z.record(z.string().regex(/^[a-zA-Z]\w{0,62}$/), z.string()).default({}),
  tasks: z.array(z.looseObject({ count: z.int().min(1).max(MAX_COUNT).optional() })).min(1),
});
type Entry = z.infer<typeof TaskFile>['tasks'][number];

function parseFile(text: string): z.infer<typeof TaskFile> {
  // Unknown aliases and doubled keys are errors; a bomb of nested aliases is refused by the parser's own limit.
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  if (document.errors.length > 0)
    throw new InvalidInputError(document.errors.map((error) => ({ path: '', message: error.message.trim() })));
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new InvalidInputError([{ path: '', message: error instanceof Error ? error.message : String(error) }]);
  }
  const parsed = TaskFile.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(fieldErrors(parsed.error, []));
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
