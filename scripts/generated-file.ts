import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: two levels above the compiled script. */
const ROOT = new URL('../../', import.meta.url);

/**
 * Writes a generated file, or with `--check` on the command line compares it and sets the exit code to 1 when it is out of date.
 * `command` is what a reader of the complaint has to run.
 */
export async function emitGenerated(path: string, text: string, command: string): Promise<void> {
  const file = fileURLToPath(new URL(path, ROOT));
  if (process.argv.includes('--check')) {
    const present = await readFile(file, 'utf8').catch(() => undefined);
    if (present === text) return;
    const line = present === undefined ? undefined : firstDifference(present, text);
    console.error(`${path} is ${line === undefined ? 'missing' : `out of date from line ${line} on`}. Run: ${command}`);
    process.exitCode = 1;
    return;
  }
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(`wrote ${path}`);
}

function firstDifference(present: string, wanted: string): number {
  const lines = wanted.split('\n');
  const index = present.split('\n').findIndex((line, number) => line !== lines[number]);
  return (index === -1 ? present.split('\n').length : index) + 1;
}
