import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { AttemptEndedError } from '../end-switch.ts';
import { defineTaskType, type OccurrenceInfo, type RunContext, type TaskType } from '../task-type.ts';
import { OutputLog } from './output-log.ts';

/**
 * Runs one of the programs that an operator listed, with arguments that are passed as they are: no shell reads them.
 * `commands` maps a logical name to an absolute path; when it is empty the type is there, but switched off.
 */
export function createShellCommand(commands: ReadonlyMap<string, string>): TaskType {
  return defineTaskType({
    name: 'shell.command',
    title: 'Command',
    description: 'Runs a program that the operator allowed, with arguments; its output becomes the log.',
    payload: payloadSchema([...commands.keys()]),
    timeoutMs: 300_000,
    retry: { maxAttempts: 1 },
    estimateMs: 2_000,
    enabled: commands.size > 0,
    async run(context) {
      const file = commands.get(context.payload.command);
      if (file === undefined) return context.fail(unknownCommand(context.payload.command), { retryable: false });
      const directory = await mkdtemp(join(tmpdir(), 'almanac-run-'));
      try {
        return await runProgram(file, context.payload.args, directory, context);
      } finally {
        await rm(directory, { recursive: true, force: true, maxRetries: 3 });
      }
    },
  });
}

const MAX_OUTPUT_BYTES = 65_536;
/** From the polite signal to the other one; less than the grace that an attempt has. */
const KILL_AFTER_MS = 2_000;
/** How long the output may stay open after the program and its group are gone: a process that left the group may hold it. */
const OUTPUT_GRACE_MS = 500;

function payloadSchema(names: readonly string[]) {
  const [first, ...rest] = names;
  return z.strictObject({
    command:
      first === undefined
        ? z.string().min(1).max(63).meta({ description: 'Name of a program that the operator allowed.' })
        : z.enum([first, ...rest]).meta({ description: 'Name of a program that the operator allowed.' }),
    args: z
      .array(
        z
          .string()
          .max(4_096)
          .regex(/^[^\0]*$/, { error: 'an argument can not contain NUL' }),
      )
      .max(64)
      .default([])
      .meta({ description: 'Arguments, passed to the program as they are.' }),
  });
}

async function runProgram(
  file: string,
  args: readonly string[],
  directory: string,
  context: RunContext<unknown>,
): Promise<{ exitCode: number; outputBytes: number }> {
  context.signal.throwIfAborted();
  const output = new OutputLog(context.log, MAX_OUTPUT_BYTES);
  const child = spawn(file, args, {
    cwd: directory,
    env: environment(context.occurrence, directory),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // its own process group, so that all of it can be ended
  });
  output.follow(child.stdout, 'info');
  output.follow(child.stderr, 'warn');

  const stop = (): void => {
    const reason: unknown = context.signal.reason;
    void endGroup(child, reason instanceof AttemptEndedError && reason.atOnce);
  };
  context.signal.addEventListener('abort', stop, { once: true });
  try {
    const end = await endOf(child);
    const { outputBytes, lastWarning } = output.end();
    context.signal.throwIfAborted();
    if (end.kind === 'not-started')
      return context.fail(`The program could not be started: ${end.message}`, { retryable: false });
    const said = lastWarning === undefined ? '' : ` It said: ${lastWarning}`;
    if (end.kind === 'signal') return context.fail(`The program was ended by ${end.signal}.${said}`);
    if (end.exitCode !== 0) return context.fail(`The program ended with exit code ${end.exitCode}.${said}`);
    return { exitCode: 0, outputBytes };
  } finally {
    context.signal.removeEventListener('abort', stop);
  }
}

type ProgramEnd =
  | { readonly kind: 'not-started'; readonly message: string }
  | { readonly kind: 'exit'; readonly exitCode: number }
  | { readonly kind: 'signal'; readonly signal: string };

/** Resolves when the program has ended, whatever it started is gone too, and its output is complete. */
function endOf(child: ChildProcess): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    let end: ProgramEnd | undefined;
    let timer: NodeJS.Timeout | undefined;
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ kind: 'not-started', message: error.message });
    });
    child.once('exit', (exitCode, signal) => {
      end = signal === null ? { kind: 'exit', exitCode: exitCode ?? -1 } : { kind: 'signal', signal };
      signalGroup(child, 'SIGKILL'); // what it left running in the background
      timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, OUTPUT_GRACE_MS);
    });
    child.once('close', () => {
      clearTimeout(timer);
      if (end !== undefined) resolve(end);
    });
  });
}

async function endGroup(child: ChildProcess, atOnce: boolean): Promise<void> {
  if (atOnce) {
    signalGroup(child, 'SIGKILL');
    return;
  }
  signalGroup(child, 'SIGTERM');
  await sleep(KILL_AFTER_MS, undefined, { ref: false });
  if (child.exitCode === null && child.signalCode === null) signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in the group: that is what was wanted.
  }
}

/** Nothing of the processor's own environment, which holds its passwords. */
function environment(occurrence: OccurrenceInfo, directory: string): NodeJS.ProcessEnv {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    HOME: directory,
    TMPDIR: directory,
    ALMANAC_TASK_ID: occurrence.taskId,
    ALMANAC_OCCURRENCE_ID: occurrence.id,
    ALMANAC_SCHEDULED_TIME: occurrence.scheduledTime.toISOString(),
    ALMANAC_ATTEMPT: String(occurrence.attempt),
  };
}

function unknownCommand(name: string): string {
  return `There is no command ${JSON.stringify(name)} here; ALMANAC_SHELL_COMMANDS lists those that there are.`;
}
