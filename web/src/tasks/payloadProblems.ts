import { z } from 'zod';

/**
 * What a task type's JSON Schema says against a payload, as hints while typing. The server checks again with its own
 * reader of schemas, so a hint stops nobody. Text that is no JSON, and a schema that zod can not read, give none.
 */
export function payloadProblems(text: string, payloadSchema: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    const payload: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
    const issues = z.fromJSONSchema(payloadSchema).safeParse(payload).error?.issues ?? [];
    return issues.map(({ path, message }) => `${path.join('.') || 'the payload'}: ${inWords(message)}`);
  } catch {
    return [];
  }
}

function inWords(message: string): string {
  return message.endsWith('received undefined') ? 'is missing' : message.replace('Invalid input: ', '');
}
