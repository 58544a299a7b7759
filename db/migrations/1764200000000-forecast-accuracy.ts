import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the forecast said, so that it can be held against what happened, and how busy the processors were. Additive: services of the version
 * before go on meanwhile.
 */
export class ForecastAccuracy1764200000000 implements MigrationInterface {
  readonly name = 'ForecastAccuracy1764200000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [SAMPLES, PREDICTIONS]) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('There are no down migrations: restore a backup.'));
  }
}

const SAMPLES = `
alter table capacity_samples
  add column busy_instances integer,
  add column busy_slots integer,
  add column ready_slots integer;
comment on column capacity_samples.busy_instances is 'Ready replicas that ran something; null before this was recorded.';
`;

const PREDICTIONS = `
create table forecast_predictions (
  pool text not null,
  horizon_minutes smallint not null,
  at timestamptz(3) not null,
  made_at timestamptz(3) not null default clock_timestamp(),
  required_instances integer not null,
  planned_instances integer not null,
  lead_time_ms integer not null,
  foretold jsonb,
  primary key (pool, horizon_minutes, at)
);
comment on table forecast_predictions is 'What the plan said about a minute, some minutes before it: one row per minute and horizon.';
comment on column forecast_predictions.at is 'Start of the minute that it is about.';
comment on column forecast_predictions.foretold is 'Work of that minute as the rows had it: {taskType, count, workMs} each; for the nearest horizon only.';
`;
