import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The first schema. breaking: true, because there was nothing before it. */
export class CreateSchema1763700000000 implements MigrationInterface {
  readonly name = 'CreateSchema1763700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [TYPES, DEFINITIONS, SCHEDULE, RUNS, FLEET, PARTITIONS]) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('There are no down migrations: restore a backup.'));
  }
}

const TYPES = `
create type occurrence_status as enum (
  'Scheduled', 'Queued', 'Running', 'Completed', 'Failed', 'Skipped', 'Expired', 'Cancelled'
);
create type occurrence_trigger as enum ('schedule', 'manual');
create type run_outcome as enum ('succeeded', 'failed', 'timed-out', 'interrupted', 'lost', 'cancelled');
`;

const DEFINITIONS = `
create table task_types (
  name text primary key,
  title text not null,
  description text not null default '',
  pool text not null default 'default',
  timeout_ms integer not null check (timeout_ms > 0),
  retry jsonb not null,
  estimate_ms double precision not null check (estimate_ms >= 0),
  payload_schema jsonb not null default '{}',
  example_payload jsonb not null default '{}',
  enabled boolean not null default true,
  registered_at timestamptz(3) not null default clock_timestamp()
);

create table tasks (
  id bigint generated always as identity primary key,
  key text,
  name text not null,
  task_type text not null references task_types (name),
  payload jsonb not null default '{}',
  schedule_kind text not null check (schedule_kind in ('immediate', 'once', 'interval', 'cron')),
  cron_expressions text[],
  time_zone text,
  run_at timestamptz(3),
  every_ms bigint check (every_ms >= 1000),
  starts_at timestamptz(3),
  ends_at timestamptz(3),
  misfire_policy text not null default 'latest' check (misfire_policy in ('latest', 'all', 'skip')),
  overlap_policy text not null default 'skip' check (overlap_policy in ('skip', 'allow')),
  dst_gap text not null default 'shift' check (dst_gap in ('shift', 'skip')),
  dst_repeat text not null default 'first' check (dst_repeat in ('first', 'last', 'both')),
  start_expiry_ms bigint check (start_expiry_ms > 0),
  retry jsonb,
  timeout_ms integer check (timeout_ms > 0),
  priority text not null default 'normal' check (priority in ('high', 'normal', 'low')),
  labels jsonb not null default '{}',
  recipients text[] not null default '{}',
  security_group text not null default 'default',
  status text not null default 'active' check (status in ('active', 'inactive', 'paused')),
  status_reason text,
  paused_until timestamptz(3),
  revision integer not null default 1,
  expanded_until timestamptz(3),
  expand_error text,
  created_at timestamptz(3) not null default clock_timestamp(),
  updated_at timestamptz(3) not null default clock_timestamp(),
  deleted_at timestamptz(3),
  check (schedule_kind <> 'cron' or (cardinality(cron_expressions) > 0 and time_zone is not null)),
  check (schedule_kind <> 'once' or run_at is not null),
  check (schedule_kind <> 'interval' or (every_ms is not null and starts_at is not null))
);
comment on column tasks.key is 'The owner''s own name for the task; unique among tasks that are not deleted.';
comment on column tasks.expanded_until is 'Watermark: everything before it has been decided. Null: nothing left to expand.';

create unique index tasks_key on tasks (key) where deleted_at is null and key is not null;
create index tasks_expand on tasks (expanded_until)
  where status = 'active' and deleted_at is null and expand_error is null and expanded_until is not null;
create index tasks_paused_until on tasks (paused_until) where status = 'paused' and deleted_at is null;
create index tasks_name on tasks (lower(name)) where deleted_at is null;
`;

