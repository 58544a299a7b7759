import type { z } from 'zod';

import { type FieldError, InvalidInputError } from '../core/errors.ts';
import { findUnstorable } from './unstorable.ts';

/** Checks a value against its schema, and that all its text can be stored. @throws InvalidInputError with every field that is wrong. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  const errors = [...findUnstorable(value), ...(result.success ? [] : result.error.issues.flatMap(toFieldErrors))];
  if (errors.length > 0 || !result.success) throw new InvalidInputError(errors);
  return result.data;
}

function toFieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'unknown field' }));
    case 'invalid_key':
      return issue.issues.map((inner) => ({
        path: path.join('.'),
        message: `a name that is not allowed: ${inner.message}`,
      }));
    default:
      return [{ path: path.join('.'), message: issue.message }];
  }
}
