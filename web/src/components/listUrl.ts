import type { z } from 'zod';

export interface ListUrl<Query> {
  readonly query: Partial<Query>;
  /** Parameters that the API would refuse; they are left out, and the page says so. */
  readonly dropped: readonly string[];
}

/** Parameters that belong to the whole application and not to the list. */
const COMMON_PARAMETERS = new Set(['tz']);

/** Reads a list's filter, order and page from the address, with the very schema that the API reads them with. */
export function readListUrl<Schema extends z.ZodObject>(
  schema: Schema,
  search: URLSearchParams,
): ListUrl<z.output<Schema>> {
  const query: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const [name, text] of search) {
    if (COMMON_PARAMETERS.has(name)) continue;
    const parameter = schema.shape[name] as z.ZodType | undefined;
    const parsed = parameter?.safeParse(text);
    if (parsed?.success === true) query[name] = parsed.data;
    else dropped.push(name);
  }
  return { query: query as Partial<z.output<Schema>>, dropped };
}

/**
 * The address after a change: undefined and empty values go away. Every change but one of the page itself goes back to
 * the first page, since the old place means nothing in another list.
 */
export function changeListUrl(
  search: URLSearchParams,
  changes: Readonly<Record<string, string | number | undefined>>,
): URLSearchParams {
  const next = new URLSearchParams(search);
  if (!('page' in changes)) next.delete('page');
  if (!('cursor' in changes)) next.delete('cursor');
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, String(value));
  }
  return next;
}
