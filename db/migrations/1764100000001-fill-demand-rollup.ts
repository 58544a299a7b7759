import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * breaking: false. Adds up what is written already. A migration of its own, because the triggers of the one before hold writers up until it
 * commits, and this reads every row ahead: meanwhile writers go on, and each transaction of theirs is either seen here or adds up itself.
 */
export class FillDemandRollup1764100000001 implements MigrationInterface {
  readonly name = 'FillDemandRollup1764100000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`select repair_demand('-infinity', 'infinity')`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('There are no down migrations: restore a backup.'));
  }
}
