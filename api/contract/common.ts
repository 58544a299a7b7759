import { z } from 'zod';

/** An instant: ISO 8601 with an offset or `Z`; answers are always UTC with milliseconds. */
export const Instant = z.iso
  .datetime({ offset: true, error: 'expected an ISO 8601 instant with an offset, such as 2026-11-21T09:00:00Z' })
  .refine((text) => isWithinYears(text, 1970, 2200), { error: 'expected a year from 1970 to 2200' })
  .meta({ id: 'Instant', description: 'ISO 8601 instant with an offset; answers are UTC with milliseconds.' });

/** A wall-clock time without an offset: which instant it is, a time zone beside it says. */
export const LocalTime = z.iso
  .datetime({ local: true, error: 'expected a local time, such as 2026-11-21T09:00' })
  .refine((text) => isWithinYears(`${text}Z`, 1970, 2200), { error: 'expected a year from 1970 to 2200' });

function isWithinYears(text: string, first: number, last: number): boolean {
  const year = new Date(text).getUTCFullYear();
  return Number.isNaN(year) || (year >= first && year <= last); // what is no instant has its own message
}

/** One line of text for people: no control characters, not blank. */
export const Name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/u.test(text), {
    error: 'control characters, lone surrogates and text direction overrides are not allowed',
  });

export const TaskTypeName = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$/, {
    error: 'expected lower-case words joined by dots, such as http.request',
  })
  .max(100);

export const TaskId = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, { error: 'expected the id of a task: a whole number as text' })
  .refine((text) => text.length < 19 || text <= '9223372036854775807', { error: 'expected the id of a task' });

/** Durations as posted: whole milliseconds up to a week, unless said otherwise. */
export const DurationMs = z.int().min(1).max(604_800_000);

/** The query parameters that every list takes. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'How many items a page holds.' }),
  cursor: z.string().max(2_000).optional().meta({ description: 'The nextCursor of the page before.' }),
});

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().meta({ description: 'Ask for the next page with it; null on the last page.' }),
  });
}

/** RFC 9457 problem document; every error answer of the API is one. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.string().meta({ description: 'Stable word for programs.' }),
    requestId: z.string().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
