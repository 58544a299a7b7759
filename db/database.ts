import type pg from 'pg';
import { DataSource } from 'typeorm';

import type { Logger } from '../runtime/logger.ts';
import { ENTITIES } from './entities.ts';
import { MIGRATIONS } from './migrations.ts';
import { sql } from './sql.ts';

/** What one row of a query looks like: column name to value as node-postgres gives it (bigint as text, timestamptz as Date). */
export type Row = object;

/** Runs the statement of a file under `db/queries`, prepared once per connection. */
export interface Queryable {
  run<R extends Row>(file: QueryFile, values: readonly unknown[]): Promise<R[]>;
}

export type QueryFile = `queries/${string}.sql`;

export interface Database extends Queryable, AsyncDisposable {
  readonly dataSource: DataSource;
  /** One transaction on one connection: commits when `work` resolves, rolls back when it rejects. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
}

export interface Transaction extends Queryable {
  query<R extends Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly log: Logger;
  readonly applicationName: string;
  /** Connections at most. */
  readonly poolSize: number;
  /** How long one statement may take before the server ends it. */
  readonly statementTimeoutMs: number;
  /**
   * `keyed`: for the statements that take, start and end occurrences. They name a few hundred rows by their keys, and must find them by
   * the key's index whatever the tables' sizes make the planner believe: a hash join reads a whole day for them.
   */
  readonly planner?: 'free' | 'keyed' | undefined;
}

const KEYED_PLANS =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan';

/**
 * Opens a pool of connections. All clocks of the product are this server's: `clock_timestamp()` inside the statements.
 * @throws the driver's error when the server can not be reached.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: options.url,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migrations',
    synchronize: false,
    logging: false,
    applicationName: options.applicationName,
    poolSize: options.poolSize,
    connectTimeoutMS: 10_000,
    // An idle connection that the server closed must not end the process.
    poolErrorHandler: (error: unknown) => options.log.warn({ err: error }, 'a database connection was lost'),
    extra: {
      statement_timeout: options.statementTimeoutMs,
      idle_in_transaction_session_timeout: 30_000,
      keepAlive: true,
      options: `-c timezone=UTC -c lock_timeout=5000 -c jit=off ${options.planner === 'keyed' ? KEYED_PLANS : ''}`,
    },
  });
  await dataSource.initialize();
  const pool = poolOf(dataSource);
  return {
    dataSource,
    run: (file, values) => runFile(pool, file, values),
    transaction: (work) => inTransaction(dataSource, work),
    async [Symbol.asyncDispose]() {
      await dataSource.destroy();
    },
  };
}

async function inTransaction<T>(dataSource: DataSource, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    const client = (await queryRunner.connect()) as pg.PoolClient;
    await queryRunner.startTransaction();
    const result = await work({
      run: (file, values) => runFile(client, file, values),
      query: async <R extends Row>(text: string, values: readonly unknown[] = []) =>
        (await client.query<R & pg.QueryResultRow>(text, [...values])).rows,
    });
    await queryRunner.commitTransaction();
    return result;
  } catch (error) {
    if (queryRunner.isTransactionActive) await queryRunner.rollbackTransaction().catch(() => undefined); // the first error says more
    throw error;
  } finally {
    await queryRunner.release();
  }
}

async function runFile<R extends Row>(
  on: pg.Pool | pg.PoolClient,
  file: QueryFile,
  values: readonly unknown[],
): Promise<R[]> {
  const result = await on.query<R & pg.QueryResultRow>({ name: file, text: sql(file), values: [...values] });
  return result.rows;
}

/** TypeORM keeps the pool on its driver; statements of the hot path are prepared by name on its connections. */
function poolOf(dataSource: DataSource): pg.Pool {
  return (dataSource.driver as unknown as { readonly master: pg.Pool }).master;
}
