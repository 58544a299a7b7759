import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

import type { Database, Transaction } from './database.ts';
import { sql } from './sql.ts';

export interface MigrationReport {
  /** Names of the migrations that this call applied. */
  readonly applied: readonly string[];
  readonly views: readonly string[];
}

/**
 * Applies the missing migrations, then replaces every view. Safe to run from many processes at once: one works, the others wait and
 * find nothing to do.
 */
export async function migrate(database: Database): Promise<MigrationReport> {
  const queryRunner = database.dataSource.createQueryRunner();
  try {
    // Waiting for another migrator may take a while; the limits of ordinary statements are not for that.
    await queryRunner.query("set lock_timeout = '10min'; set statement_timeout = '10min'");
    // A session lock, because TypeORM opens its own transactions; it ends with the connection whatever happens.
    await queryRunner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      const applied = await database.dataSource.runMigrations({ transaction: 'each' });
      const views = await database.transaction(replaceViews);
      return { applied: applied.map((migration) => migration.name), views };
    } finally {
      // The connection goes back to the pool, where the lock would stay with it.
      await queryRunner.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      await queryRunner.query('reset lock_timeout; reset statement_timeout');
    }
  } finally {
    await queryRunner.release();
  }
}

const MIGRATION_LOCK = 7_016_996_765;

/** Views hold no data, so they are replaced, all or none; the order prefix of their files is not part of their names. */
async function replaceViews(transaction: Transaction): Promise<string[]> {
  const files = viewFiles();
  const names = files.map((file) => file.replace(/^\d+_/, '').replace(/\.sql$/, ''));
  const old = await transaction.query<{ name: string }>(
    'select quote_ident(viewname) as name from pg_views where schemaname = current_schema()',
  );
  if (old.length > 0) await transaction.query(`drop view ${old.map((view) => view.name).join(', ')}`);
  for (const file of files) await transaction.query(sql(`views/${file}` as `${string}.sql`));
  return names;
}

function viewFiles(): string[] {
  const folder = dirname(createRequire(import.meta.url).resolve('#db/views/10_average_elapsed_time_per_task_type.sql'));
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort();
}
