import { HttpProblem } from './problem.ts';

/** Nesting allowed; a payload that needs more is not data but an attack. */
export const MAX_JSON_DEPTH = 32;

/**
 * Reads JSON that means the same to every reader: no key twice in an object, no `__proto__`, at most 32 levels.
 * @throws HttpProblem 400, naming what is wrong and where.
 */
export function parseStrictJson(text: string): unknown {
  const value = parse(text);
  assertShape(text);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw malformed(`The body is not JSON: ${error instanceof Error ? error.message : 'it can not be read'}.`);
  }
}

/** Looks at the text, because the value has forgotten its second keys. One pass, one set of keys per open object; the text is JSON. */
function assertShape(text: string): void {
  const open: (Set<string> | null)[] = []; // null: an array
  for (const [token, literal, colon] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      if (open.length === MAX_JSON_DEPTH) throw malformed(`The body is nested deeper than ${MAX_JSON_DEPTH} levels.`);
      open.push(token === '{' ? new Set() : null);
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (literal !== undefined && colon !== undefined) {
      assertNewKey(literal, open.at(-1));
    }
  }
}

/** A bracket, or a string with the colon that makes it a key. */
const TOKEN = /[{}[\]]|("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?/gs;

function assertNewKey(literal: string, keys: Set<string> | null | undefined): void {
  const key = String(JSON.parse(literal));
  if (key === '__proto__') throw malformed('The body has a field named __proto__, which is not allowed.');
  if (keys?.has(key) === true) throw malformed(`The body has the field ${JSON.stringify(key)} twice in one object.`);
  keys?.add(key);
}

function malformed(detail: string): HttpProblem {
  return new HttpProblem(400, 'malformed_body', detail);
}
