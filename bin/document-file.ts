import { readFileSync } from 'node:fs';

import { InvalidInputError } from '../core/errors.ts';
import { CommandError } from './command-error.ts';

const STANDARD_INPUT = 0;

/** What `read` makes of the text of a file; `-` is the standard input. @throws CommandError with everything that is wrong with it. */
export function readDocumentFile<T>(file: string, read: (text: string) => T): T {
  try {
    return read(readFileSync(file === '-' ? STANDARD_INPUT : file, 'utf8'));
  } catch (error) {
    if (!(error instanceof InvalidInputError)) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CommandError(`${file} can not be read: ${reason}`, { cause: error });
    }
    const problems = error.errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    throw new CommandError(`${file} can not be used:\n  ${problems.join('\n  ')}`, { cause: error });
  }
}
