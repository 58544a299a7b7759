/** Opens the embedded PostgreSQL in the folder that it is given, prints `{ url, pid }` or `{ error }`, and stays until it is killed. */
import { openEmbeddedPostgres } from '../../bin/embedded-postgres.ts';

const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error('Which folder?');
try {
  const postgres = await openEmbeddedPostgres({ dataDir, log: () => undefined });
  process.stdout.write(`${JSON.stringify({ url: postgres.url, pid: postgres.pid })}\n`);
  setInterval(() => undefined, 60_000);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
}
