import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';

import { StartError } from './start-error.ts';

/**
 * What a person can do about an error of the file system below `dir`, as a StartError. Errors that are no matter of space or
 * permission come back as they are.
 */
export async function explainFileFailure(error: unknown, dir: string): Promise<unknown> {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StartError(`The disk that holds ${dir} is full: free at least 500 MB and start again.`, {
        cause: error,
      });
    case 'ENOTDIR':
    case 'EEXIST':
      return new StartError(`${dir} must be a folder, but a file is in the way: move it away and start again.`, {
        cause: error,
      });
    case 'EROFS':
      return new StartError(`${dir} is on a file system that is mounted read-only: start Almanac in another folder.`, {
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
      return new StartError(await explainPermission(dir), { cause: error });
    default:
      return error;
  }
}

/** The code of a system error, as `ENOENT`; `undefined` for anything else. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** For `.catch`: a file that is not there is `undefined`; every other error goes on. */
export function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
  return undefined;
}

async function explainPermission(dir: string): Promise<string> {
  const { uid, username } = userInfo();
  const owner = await stat(dir).then(
    (found) => found.uid,
    () => undefined,
  );
  const remedy =
    owner === undefined || owner === uid
      ? 'change its permissions, or start Almanac in a folder of yours.'
      : `it belongs to the user with number ${owner}. Start Almanac as that user, or give the folder to ${username} with \`chown -R\`.`;
  return `The user ${username} may not write in ${dir}: ${remedy}`;
}
