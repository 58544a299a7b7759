import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { z } from 'zod';

import { InvalidInputError } from '../core/errors.ts';
import type { RouteContract } from './contract/route-contract.ts';
import { ROUTES } from './contract/routes.ts';
import type { Actor } from './middleware/identity.ts';
import { HttpProblem } from './problem.ts';
import { readJsonBody } from './request-body.ts';
import { validate } from './validation.ts';

const NoQuery = z.strictObject({});

type Routes = typeof ROUTES;
export type RouteName = keyof Routes;

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type PartOf<Route, Part extends string> =
  Route extends Readonly<Record<Part, infer Schema>> ? Output<Schema> : undefined;

/** One request, checked against the contract. */
export interface Call<Name extends RouteName> {
  readonly params: PartOf<Routes[Name], 'params'>;
  readonly query: PartOf<Routes[Name], 'query'>;
  readonly body: PartOf<Routes[Name], 'body'>;
  readonly actor: Actor;
  readonly ifMatch: string | undefined;
}

/** `status` stands in for the contract's own. */
export interface Reply<Name extends RouteName> {
  readonly body: Routes[Name]['response'] extends z.ZodType ? z.input<Routes[Name]['response']> : null;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handlers = { readonly [Name in RouteName]: (call: Call<Name>) => Promise<Reply<Name>> };

/** Registers every route of the contract; this is the one place where requests are checked, and in tests answers too. */
export function createRouter(handlers: Handlers, checkResponses: boolean): Router {
  const router = new Router({ sensitive: true, strict: true });
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const route: RouteContract = ROUTES[name];
    // The table's types tie each handler to its contract; inside the loop only their common shape is left.
    const handle = handlers[name] as (call: unknown) => Promise<AnyReply>;
    router.register(route.path, [route.method], endpoint(route, handle, checkResponses), { name });
  }
  return router;
}

/** For paths that have routes, but not with this method: 405 with those that there are. */
export function refuseOtherMethods(router: Router): Middleware {
  return async (context, next) => {
    const { path: layers } = router.match(context.path, context.method);
    if (layers.length === 0) {
      await next();
      return;
    }
    const allow = [...new Set(layers.flatMap((layer) => layer.methods))].sort().join(', ');
    if (context.method === 'OPTIONS') {
      context.status = 204;
      context.set('Allow', allow);
      return;
    }
    throw new HttpProblem(405, 'method_not_allowed', `${context.method} is not possible here; ${allow} are.`, {
      headers: { Allow: allow },
    });
  };
}

interface AnyReply {
  readonly body: unknown;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

function endpoint(route: RouteContract, handle: (call: unknown) => Promise<AnyReply>, checkResponses: boolean) {
  return async (context: Context & { params?: Record<string, string> }): Promise<void> => {
    const reply = await handle({
      params: route.params === undefined ? undefined : readParams(route.params, context.params ?? {}),
      query: validate(route.query ?? NoQuery, readQuery(context.querystring)),
      body: route.body === undefined ? undefined : await readBody(route.body, context),
      actor: context.state.actor as Actor,
      ifMatch: context.headers['if-match'],
    });
    if (checkResponses && route.response !== null) route.response.parse(reply.body);
    for (const [name, value] of Object.entries(reply.headers ?? {})) context.set(name, value);
    context.status = reply.status ?? route.status;
    if (route.response !== null) {
      context.type = 'application/json';
      context.body = JSON.stringify(reply.body);
    }
  };
}

/** An id that can not be one names nothing: the request itself is wrong, whatever the state. */
function readParams(schema: z.ZodObject, params: Record<string, string>): unknown {
  try {
    return validate(schema, params);
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    throw new HttpProblem(400, 'malformed_id', 'The path has an id that can not be one.', {
      errors: cause.errors,
      cause,
    });
  }
}

function readQuery(querystring: string): Record<string, string> {
  const entries = [...new URLSearchParams(querystring)];
  const names = entries.map(([name]) => name);
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  if (repeated.length > 0) {
    throw new InvalidInputError([...new Set(repeated)].map((path) => ({ path, message: 'given more than once' })));
  }
  return Object.fromEntries(entries);
}

async function readBody(schema: z.ZodType, context: Context): Promise<unknown> {
  const body = await readJsonBody(context.req);
  if (body === undefined && !schema.safeParse(undefined).success) {
    throw new HttpProblem(400, 'malformed_body', 'The body is empty; JSON is expected.');
  }
  return validate(schema, body);
}
