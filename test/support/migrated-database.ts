import { type Database, openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { createLogger } from '../../runtime/logger.ts';
import { startPostgres, type TestDatabase } from './postgres.ts';

export interface MigratedDatabase extends AsyncDisposable {
  readonly url: string;
  readonly database: Database;
}

/** A database of the test's own with the whole schema: a copy of one that this process migrated. Disposing closes and drops it. */
export async function createMigratedDatabase(poolSize = 10): Promise<MigratedDatabase> {
  template ??= prepareTemplate();
  const postgres = await startPostgres();
  const copy = await postgres.cloneDatabase((await template).name);
  const database = await open(copy, poolSize);
  return {
    url: copy.url,
    database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await copy.drop();
    },
  };
}

let template: Promise<TestDatabase> | undefined;

async function prepareTemplate(): Promise<TestDatabase> {
  const postgres = await startPostgres();
  const empty = await postgres.createDatabase();
  await using database = await open(empty, 3);
  await migrate(database);
  return empty;
}

function open(database: TestDatabase, poolSize: number): Promise<Database> {
  return openDatabase({
    url: database.url,
    log: createLogger('test', 'silent'),
    applicationName: 'almanac test',
    poolSize,
    statementTimeoutMs: 20_000,
  });
}
