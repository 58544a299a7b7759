import { StartError } from './start-error.ts';

/** What the explanation of a failure names. */
export interface FailureContext {
  readonly dataDir: string;
  readonly logFile: string;
}

/** Reads what initdb or the server wrote before it gave up, and says what a person can do about it. */
export function explainPostgresFailure(output: string, context: FailureContext): StartError {
  const { dataDir, logFile } = context;
  const matched = CAUSES.find(({ pattern }) => pattern.test(output));
  if (matched !== undefined) return new StartError(matched.explain(dataDir, pick(output, matched.pattern)));
  const lastLine = /.*(?:FATAL|PANIC|error):.*/gi.exec(output)?.[0].trim();
  const reason = lastLine === undefined ? '' : `: ${lastLine}`;
  return new StartError(
    `The embedded PostgreSQL does not start${reason}. Its log is ${logFile}; with DATABASE_URL Almanac uses a server of yours instead.`,
  );
}

/** Another program took the port between our choice and the server's start; another port is worth a try. */
export function isPortTaken(output: string): boolean {
  return /could not bind .*Address already in use|could not create any TCP\/IP sockets/s.test(output);
}

interface Cause {
  readonly pattern: RegExp;
  readonly explain: (dataDir: string, found: readonly string[]) => string;
}

const CAUSES: readonly Cause[] = [
  {
    pattern: /No space left on device|disk quota exceeded/i,
    explain: (dataDir) =>
      `The disk that holds ${dataDir} is full: free at least 500 MB and start again; nothing that was stored is lost.`,
  },
  {
    pattern: /initialized by PostgreSQL version (\d+).*not compatible with this version (\d+)/s,
    explain: (dataDir, [made, ours]) =>
      `The data in ${dataDir} was made by PostgreSQL ${made ?? '?'}, and this Almanac brings PostgreSQL ${ours ?? '?'}: carry it over with pg_dump and set DATABASE_URL, or move the folder away to begin anew.`,
  },
  {
    pattern: /data directory ".*" has wrong ownership|data directory ".*" has invalid permissions/,
    explain: (dataDir) =>
      `${dataDir} belongs to another user than the one who starts Almanac: start it as that user, or move the folder away to begin anew.`,
  },
  {
    pattern: /lock file "postmaster\.pid" already exists|pre-existing shared memory block/,
    explain: (dataDir) => `Another PostgreSQL uses ${dataDir}: stop it, or start Almanac in another folder.`,
  },
  {
    pattern: /could not (?:map anonymous|create) shared memory|Cannot allocate memory/,
    explain: () =>
      'There is not enough memory for the embedded PostgreSQL, which needs about 400 MB: free some, or set DATABASE_URL to a server elsewhere.',
  },
  {
    pattern: /Permission denied|Read-only file system/,
    explain: (dataDir) =>
      `The embedded PostgreSQL may not write in ${dataDir}: change its permissions, or start Almanac in a folder of yours.`,
  },
];

function pick(output: string, pattern: RegExp): readonly string[] {
  return pattern.exec(output)?.slice(1) ?? [];
}
