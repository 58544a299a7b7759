import type { Problem } from '../../../api/contract/common.ts';
import { noteServerTime } from '../time/serverClock.ts';

export type QueryValue = string | number | boolean | null | undefined;

interface RequestOptions {
  readonly query?: Record<string, QueryValue>;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal | undefined;
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

/** Sends one request to the API and reads its JSON. @throws ApiError for everything that is not a success. */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  return (await requestWithHeaders<T>(method, path, options)).data;
}

/** As `request`, with the answer's headers: the ETag is in them. */
export async function requestWithHeaders<T>(
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<{ data: T; headers: Headers }> {
  const sentAtMs = Date.now();
  const response = await send(method, path, options);
  noteServerTime(response.headers.get('date'), sentAtMs, Date.now());
  if (!response.ok) throw await errorOf(response);
  const text = await response.text();
  if (text === '') return { data: undefined as T, headers: response.headers };
  try {
    return { data: JSON.parse(text) as T, headers: response.headers };
  } catch {
    throw new ApiError('The server answered with something that is not JSON.', response.status, null, null);
  }
}

async function send(method: string, path: string, options: RequestOptions): Promise<Response> {
  const init: RequestInit = { method, headers: { accept: 'application/json', ...options.headers } };
  if (options.signal !== undefined) init.signal = options.signal;
  if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
    init.headers = { ...init.headers, 'content-type': 'application/json' };
  }
  try {
    return await fetch(path + queryText(options.query), init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError('The server can not be reached.', 0, null, null);
  }
}

function queryText(query: Record<string, QueryValue> = {}): string {
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
