import { z } from 'zod';

import { HttpProblem } from './problem.ts';

/** Writes the position after a page as text that clients only hand back. `list` names the list and its order. */
export function encodeCursor(list: string, values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...values])).toString('base64url');
}

/** Reads a cursor of the same list and order. @throws HttpProblem 400 for anything that `encodeCursor` did not write for it. */
export function decodeCursor<Values extends readonly z.ZodType[]>(
  cursor: string | undefined,
  list: string,
  shape: z.ZodTuple<[...Values]>,
): z.infer<z.ZodTuple<[...Values]>> | null {
  if (cursor === undefined) return null;
  const [name, ...values] = readArray(cursor);
  const parsed = shape.safeParse(values);
  if (name !== list || !parsed.success) {
    throw new HttpProblem(
      400,
      'invalid_cursor',
      'The cursor does not belong to this list in this order. Start again without it.',
    );
  }
  return parsed.data;
}

export const CursorInstant = z.int().min(-8.64e15).max(8.64e15);
export const CursorBigint = z
  .string()
  .regex(/^-?\d{1,19}$/)
  .refine((text) => text.length < 19 || (!text.startsWith('-') && text <= '9223372036854775807'));

function readArray(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
