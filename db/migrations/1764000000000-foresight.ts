import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What people order of the autoscaler, who of its copies may act, and how long replicas take to start. Additive: services of the version
 * before go on meanwhile.
 */
export class Foresight1764000000000 implements MigrationInterface {
  readonly name = 'Foresight1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [CONTROLS, WRITERS, DECISIONS, MEASUREMENTS]) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('There are no down migrations: restore a backup.'));
  }
}

const CONTROLS = `
create table autoscaler_controls (
  pool text primary key,
  mode text not null default 'automatic' check (mode in ('automatic', 'advisory')),
  scale_out_paused boolean not null default false,
  scale_in_paused boolean not null default false,
  override_replicas integer check (override_replicas >= 0),
  override_until timestamptz(3),
  reason text,
  updated_at timestamptz(3) not null default clock_timestamp(),
  check ((override_replicas is null) = (override_until is null))
);
comment on table autoscaler_controls is 'What a person ordered for a pool; without a row the autoscaler acts by its plan alone.';
comment on column autoscaler_controls.mode is 'advisory: it decides and records what it would do, and changes nothing.';
`;

const WRITERS = `
create table autoscaler_writers (
  pool text primary key,
  fence bigint not null,
  holder text not null,
  renewed_at timestamptz(3) not null
) with (fillfactor = 50);
comment on table autoscaler_writers is 'Which copy of the autoscaler may change the replicas of a pool. All copies plan.';
comment on column autoscaler_writers.fence is 'Raised at each change of the holder: a decision under an older number is refused.';
`;

const DECISIONS = `
alter table scale_decisions
  add column fence bigint,
  add column detail text,
  drop constraint scale_decisions_outcome_check,
  add constraint scale_decisions_outcome_check check (outcome in ('applied', 'held', 'failed', 'advised', 'ordered'));
comment on column scale_decisions.outcome is 'advised: it would have, in advisory mode; ordered: a person changed the controls.';
comment on column scale_decisions.fence is 'The right to write under which it was taken; null for orders of people.';
comment on column scale_decisions.detail is 'The reason in words, with the numbers behind it.';
`;

const MEASUREMENTS = `
create table replica_starts (
  replica_id bigint primary key,
  pool text not null,
  requested_at timestamptz(3) not null,
  ready_at timestamptz(3) not null
);
comment on table replica_starts is 'How long processors took from being asked for to taking work; kept when the replica is gone.';
create index replica_starts_recent on replica_starts (pool, ready_at desc);

-- Manual occurrences are few: their rate is read from here, and not from the days of the schedule.
create index task_schedule_manual on task_schedule (scheduled_time) where trigger = 'manual';
`;
