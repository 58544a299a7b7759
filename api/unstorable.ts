import type { FieldError } from '../core/errors.ts';

/** Strings anywhere in a value that PostgreSQL can not keep, or that are not text: NUL characters and lone surrogates. */
export function findUnstorable(value: unknown, path = ''): FieldError[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [{ path, message: MESSAGE }];
  if (typeof value !== 'object' || value === null) return [];
  const errors: FieldError[] = [];
  for (const [key, member] of Object.entries(value)) {
    const memberPath = path === '' ? key : `${path}.${key}`;
    if (!isStorable(key)) errors.push({ path, message: `a field name: ${MESSAGE}` });
    else errors.push(...findUnstorable(member, memberPath));
  }
  return errors;
}

const MESSAGE = 'NUL characters and lone surrogates are not allowed';

function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}
