import type { Problem } from '../../../api/contract/common.ts';
import { noteServerTime } from '../time/serverClock.ts';

export type QueryValue = string | number | boolean | null | undefined;

interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** An answer of the API that is not a success. `status` is 0 when no answer came at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly problem: Problem | null;
  readonly requestId: string | null;

  constructor(message: string, status: number, problem: Problem | null, requestId: string | null) {
    super(message);
    this.status = status;
    this.problem = problem;
    this.requestId = requestId;
  }
}

/** Sends one request and reads its JSON; no body is undefined. @throws ApiError for everything that is not a success. */
export async function send(request: ApiRequest): Promise<{ body: unknown; etag: string | null }> {
  const sentAtMs = Date.now();
  const response = await answerTo(request);
  noteServerTime(response.headers.get('date'), sentAtMs, Date.now());
  if (!isAnswer(response, request)) throw await errorOf(response);
  const text = await response.text();
  const etag = response.headers.get('etag');
  if (text === '') return { body: undefined, etag };
  try {
    return { body: JSON.parse(text) as unknown, etag };
  } catch {
    throw new ApiError('The server answered with something that is not JSON.', response.status, null, null);
  }
}

/** A system that is down says so at /health with a 503 and the usual body: that is an answer and not an error. */
function isAnswer(response: Response, request: ApiRequest): boolean {
  return response.ok || (request.path === '/health' && response.status === 503);
}

async function answerTo({ method, path, query, body, headers, signal }: ApiRequest): Promise<Response> {
  const init: RequestInit = {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  };
  if (signal !== undefined) init.signal = signal;
  if (body !== undefined) init.body = JSON.stringify(body);
  try {
    return await fetch(path + queryText(query), init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError('The server can not be reached.', 0, null, null);
  }
}

function queryText(query: Readonly<Record<string, QueryValue>> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

async function errorOf(response: Response): Promise<ApiError> {
  const problem = await readProblem(response);
  const requestId = problem?.requestId ?? response.headers.get('x-request-id');
  const message = problem?.detail ?? problem?.title ?? `The server answered ${response.status}.`;
  return new ApiError(message, response.status, problem, requestId);
}

async function readProblem(response: Response): Promise<Problem | null> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'title' in body ? (body as Problem) : null;
  } catch {
    return null; // a proxy's HTML page, or nothing: the status alone has to do
  }
}
