import type { z } from 'zod';

import type { Problem } from '../api/contract/common.ts';
import type { RouteContract } from '../api/contract/route-contract.ts';
import { ROUTES } from '../api/contract/routes.ts';
import { CommandError } from './command-error.ts';

type Routes = typeof ROUTES;
type RouteName = keyof Routes;
type Part<Name extends RouteName, Key extends string> =
  Routes[Name] extends Readonly<Record<Key, infer Schema extends z.ZodType>> ? z.input<Schema> : undefined;

/** What a route of the contract takes. */
interface Given<Name extends RouteName> {
  readonly query?: Part<Name, 'query'>;
  readonly body?: Part<Name, 'body'>;
  /** The revision that the change is based on; another one is refused with 412. */
  readonly revision?: number;
}
type Call<Name extends RouteName> = Given<Name> &
  (Part<Name, 'params'> extends undefined ? unknown : { readonly params: Part<Name, 'params'> });
type Answer<Name extends RouteName> = Routes[Name]['response'] extends z.ZodType
  ? z.output<Routes[Name]['response']>
  : null;

/** The API as commands see it: one function for all routes of the contract. */
export interface ApiClient {
  /** @throws RefusedError when the server says no, UnreachableError when it does not say anything. */
  call<Name extends RouteName>(name: Name, given: Call<Name>): Promise<Answer<Name>>;
}

/** The server understood and refused. The message is its own, with the path of each field that is wrong. */
export class RefusedError extends CommandError {
  readonly status: number;
  /** The same in one line, as briefly as it can be said. */
  readonly reason: string;

  constructor(status: number, problem: Problem | undefined) {
    const { detail, fields } = describeProblem(status, problem);
    super([detail, ...fields.map((field) => `  ${field}`)].join('\n'));
    this.name = 'RefusedError';
    this.status = status;
    this.reason = fields.length === 0 ? detail : fields.join('; ');
  }
}

/** No answer came that an Almanac would give. */
export class UnreachableError extends CommandError {
  /** Whether there was somebody who hung up; it may be there again in a moment. */
  readonly hungUp: boolean;

  constructor(message: string, hungUp: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreachableError';
    this.hungUp = hungUp;
  }
}

/** `url`: where the API is, with the path below which a proxy serves it, if there is one. Nothing is sent yet. */
export function openClient(url: string): ApiClient {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new CommandError(`"${url}" is not an address. Write one such as http://127.0.0.1:8080 after --url.`);
  }
  const base = url.replace(/\/+$/, '');
  return {
    async call<Name extends RouteName>(name: Name, given: Call<Name>) {
      const { params, query, body, revision } = given as AnyCall;
      const route: RouteContract = ROUTES[name];
      const response = await fetchAnswer(url, base + pathOf(route.path, params) + queryOf(query), {
        method: route.method.toUpperCase(),
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(revision !== undefined && { 'if-match': `"${revision}"` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return (await readAnswer(url, response)) as Answer<Name>;
    },
  };
}

interface AnyCall {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly revision?: number;
}

function pathOf(path: string, params: Readonly<Record<string, string>> = {}): string {
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

function queryOf(query: Readonly<Record<string, unknown>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}

async function fetchAnswer(url: string, address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (error) {
    throw unreachable(url, error);
  }
}

async function readAnswer(url: string, response: Response): Promise<unknown> {
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    throw unreachable(url, error);
  }
  const content = parseJson(text);
  if (!response.ok) throw new RefusedError(response.status, isProblem(content) ? content : undefined);
  if (text === '') return null;
  if (content === undefined) throw new UnreachableError(`What answers at ${url} is not an Almanac.`, false);
  return content;
}

function unreachable(url: string, error: unknown): UnreachableError {
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  const hungUp = code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
  const message = hungUp
    ? `Almanac at ${url} broke the connection off.`
    : `There is no Almanac at ${url}. Start it, or say where it is with --url.`;
  return new UnreachableError(message, hungUp, { cause: error });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isProblem(content: unknown): content is Problem {
  return typeof content === 'object' && content !== null && 'code' in content && 'title' in content;
}

function describeProblem(status: number, problem: Problem | undefined): { detail: string; fields: string[] } {
  if (problem === undefined) return { detail: `The server answered with HTTP ${status}.`, fields: [] };
  const fields = (problem.errors ?? []).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const detail = problem.detail ?? problem.title;
  const isOurs = status >= 500 && problem.requestId !== undefined; // then its log says more
  return { detail: isOurs ? `${detail} (request ${problem.requestId})` : detail, fields };
}
