import { isAbsolute, normalize } from 'node:path';

import { z } from 'zod';

import { type AllowedTarget, parseAllowedTarget } from './address-rules.ts';

/** The settings of task types, keyed by environment variable. */
export const HandlerConfig = z.object({
  ALMANAC_HANDLERS: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Module with task types of your own: a path to a .js or .mjs file, or a file: URL.' }),
  ALMANAC_HTTP_ALLOW: z
    .string()
    .default('')
    .transform((text, context) => parseList(text, context, allowedTarget))
    .meta({
      description:
        'What http.request, notification.webhook and lab.measurement may reach besides public addresses: host:port or networks such as 10.20.0.0/16, with commas between.',
    }),
  ALMANAC_SHELL_COMMANDS: z
    .string()
    .default('')
    .transform((text, context): ReadonlyMap<string, string> => new Map(parseList(text, context, shellCommand)))
    .meta({
      description:
        'Programs that shell.command may run: name=/absolute/path, with commas between. Empty: shell.command is off.',
    }),
});

/** What the built-in task types may do. */
export interface HandlerSettings {
  readonly httpAllow: readonly AllowedTarget[];
  /** Logical name to absolute path; empty: `shell.command` is off. */
  readonly shellCommands: ReadonlyMap<string, string>;
}

export function handlerSettings(config: z.infer<typeof HandlerConfig>): HandlerSettings {
  return { httpAllow: config.ALMANAC_HTTP_ALLOW, shellCommands: config.ALMANAC_SHELL_COMMANDS };
}

type Context = z.core.$RefinementCtx<string>;

/** Splits at commas and parses each entry; every bad one is a problem of its own. */
function parseList<T>(text: string, context: Context, parse: (entry: string) => T | string): T[] {
  const values: T[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const parsed = parse(entry);
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed, input: text });
    else values.push(parsed);
  }
  return values;
}

function allowedTarget(entry: string): AllowedTarget | string {
  return parseAllowedTarget(entry) ?? `"${entry}" is neither host:port nor a network such as 10.20.0.0/16`;
}

function shellCommand(entry: string): [string, string] | string {
  const at = entry.indexOf('=');
  const name = entry.slice(0, Math.max(0, at));
  const path = entry.slice(at + 1);
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name) || !isAbsolute(path) || normalize(path) !== path)
    return `"${entry}" is not of the form name=/absolute/path`;
  return [name, path];
}
