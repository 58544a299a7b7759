import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { isRunning } from '../../bin/running-process.ts';
import { eventually } from './eventually.ts';

export const PROGRAM = fileURLToPath(new URL('../../bin/almanac.js', import.meta.url));
/** The task types of test/support, as a module for `--handlers`. */
export const TEST_HANDLERS = fileURLToPath(new URL('./task-types.js', import.meta.url));

/** `almanac` as a process of its own. Disposing kills it with everything that it started. */
export interface AlmanacProcess extends AsyncDisposable {
  readonly pid: number;
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Its exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  /** Ids of the processes that it has started, and those that these have started. */
  descendants(): Promise<number[]>;
}

/** Runs the built command line with these variables and no other `ALMANAC_*`, `DATABASE_URL` or `AMQP_URL`. */
export function runAlmanac(args: readonly string[], variables: Readonly<Record<string, string>> = {}): AlmanacProcess {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...inheritedVariables(), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  }
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  void exited.then(() => process.off('exit', killAtExit));
  const pid = pidOf(child);
  return {
    pid,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    exited,
    signal: (name) => void child.kill(name),
    descendants: () => descendantsOf(pid),
    async [Symbol.asyncDispose]() {
      const family = isRunning(pid) ? await descendantsOf(pid) : [];
      child.kill('SIGKILL');
      for (const member of family) {
        try {
          process.kill(member, 'SIGKILL');
        } catch {
          // it went with its parent
        }
      }
      await exited;
    },
  };
}

/** The variables of this process, without those that configure an Almanac. */
export function inheritedVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^ALMANAC_|_URL$/.test(name)));
}

/** Where an `almanac start` answers, once it does. */
export function addressOf(almanac: AlmanacProcess): Promise<string> {
  return eventually(
    async () => {
      const [, url] = /Almanac is running: {2}(http:\S+)/.exec(almanac.stdout()) ?? [];
      if (url === undefined && !isRunning(almanac.pid)) throw new Error(`It ended: ${almanac.stderr()}`);
      return Promise.resolve(url ?? (false as const));
    },
    { timeoutMs: 60_000 },
  );
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('The process could not be started.');
  return pid;
}

async function descendantsOf(ancestor: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=']);
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [ancestor];
  // A child has a row of its own whatever the order of ids, so the list is gone through until nothing is added.
  for (let before = 0; before < found.length;) {
    before = found.length;
    for (const [pid, parent] of pairs) {
      if (pid !== undefined && parent !== undefined && found.includes(parent) && !found.includes(pid)) found.push(pid);
    }
  }
  return found.slice(1);
}
