import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { z } from 'zod';

import type { HandlerSettings } from './config.ts';
import { describeError } from './describe-error.ts';
import { createHttpRequest } from './handlers/http-request.ts';
import { createLabMeasurement } from './handlers/lab-measurement.ts';
import { noop } from './handlers/noop.ts';
import { createNotificationWebhook } from './handlers/notification-webhook.ts';
import { reminder } from './handlers/reminder.ts';
import { createShellCommand } from './handlers/shell-command.ts';
import { openOutboundHttp } from './outbound-http.ts';
import { defineTaskType, isTaskType, type TaskType } from './task-type.ts';

/** Every task type that this process can run, by name. Dispose it to close the connections that handlers left open. */
export interface TaskTypes extends ReadonlyMap<string, TaskType>, AsyncDisposable {}

/**
 * The built-in task types, and those of the module with handlers if there is one: a path, taken from the working directory, or a
 * file: URL. The module exports task types, lists of them, or, as its default export, a function that is
 * given `{ defineTaskType, z }` and returns them: such a module needs to import nothing.
 * @throws HandlersModuleError with a sentence that says what is wrong with the module.
 */
export async function loadTaskTypes(options: {
  readonly settings: HandlerSettings;
  readonly handlersModule?: string | undefined;
}): Promise<TaskTypes> {
  const http = openOutboundHttp(options.settings.httpAllow);
  const found = new Map<string, TaskType>();
  const builtIn = [
    noop,
    createHttpRequest(http),
    createNotificationWebhook(http),
    reminder,
    createShellCommand(options.settings.shellCommands),
    createLabMeasurement(http),
  ];
  for (const taskType of builtIn) found.set(taskType.name, taskType);
  try {
    if (options.handlersModule !== undefined) {
      const url = moduleUrl(options.handlersModule);
      for (const taskType of await readModule(url)) {
        if (found.has(taskType.name))
          throw new HandlersModuleError(url, `it defines ${taskType.name}, which exists already`);
        found.set(taskType.name, taskType);
      }
    }
  } catch (error) {
    await http[Symbol.asyncDispose]();
    throw error;
  }
  return Object.assign(found, { [Symbol.asyncDispose]: () => http[Symbol.asyncDispose]() });
}

/** The module with a user's task types can not be used. */
export class HandlersModuleError extends Error {
  constructor(url: URL, problem: string, options?: ErrorOptions) {
    super(
      `The handlers module ${url.protocol === 'file:' ? decodeURI(url.pathname) : url.href} can not be used: ${problem}.`,
      options,
    );
    this.name = 'HandlersModuleError';
  }
}

function moduleUrl(text: string): URL {
  const url = text.startsWith('file:') && URL.canParse(text) ? new URL(text) : pathToFileURL(resolve(text));
  if (!/\.m?js$/.test(url.pathname)) throw new HandlersModuleError(url, 'it must be a .js or .mjs file');
  if (!existsSync(url)) throw new HandlersModuleError(url, 'there is no such file');
  return url;
}

async function readModule(url: URL): Promise<readonly TaskType[]> {
  let exported: Record<string, unknown>;
  try {
    exported = (await import(url.href)) as Record<string, unknown>;
  } catch (error) {
    throw new HandlersModuleError(url, `it does not load: ${describeError(error)}`, { cause: error });
  }
  const found = new Set<TaskType>(); // the same one may be exported twice, by name and as default
  for (const [name, value] of Object.entries(exported))
    for (const item of await itemsOf(url, name, value)) if (isTaskType(item)) found.add(item);
  if (found.size === 0)
    throw new HandlersModuleError(url, 'it exports no task type; export what defineTaskType returns');
  return [...found];
}

async function itemsOf(url: URL, name: string, value: unknown): Promise<readonly unknown[]> {
  if (typeof value !== 'function') return listOf(value);
  if (name !== 'default') return []; // any other function is the module's own business
  try {
    const made: unknown = await (value as (tools: unknown) => unknown)({ defineTaskType, z });
    return listOf(made);
  } catch (error) {
    throw new HandlersModuleError(url, `its default function failed: ${describeError(error)}`, { cause: error });
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}
