/** Text as PostgreSQL can store it: no NUL, no lone surrogates, no control characters but tab and newline, at most `maxBytes` of UTF-8. */
export function storableText(text: string, maxBytes: number): string {
  // A UTF-16 unit is at most three bytes of UTF-8: most texts need not be measured.
  const head = text.length > maxBytes ? text.slice(0, maxBytes) : text;
  const clean = UNSTORABLE.test(head) ? head.replace(UNSTORABLE_ALL, '\uFFFD') : head;
  if (head.length === text.length && (clean.length * 3 <= maxBytes || Buffer.byteLength(clean) <= maxBytes))
    return clean;
  return `${cutBytes(clean, maxBytes - ELLIPSIS_BYTES)}…`;
}

/** Text for what should have been text but, coming from JavaScript, may be anything. Never throws. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return stringified(value) ?? String(value);
  } catch {
    return 'something that can not be written as text';
  }
}

/** The longest start of `text` that has at most `maxBytes` of UTF-8 and ends between characters. */
function cutBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && isContinuationByte(bytes[end])) end -= 1;
  return bytes.toString('utf8', 0, end);
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

type StorableResult =
  { readonly kind: 'stored'; readonly value: Json } | { readonly kind: 'unstorable'; readonly message: string };

/**
 * What a handler returned, as JSON that PostgreSQL can store. Nothing becomes null; what is too large becomes
 * `{ truncated: true, bytes, preview }`; what is not JSON at all is refused with a sentence. Never throws.
 */
export function storableResult(value: unknown, maxBytes: number): StorableResult {
  if (value === undefined || value === null) return { kind: 'stored', value: null };
  let text: string | undefined;
  try {
    text = stringified(value);
  } catch (error) {
    return unstorable(
      error instanceof RangeError ? 'it is nested too deeply' : 'it is not JSON (a cycle or a BigInt?)',
    );
  }
  if (text === undefined) return unstorable('it is not JSON (a function or a symbol?)');

  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) {
    // Quotes and backslashes double when the preview is written as JSON again, so it takes less than half.
    const preview = storableText(text, Math.min(MAX_PREVIEW_BYTES, Math.floor(maxBytes / 3)));
    return { kind: 'stored', value: { truncated: true, bytes, preview } };
  }
  if (deepest(text) > MAX_DEPTH) return unstorable(`it is nested more than ${MAX_DEPTH} levels deep`);
  const parsed = JSON.parse(text) as Json;
  return { kind: 'stored', value: ESCAPED_UNSTORABLE.test(text) ? cleaned(parsed) : parsed };
}

// eslint-disable-next-line no-control-regex -- finding them is what it is for
const UNSTORABLE = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\p{Cs}]/u;
const UNSTORABLE_ALL = new RegExp(UNSTORABLE.source, 'gu');
const ESCAPED_UNSTORABLE = /\\u(?:0000|d[89a-f])/i;
const ELLIPSIS_BYTES = 3;
const MAX_DEPTH = 64;
const MAX_PREVIEW_BYTES = 16_384;

/** JSON.stringify answers undefined for functions and symbols, whatever its type says. */
function stringified(value: unknown): string | undefined {
  return JSON.stringify(value);
}

function unstorable(why: string): StorableResult {
  return { kind: 'unstorable', message: `The handler finished, but its result can not be stored: ${why}.` };
}

function isContinuationByte(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** How deep the brackets of a JSON text nest, without recursion: the text may be nested as deep as it is long. */
function deepest(text: string): number {
  let depth = 0;
  let found = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (quoted) {
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) found = Math.max(found, (depth += 1));
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
  }
  return found;
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

function cleaned(value: Json): Json {
  if (typeof value === 'string') return cleanedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(cleaned);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanedText(key), cleaned(item)]));
}

function cleanedText(text: string): string {
  return text.replace(/\0|\p{Cs}/gu, '\uFFFD');
}
