import { HttpProblem } from './problem.ts';

/** The revision that an If-Match header names; null: whatever there is. */
export function revisionOf(ifMatch: string | undefined, what: string): number | null {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null;
  const match = /^\s*"(\d{1,9})"\s*$/.exec(ifMatch);
  if (match === null) {
    throw new HttpProblem(
      412,
      'revision_mismatch',
      `If-Match must hold one ETag as the ${what} was read with, such as "7".`,
    );
  }
  return Number(match[1]);
}
