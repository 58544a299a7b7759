import { execFile } from 'node:child_process';

import { inheritedVariables, PROGRAM } from './almanac.ts';

/** What a command said, and how it ended. */
export interface Said {
  /** Its exit code; null when it had to be killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type CommandLine = (...args: readonly string[]) => Promise<Said>;

/** The built command line, as processes that talk to the API at `url` and show times in UTC. */
export function commandLineOf(url: string): CommandLine {
  const env = { ...inheritedVariables(), ALMANAC_URL: url, TZ: 'UTC' };
  return (...args) =>
    new Promise((resolve) => {
      const limits = { env, timeout: 240_000, maxBuffer: 50_000_000 };
      const child = execFile(process.execPath, [PROGRAM, ...args], limits, (_, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      );
    });
}