const SCHEDULE = `
create table task_schedule (
  task_id bigint not null,
  scheduled_time timestamptz(3) not null,
  due_at timestamptz(3),
  status occurrence_status not null default 'Scheduled',
  trigger occurrence_trigger not null default 'schedule',
  revision integer not null,
  attempt integer not null default 0,
  attempt_base integer not null default 0,
  claim_id bigint,
  claimed_due_at timestamptz(3),
  locked_by bigint,
  locked_at timestamptz(3),
  lock_expires_at timestamptz(3),
  start_time timestamptz(3),
  end_time timestamptz(3),
  reason text,
  primary key (task_id, scheduled_time),
  constraint task_schedule_due check ((due_at is not null) = (status = 'Scheduled'))
) partition by range (scheduled_time);
comment on table task_schedule is 'One row per occurrence, written before it is due. The two columns of the key are its identity.';
comment on column task_schedule.due_at is 'When it may next be claimed: moves on retry; null while claimed or done.';
comment on column task_schedule.attempt is 'Raised by one at each start, never reused: the fencing token of the outcome.';
comment on column task_schedule.attempt_base is 'Attempts that no longer count: those before the last redrive.';
comment on column task_schedule.claim_id is 'The claim (dispatch_batches.id) whose ticket may start it.';
comment on column task_schedule.claimed_due_at is 'The due_at that the last claim took: what its start is measured against.';
comment on column task_schedule.locked_by is 'replicas.id of the holder.';

create index task_schedule_due_at on task_schedule (due_at) where due_at is not null;

create table dispatch_batches (
  id bigint generated always as identity primary key,
  distributor_id bigint not null,
  lease_until timestamptz(3) not null,
  published_at timestamptz(3),
  verify_at timestamptz(3),
  task_ids bigint[] not null,
  scheduled_times timestamptz(3)[] not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
comment on table dispatch_batches is
  'One row per claim until all its occurrences have started; what it holds is what a crash or a broker without memory would lose.';

create table running_tasks (
  task_id bigint not null,
  scheduled_time timestamptz(3) not null,
  attempt integer not null,
  locked_by bigint not null,
  bars boolean not null,
  primary key (task_id, scheduled_time)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
comment on table running_tasks is
  'One row per attempt that runs: what a lost processor held is found here, and not in the days of task_schedule.';
comment on column running_tasks.bars is 'Whether it bars others of its task from starting (overlap policy skip).';
create unique index running_tasks_bar on running_tasks (task_id) where bars;
`;

const RUNS = `
create table task_runs (
  task_id bigint not null,
  scheduled_time timestamptz(3) not null,
  attempt integer not null,
  outcome run_outcome not null,
  due_at timestamptz(3),
  started_at timestamptz(3) not null,
  ended_at timestamptz(3) not null default clock_timestamp(),
  elapsed_ms double precision,
  error text,
  result jsonb,
  cpu_ms double precision,
  peak_memory_bytes bigint,
  processor text,
  primary key (task_id, scheduled_time, attempt)
) partition by range (scheduled_time);
comment on table task_runs is 'One row per attempt that ended; append-only.';
comment on column task_runs.elapsed_ms is 'Execution time alone, measured by the processor.';
create index task_runs_ended_at on task_runs using brin (ended_at) with (pages_per_range = 32, autosummarize = on);
-- Dead letters are found through it; runs that succeed do not touch it.
create index task_runs_failed on task_runs (scheduled_time, task_id) where outcome in ('failed', 'timed-out', 'lost');

create table task_logs (
  task_id bigint not null,
  scheduled_time timestamptz(3) not null,
  attempt integer not null,
  seq integer not null,
  at timestamptz(3) not null,
  level text not null,
  message text not null,
  primary key (task_id, scheduled_time, attempt, seq)
) partition by range (scheduled_time);

create table task_type_statistics (
  task_type text not null,
  day date not null,
  shard smallint not null,
  succeeded bigint not null default 0,
  failed bigint not null default 0,
  elapsed_sum_ms double precision not null default 0,
  elapsed_square_sum double precision not null default 0,
  histogram bigint[] not null,
  primary key (task_type, day, shard)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
comment on table task_type_statistics is
  'Rollup per type and day, so that an average over a year never reads a year of runs. Shards keep processors from waiting for each other.';
comment on column task_type_statistics.histogram is
  'Successful runs per elapsed time: bucket i (from 1) counts those below 2^((i-1)/4) ms and not in the bucket before; 120 buckets.';
`;

