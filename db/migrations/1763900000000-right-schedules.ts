import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Exclusion calendars, limits and windows of schedules, all overlap policies, catch-up after an outage, and the record of every revision
 * from which the ledger recomputes what had to happen. Additive: services of the version before go on meanwhile.
 */
export class RightSchedules1763900000000 implements MigrationInterface {
  readonly name = 'RightSchedules1763900000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [CALENDARS, DEFINITIONS, REVISIONS, SCHEDULE, LEDGER]) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('There are no down migrations: restore a backup.'));
  }
}

const CALENDARS = `
create table calendars (
  name text primary key,
  title text not null,
  time_zone text not null,
  rules jsonb not null default '[]',
  revision integer not null default 1,
  created_at timestamptz(3) not null default clock_timestamp(),
  updated_at timestamptz(3) not null default clock_timestamp()
);
comment on table calendars is 'Times at which tasks that name the calendar do not run, such as the holidays of a country.';
comment on column calendars.rules is 'Exclusion rules: dates, ranges of instants, and windows that come back every week.';

create table calendar_revisions (
  name text not null,
  revision integer not null,
  valid_from timestamptz(3) not null,
  valid_until timestamptz(3),
  time_zone text not null,
  rules jsonb not null,
  primary key (name, revision)
);

-- The exclusions of the named calendars, as they are now.
create function calendar_sets(names text[]) returns jsonb language sql stable as $$
  select case when names <> '{}' then (
    select jsonb_agg(jsonb_build_object('calendar', c.name, 'timeZone', c.time_zone, 'rules', c.rules) order by c.name)
    from calendars as c where c.name = any (names)
  ) end
$$;

-- The exclusions of the named calendars, as they were at an instant.
create function calendar_sets_at(names text[], instant timestamptz) returns jsonb language sql stable as $$
  select case when names <> '{}' then (
    select jsonb_agg(jsonb_build_object('calendar', c.name, 'timeZone', c.time_zone, 'rules', c.rules) order by c.name)
    from calendar_revisions as c
    where c.name = any (names) and c.valid_from <= instant and coalesce(c.valid_until, 'infinity') > instant
  ) end
$$;
`;

const DEFINITIONS = `
alter table tasks
  add column max_runs bigint check (max_runs > 0),
  add column calendars text[] not null default '{}',
  add column blackouts jsonb not null default '[]',
  add column misfire_grace_ms bigint check (misfire_grace_ms >= 0),
  add column catch_up_limit integer not null default 1000 check (catch_up_limit > 0),
  add column catch_up_per_minute integer not null default 60 check (catch_up_per_minute > 0),
  add column flexible_window_ms bigint not null default 0 check (flexible_window_ms >= 0),
  add column placement text not null default 'load' check (placement in ('load', 'hash')),
  add column slots_decided bigint not null default 0,
  add column last_slot_at timestamptz(3),
  drop constraint tasks_overlap_policy_check,
  add constraint tasks_overlap_policy_check check (
    overlap_policy in ('skip', 'buffer-one', 'buffer-all', 'cancel-other', 'terminate-other', 'allow')
  );
comment on column tasks.slots_decided is 'Occurrences that the schedule has had so far, those written ahead included: what max_runs counts.';
comment on column tasks.last_slot_at is 'The last occurrence that max_runs allows, once it is known.';
create index tasks_calendars on tasks using gin (calendars) where calendars <> '{}' and deleted_at is null;
`;

const REVISIONS = `
create table task_revisions (
  task_id bigint not null,
  revision integer not null,
  valid_from timestamptz(3) not null,
  valid_until timestamptz(3),
  change text not null check (change in ('created', 'edited', 'activated', 'paused', 'deactivated', 'deleted', 'calendar', 'migrated')),
  first_at timestamptz(3),
  definition jsonb not null,
  primary key (task_id, revision)
);
comment on table task_revisions is 'Every definition that a task ever had, and when it was in force: what the ledger recomputes from.';
comment on column task_revisions.first_at is 'The one occurrence that was written together with the revision.';
comment on column task_revisions.definition is 'The row of tasks as the change left it, its watermark included.';
create index task_revisions_valid_until on task_revisions (valid_until);

insert into task_revisions (task_id, revision, valid_from, change, definition)
select t.id, t.revision, n.at, 'migrated', to_jsonb(t) || jsonb_build_object('expanded_until', case when t.expanded_until is not null then n.at end)
from tasks as t, (select clock_timestamp()::timestamptz(3) as at) as n
where t.deleted_at is null;
`;

const SCHEDULE = `
alter type occurrence_trigger add value 'catch-up';
alter type occurrence_trigger add value 'backfill';

alter table task_schedule add column blocked_by timestamptz(3), add column moved_at timestamptz(3);
comment on column task_schedule.moved_at is 'When a person gave it another due time: an edit of its task then keeps that.';
comment on column task_schedule.blocked_by is 'The scheduled time of the occurrence of the same task that kept it from starting.';

create table waiting_occurrences (
  task_id bigint not null,
  scheduled_time timestamptz(3) not null,
  primary key (task_id, scheduled_time)
);
comment on table waiting_occurrences is
  'Occurrences that wait until the one of their task that runs has ended. A row whose occurrence no longer waits means nothing.';

alter table running_tasks
  add column ending text check (ending in ('cancel', 'terminate')),
  add column ending_reason text;
comment on column running_tasks.ending is 'Somebody asked its processor to end the attempt: with time to clean up, or at once.';

create table distribution (
  single boolean primary key default true check (single),
  alive_at timestamptz(3),
  catch_up_before timestamptz(3) not null default '-infinity',
  released_until timestamptz(3) not null default '-infinity'
) with (fillfactor = 20, autovacuum_vacuum_cost_delay = 0);
comment on table distribution is 'One row: whether anybody hands out work, and what fell into the time when nobody did.';
comment on column distribution.alive_at is 'When a distributor last asked for work with a broker that would take it.';
comment on column distribution.catch_up_before is 'Due times up to here are not claimed any more: the misfire policies decide about them.';
comment on column distribution.released_until is 'Up to when catch-up runs have been handed out; the next ones come after.';
insert into distribution default values;
`;

const LEDGER = `
create table ledger_days (
  day date primary key,
  checked_at timestamptz(3) not null default clock_timestamp(),
  expected bigint not null,
  unaccounted bigint not null,
  unexpected bigint not null,
  statuses jsonb not null,
  problems jsonb not null default '[]'
);
comment on table ledger_days is 'What the nightly check of a UTC day found: expected occurrences against recorded ones.';
comment on column ledger_days.problems is 'The first occurrences that were missing or in excess, and the tasks that could not be recomputed.';
`;
