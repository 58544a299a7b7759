import { format, type Options } from 'prettier';
import { z } from 'zod';

import { createOpenApiDocument } from '../api/openapi.ts';
import { CONFIG_SECTIONS } from '../bin/config.ts';
import { VERSION } from '../bin/version.ts';
import { emitGenerated } from './generated-file.ts';

// What the contract and the configuration say of themselves, as files that people read and tools take in.
const COMMAND = 'npm run docs:generate';
const STYLE: Options = { printWidth: 120, singleQuote: true };

const openApi = await format(JSON.stringify(createOpenApiDocument(VERSION)), { ...STYLE, parser: 'json' });
await emitGenerated('docs/api/openapi.json', openApi, COMMAND);
await emitGenerated(
  'docs/configuration.md',
  await format(configurationPage(), { ...STYLE, parser: 'markdown' }),
  COMMAND,
);

function configurationPage(): string {
  const sections = CONFIG_SECTIONS.map(({ title, schema }) => `## ${title}\n\n${variableTable(schema)}`);
  return [
    '# Configuration',
    '<!-- Generated from bin/config.ts by `npm run docs:generate`. -->',
    'Everything is an environment variable. All of them are checked when a process starts: every problem is named at once,\n' +
      'the exit code is 78, and nothing has been started. Durations are in milliseconds.',
    ...sections,
    '',
  ].join('\n\n');
}

interface VariableSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

function variableTable(schema: z.ZodObject): string {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, VariableSchema>;
  };
  const rows = Object.entries(properties).map(
    ([name, variable]) =>
      `| \`${name}\` | ${valuesOf(variable)} | ${defaultOf(variable)} | ${escape(variable.description ?? '')} |`,
  );
  return ['| Variable | Values | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function valuesOf({ enum: values, type, minimum, maximum }: VariableSchema): string {
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(', ');
  if (minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER)
    return `${minimum} to ${maximum}`;
  return type === 'integer' || type === 'number' ? 'number' : 'text';
}

function defaultOf({ default: value }: VariableSchema): string {
  if (value === undefined) return 'not set';
  if (Array.isArray(value) && value.length === 0) return 'none';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|');
}
