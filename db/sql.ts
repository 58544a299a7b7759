import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const cache = new Map<string, string>();

/** The text of a `.sql` file below `db/`, as in `sql('queries/claim_due.sql')`. Read once. */
export function sql(path: `${string}.sql`): string {
  let text = cache.get(path);
  if (text === undefined) {
    text = readFileSync(require.resolve(`#db/${path}`), 'utf8');
    cache.set(path, text);
  }
  return text;
}
