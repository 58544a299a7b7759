import type { Database } from './database.ts';

export interface WriterLock {
  release(): Promise<void>;
}

/**
 * Tries to become the one writer of something, without waiting; `undefined` when another is. The lock ends with its transaction, so a
 * writer that dies leaves it at once, and one whose connection broke can not believe that it still has it for longer than a turn.
 */
export async function tryWriterLock(database: Database, name: string): Promise<WriterLock | undefined> {
  const queryRunner = database.dataSource.createQueryRunner();
  try {
    await queryRunner.startTransaction();
    // The transaction is idle while its owner works; that is what it is for.
    await queryRunner.query("set local idle_in_transaction_session_timeout = '60s'");
    const rows = (await queryRunner.query('select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken', [
      name,
    ])) as { taken: boolean }[];
    if (rows[0]?.taken === true) {
      return {
        async release() {
          try {
            await queryRunner.commitTransaction();
          } finally {
            await queryRunner.release();
          }
        },
      };
    }
    await queryRunner.rollbackTransaction();
    await queryRunner.release();
    return undefined;
  } catch (error) {
    await queryRunner.release().catch(() => undefined); // the first error says more
    throw error;
  }
}