const FLEET = `
create table replicas (
  id bigint generated always as identity primary key,
  service text not null check (service in ('scheduler', 'distributor', 'processor', 'autoscaler', 'api')),
  name text not null,
  pool text,
  slots integer not null default 0,
  running integer not null default 0,
  status text not null check (status in ('starting', 'ready', 'draining', 'lost')),
  requested_at timestamptz(3),
  started_at timestamptz(3) not null default clock_timestamp(),
  ready_at timestamptz(3),
  heartbeat_at timestamptz(3) not null default clock_timestamp(),
  lease_until timestamptz(3) not null,
  unreadable_messages bigint not null default 0
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
comment on table replicas is 'Every live process of every service. A processor whose lease ends loses all that it runs.';

create table scale_decisions (
  id bigint generated always as identity primary key,
  decided_at timestamptz(3) not null default clock_timestamp(),
  pool text not null,
  target text not null,
  from_replicas integer,
  to_replicas integer not null,
  outcome text not null check (outcome in ('applied', 'held', 'failed')),
  reason text not null
);
create index scale_decisions_recent on scale_decisions (pool, id desc);

create table capacity_samples (
  pool text not null,
  at timestamptz(3) not null,
  required_instances integer,
  planned_instances integer,
  ready_instances integer,
  primary key (pool, at)
);
comment on table capacity_samples is 'What the forecast said and what was there, each few seconds: the past of the line graph.';

create table notifications (
  id bigint generated always as identity primary key,
  created_at timestamptz(3) not null default clock_timestamp(),
  task_id bigint not null,
  scheduled_time timestamptz(3) not null,
  recipient text not null,
  message text not null
);
create index notifications_recent on notifications (id desc);
`;

const PARTITIONS = `
create table task_schedule_default partition of task_schedule default
  with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create table task_runs_default partition of task_runs default;
create table task_logs_default partition of task_logs default;

-- Makes the partition of one UTC day for one of the three parents; rows that the default partition caught meanwhile move into it.
create function ensure_partition(parent text, day date) returns boolean language plpgsql as $$
declare
  partition_name text := parent || '_' || to_char(day, 'YYYYMMDD');
  lower_bound timestamptz := day::timestamp at time zone 'UTC';
  upper_bound timestamptz := (day + 1)::timestamp at time zone 'UTC';
  storage text := case parent
    when 'task_schedule' then ' with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)'
    else ' with (autovacuum_vacuum_cost_delay = 0)'
  end;
begin
  if to_regclass(partition_name) is not null then
    return false;
  end if;
  execute format('create table %I (like %I including defaults including constraints)%s', partition_name, parent, storage);
  execute format(
    'with moved as (delete from %I where scheduled_time >= %L and scheduled_time < %L returning *) insert into %I select * from moved',
    parent || '_default', lower_bound, upper_bound, partition_name
  );
  execute format(
    'alter table %I attach partition %I for values from (%L) to (%L)', parent, partition_name, lower_bound, upper_bound
  );
  return true;
end
$$;

-- Partitions for every day from the first to the last, one caller at a time. Answers how many were made.
create function ensure_partitions(first_day date, last_day date) returns integer language plpgsql as $$
declare
  made integer := 0;
  day date;
  parent text;
begin
  perform pg_advisory_xact_lock(hashtext('almanac.partitions'));
  for day in select generate_series(first_day, last_day, interval '1 day')::date loop
    foreach parent in array array['task_schedule', 'task_runs', 'task_logs'] loop
      made := made + ensure_partition(parent, day)::integer;
    end loop;
  end loop;
  return made;
end
$$;

-- Drops the partitions of days before the given one, except where an occurrence has not ended. Answers how many went.
create function drop_partitions(before_day date) returns integer language plpgsql as $$
declare
  dropped integer := 0;
  unfinished boolean;
  partition_name text;
  day_text text;
begin
  perform pg_advisory_xact_lock(hashtext('almanac.partitions'));
  for partition_name in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'task_schedule'::regclass and c.relname ~ '^task_schedule_[0-9]{8}$'
      and to_date(right(c.relname, 8), 'YYYYMMDD') < before_day
  loop
    execute format(
      'select exists (select from %I where status in (''Scheduled'', ''Queued'', ''Running''))', partition_name
    ) into unfinished;
    continue when unfinished;
    day_text := right(partition_name, 8);
    execute format('drop table %I', partition_name);
    execute format('drop table if exists %I', 'task_runs_' || day_text);
    execute format('drop table if exists %I', 'task_logs_' || day_text);
    dropped := dropped + 1;
  end loop;
  return dropped;
end
$$;

select ensure_partitions(
  (clock_timestamp() at time zone 'UTC')::date - 1, (clock_timestamp() at time zone 'UTC')::date + 2
);
`;
