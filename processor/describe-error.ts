/** One readable text for whatever a handler threw: anything at all, also things that throw when looked at. Never throws, never empty. */
export function describeError(thrown: unknown): string {
  try {
    return describe(thrown, 0) || 'The handler threw an error without a message.';
  } catch {
    return 'The handler threw something that can not be described.';
  }
}

const MAX_CAUSES = 4;

function describe(thrown: unknown, depth: number): string {
  if (thrown === undefined) return 'The handler threw undefined.';
  if (thrown === null) return 'The handler threw null.';
  if (typeof thrown === 'string') return thrown;
  if (typeof thrown === 'function') return 'The handler threw a function.';
  if (typeof thrown !== 'object')
    return `The handler threw ${(thrown as number | bigint | boolean | symbol).toString()}.`;
  const own = describeObject(thrown);
  const cause = 'cause' in thrown ? thrown.cause : undefined;
  if (cause === undefined || cause === null || depth >= MAX_CAUSES) return own;
  const because = describe(cause, depth + 1);
  return own === '' || because === own ? because : `${own} (cause: ${because})`;
}

function describeObject(thrown: object): string {
  const message = 'message' in thrown && typeof thrown.message === 'string' ? thrown.message : undefined;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  if (message === undefined) return `The handler threw ${Object.prototype.toString.call(thrown)} ${preview(thrown)}`;
  if (message === '') return code ?? firstOf(thrown); // an AggregateError of failed connections has no message of its own
  const name = 'name' in thrown && typeof thrown.name === 'string' ? thrown.name : 'Error';
  return name === 'Error' || message.startsWith(name) ? message : `${name}: ${message}`;
}

function firstOf(thrown: object): string {
  const errors: unknown = 'errors' in thrown ? thrown.errors : undefined;
  return Array.isArray(errors) && errors.length > 0 ? describe(errors[0], MAX_CAUSES) : '';
}

function preview(thrown: object): string {
  return (JSON.stringify(thrown) as string | undefined)?.slice(0, 500) ?? '';
}
