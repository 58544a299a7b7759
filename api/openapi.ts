import { z } from 'zod';

import type { RouteContract } from './contract/route-contract.ts';
import { ERROR_RESPONSE, ROUTES } from './contract/routes.ts';

type JsonSchema = Record<string, unknown>;

/** The OpenAPI 3.1 document of the contract. The same contract and version always give the same text. */
export function createOpenApiDocument(version: string): Record<string, unknown> {
  const components = new Map<string, JsonSchema>();
  const schemaOf = createSchemaWriter(components);
  const problem = schemaOf(ERROR_RESPONSE, 'output');
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, route] of Object.entries<RouteContract>(ROUTES)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method] = toOperation(operationId, route, schemaOf, problem);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Almanac',
      version,
      description:
        'A distributed task scheduler that knows its own future. Instants are ISO 8601 in UTC, durations are in milliseconds, ids are text. ' +
        'Lists are paged by `cursor`. Every error is a problem document (RFC 9457) whose `code` is for programs.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values<RouteContract>(ROUTES).map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: { schemas: Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))) },
  };
}

type SchemaOf = (schema: z.ZodType, io: 'input' | 'output') => JsonSchema;

function toOperation(operationId: string, route: RouteContract, schemaOf: SchemaOf, problem: JsonSchema) {
  const parameters = [
    ...toParameters(route.params, 'path', schemaOf),
    ...toParameters(route.query, 'query', schemaOf),
    ...(operationId === 'updateTask' ? [IF_MATCH] : []),
  ];
  return {
    operationId,
    summary: route.summary,
    tags: [route.tag],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body !== undefined && {
      requestBody: {
        required: !route.body.safeParse(undefined).success,
        content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
      },
    }),
    responses: {
      [String(route.status)]: {
        description: 'Done.',
        ...(route.response !== null && {
          content: { 'application/json': { schema: schemaOf(route.response, 'output') } },
        }),
      },
      default: {
        description: 'Not done: what is wrong, and where.',
        content: { 'application/problem+json': { schema: problem } },
      },
    },
  };
}

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The ETag that the task was read with: refuses (412) to overwrite what somebody else has changed since.',
  schema: { type: 'string' },
};

function toParameters(schema: z.ZodObject | undefined, place: 'path' | 'query', schemaOf: SchemaOf) {
  if (schema === undefined) return [];
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, member]) => {
    const { description, ...rest } = schemaOf(member, 'input');
    const required = place === 'path' || !member.safeParse(undefined).success;
    return { name, in: place, required, ...(description !== undefined && { description }), schema: rest };
  });
}

/** Writes schemas that have an id once, as components; a schema whose input differs from its output is there twice. */
function createSchemaWriter(components: Map<string, JsonSchema>): SchemaOf {
  return (schema, io) => {
    const {
      $schema: _,
      $defs = {},
      ...root
    } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema & {
      $defs?: Record<string, JsonSchema>;
    };
    const names = new Map<string, string>();
    for (const [id, definition] of Object.entries($defs)) {
      names.set(id, nameOf(id, definition, $defs, io, components));
    }
    for (const [id, definition] of Object.entries($defs))
      components.set(String(names.get(id)), rewrite(definition, names));
    return rewrite(root, names);
  };
}

function nameOf(
  id: string,
  definition: JsonSchema,
  all: Record<string, JsonSchema>,
  io: 'input' | 'output',
  components: ReadonlyMap<string, JsonSchema>,
): string {
  if (id.startsWith('__schema')) return 'Json'; // the recursive type of any JSON value
  const plain = new Map(Object.keys(all).map((key) => [key, key.startsWith('__schema') ? 'Json' : key]));
  const known = components.get(id);
  const isSame = known === undefined || JSON.stringify(known) === JSON.stringify(rewrite(definition, plain));
  return isSame || id.endsWith('Input') ? id : `${id}${io === 'input' ? 'Input' : 'Output'}`;
}

/** References into the components, as they are named there. */
function rewrite(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    if (key !== '$ref' || typeof value !== 'string') return value;
    const id = value.replace('#/$defs/', '');
    return `#/components/schemas/${names.get(id) ?? id}`;
  }) as JsonSchema;
}
