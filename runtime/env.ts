import type { z } from 'zod';

/** Configuration that can not be used. `problems` has one sentence per variable; nothing was started. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(['The configuration can not be used:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

/** The exit code for unusable configuration (EX_CONFIG of sysexits.h). */
export const CONFIGURATION_EXIT_CODE = 78;

/**
 * Reads the variables of `schema` from `env`; a variable set to nothing counts as not set.
 * @throws ConfigurationError with every problem at once, unknown variables that start with `prefix` included: they are misspelt.
 */
export function parseEnv<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Readonly<Record<string, string | undefined>>,
  prefix: string,
): z.infer<z.ZodObject<Shape>> {
  const known = Object.keys(schema.shape);
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => known.includes(name) && value !== undefined && value !== ''),
  );
  const unknown = Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .map((name) => `${name}: there is no such variable${suggestion(name, known)}`);
  const parsed = schema.safeParse(given);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}${shown(given, issue.path)}`);
  if (!parsed.success || unknown.length > 0) throw new ConfigurationError([...problems, ...unknown]);
  return parsed.data;
}

function shown(given: Readonly<Record<string, string | undefined>>, path: readonly PropertyKey[]): string {
  const name = String(path[0]);
  const value = given[name];
  // Addresses carry passwords, so what was given is not repeated.
  return value === undefined || name.endsWith('_URL') ? '' : ` (it is "${value.slice(0, 80)}")`;
}

function suggestion(name: string, known: readonly string[]): string {
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  return nearest !== undefined && nearest.distance <= 4 ? `; did you mean ${nearest.candidate}?` : '';
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
