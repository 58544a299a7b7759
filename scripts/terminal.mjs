import { spawn } from 'node:child_process';
import { clearInterval, setInterval } from 'node:timers';

import './node-version.mjs';

/** A reason that the person at the terminal can remove: printed as it is, without a stack. */
export class SetupError extends Error {}

/**
 * Shows one line for one step: its name at the start, dots while it goes on, its duration at the end.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const startedAt = Date.now();
  process.stdout.write(`${name} `);
  const dots = setInterval(() => process.stdout.write('.'), 3000);
  try {
    const result = await work();
    process.stdout.write(`${seconds(startedAt)}\n`);
    return result;
  } catch (error) {
    process.stdout.write('failed\n');
    throw error;
  } finally {
    clearInterval(dots);
  }
}

/** The time since an instant (epoch ms), as `1.2 s`. */
export function seconds(startedAt) {
  return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
}

/**
 * Runs a program and gathers what it prints, both streams in the order of arrival. Never throws: a program that can not be started
 * has the code 127.
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', ...options.env };
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, ...options, env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        output += text;
      });
    }
    child.once('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.once('close', (code) => resolve({ code: code === null ? 1 : code, output }));
  });
}

/**
 * Runs a program in our terminal and resolves with its exit code. A terminal sends Ctrl-C to every process of its foreground group, the
 * child included, so we only wait; a signal sent to us alone is passed on.
 */
export function runInTerminal(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    let told = false;
    const pass = (signal) => {
      told = true;
      child.kill(signal);
    };
    const handlers = {
      SIGINT: () => {
        if (process.stdin.isTTY) told = true;
        else pass('SIGINT');
      },
      SIGTERM: () => pass('SIGTERM'),
      SIGHUP: () => pass('SIGHUP'),
    };
    // npm runs us in a shell, and a SIGTERM to npm ends that shell without a word to us.
    const parent = process.ppid;
    const underNpm = process.env.npm_lifecycle_event !== undefined;
    const watch = setInterval(() => {
      if (underNpm && !told && process.ppid !== parent) pass('SIGTERM');
    }, 500);
    const stopListening = () => {
      clearInterval(watch);
      for (const [name, handler] of Object.entries(handlers)) process.removeListener(name, handler);
    };
    for (const [name, handler] of Object.entries(handlers)) process.on(name, handler);
    child.once('error', (error) => {
      stopListening();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      stopListening();
      resolve(signal === null ? code : 128 + (SIGNAL_NUMBERS[signal] || 1));
    });
  });
}

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };
