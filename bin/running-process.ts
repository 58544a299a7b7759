import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Whether a process with this id runs, ours or not. One that has ended and that its parent has not yet asked about does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return !isZombie(pid);
}

/** The command line of a process; `undefined` when it is gone or the system does not tell. */
export async function commandLineOf(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    if (process.platform === 'win32') return undefined;
    return (await exec('ps', ['-o', 'command=', '-p', String(pid)])).stdout.trim();
  } catch {
    return undefined; // it ended while we looked, or belongs to a system without these tools
  }
}

/**
 * A text that tells this life of a process id from the next one: ids are used again, after a restart of a container almost at once.
 * `undefined` when the process is gone or the system does not tell.
 */
export async function lifeOf(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') {
      const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
      const startTicks = fieldsAfterName(await readFile(`/proc/${pid}/stat`, 'utf8'))[19];
      return `${boot} ${startTicks ?? ''}`;
    }
    if (process.platform === 'win32') return undefined;
    return (await exec('ps', ['-o', 'lstart=', '-p', String(pid)])).stdout.trim();
  } catch {
    return undefined; // as above
  }
}

function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return fieldsAfterName(readFileSync(`/proc/${pid}/stat`, 'utf8'))[0] === 'Z';
  } catch {
    return true; // it ended this moment
  }
}

/** The fields of /proc/<pid>/stat from the state on; the program's name before them may hold blanks and brackets. */
function fieldsAfterName(line: string): readonly string[] {
  return line.slice(line.lastIndexOf(')') + 2).split(' ');
}
