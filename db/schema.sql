-- Generated from a freshly migrated database by `npm run schema:dump`. The partitions of single days, and the tables that
-- TypeORM keeps for itself, are left out.

create type occurrence_status as enum ('Scheduled', 'Queued', 'Running', 'Completed', 'Failed', 'Skipped', 'Expired', 'Cancelled');

create type occurrence_trigger as enum ('schedule', 'manual', 'catch-up', 'backfill');

create type run_outcome as enum ('succeeded', 'failed', 'timed-out', 'interrupted', 'lost', 'cancelled');

create table task_types (
  name text not null,
  title text not null,
  description text not null default ''::text,
  pool text not null default 'default'::text,
  timeout_ms integer not null,
  retry jsonb not null,
  estimate_ms double precision not null,
  payload_schema jsonb not null default '{}'::jsonb,
  example_payload jsonb not null default '{}'::jsonb,
  enabled boolean not null default true,
  registered_at timestamp(3) with time zone not null default clock_timestamp(),
  constraint task_types_pkey PRIMARY KEY (name),
  constraint task_types_estimate_ms_check CHECK ((estimate_ms >= (0)::double precision)),
  constraint task_types_timeout_ms_check CHECK ((timeout_ms > 0))
);

create table tasks (
  id bigint generated always as identity,
  key text,
  name text not null,
  task_type text not null,
  payload jsonb not null default '{}'::jsonb,
  schedule_kind text not null,
  cron_expressions text[],
  time_zone text,
  run_at timestamp(3) with time zone,
  every_ms bigint,
  starts_at timestamp(3) with time zone,
  ends_at timestamp(3) with time zone,
  misfire_policy text not null default 'latest'::text,
  overlap_policy text not null default 'skip'::text,
  dst_gap text not null default 'shift'::text,
  dst_repeat text not null default 'first'::text,
  start_expiry_ms bigint,
  retry jsonb,
  timeout_ms integer,
  priority text not null default 'normal'::text,
  labels jsonb not null default '{}'::jsonb,
  recipients text[] not null default '{}'::text[],
  security_group text not null default 'default'::text,
  status text not null default 'active'::text,
  status_reason text,
  paused_until timestamp(3) with time zone,
  revision integer not null default 1,
  expanded_until timestamp(3) with time zone,
  expand_error text,
  created_at timestamp(3) with time zone not null default clock_timestamp(),
  updated_at timestamp(3) with time zone not null default clock_timestamp(),
  deleted_at timestamp(3) with time zone,
  max_runs bigint,
  calendars text[] not null default '{}'::text[],
  blackouts jsonb not null default '[]'::jsonb,
  misfire_grace_ms bigint,
  catch_up_limit integer not null default 1000,
  catch_up_per_minute integer not null default 60,
  flexible_window_ms bigint not null default 0,
  placement text not null default 'load'::text,
  slots_decided bigint not null default 0,
  last_slot_at timestamp(3) with time zone,
  placement_offset_ms bigint,
  advice_id bigint,
  constraint tasks_pkey PRIMARY KEY (id),
  constraint tasks_task_type_fkey FOREIGN KEY (task_type) REFERENCES task_types(name),
  constraint tasks_catch_up_limit_check CHECK ((catch_up_limit > 0)),
  constraint tasks_catch_up_per_minute_check CHECK ((catch_up_per_minute > 0)),
  constraint tasks_check CHECK (((schedule_kind <> 'cron'::text) OR ((cardinality(cron_expressions) > 0) AND (time_zone IS NOT NULL)))),
  constraint tasks_check1 CHECK (((schedule_kind <> 'once'::text) OR (run_at IS NOT NULL))),
  constraint tasks_check2 CHECK (((schedule_kind <> 'interval'::text) OR ((every_ms IS NOT NULL) AND (starts_at IS NOT NULL)))),
  constraint tasks_dst_gap_check CHECK ((dst_gap = ANY (ARRAY['shift'::text, 'skip'::text]))),
  constraint tasks_dst_repeat_check CHECK ((dst_repeat = ANY (ARRAY['first'::text, 'last'::text, 'both'::text]))),
  constraint tasks_every_ms_check CHECK ((every_ms >= 1000)),
  constraint tasks_flexible_window_ms_check CHECK ((flexible_window_ms >= 0)),
  constraint tasks_max_runs_check CHECK ((max_runs > 0)),
  constraint tasks_misfire_grace_ms_check CHECK ((misfire_grace_ms >= 0)),
  constraint tasks_misfire_policy_check CHECK ((misfire_policy = ANY (ARRAY['latest'::text, 'all'::text, 'skip'::text]))),
  constraint tasks_overlap_policy_check CHECK ((overlap_policy = ANY (ARRAY['skip'::text, 'buffer-one'::text, 'buffer-all'::text, 'cancel-other'::text, 'terminate-other'::text, 'allow'::text]))),
  constraint tasks_placement_check CHECK ((placement = ANY (ARRAY['load'::text, 'hash'::text]))),
  constraint tasks_placement_offset_ms_check CHECK ((placement_offset_ms >= 0)),
  constraint tasks_priority_check CHECK ((priority = ANY (ARRAY['high'::text, 'normal'::text, 'low'::text]))),
  constraint tasks_schedule_kind_check CHECK ((schedule_kind = ANY (ARRAY['immediate'::text, 'once'::text, 'interval'::text, 'cron'::text]))),
  constraint tasks_start_expiry_ms_check CHECK ((start_expiry_ms > 0)),
  constraint tasks_status_check CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text, 'paused'::text]))),
  constraint tasks_timeout_ms_check CHECK ((timeout_ms > 0))
);
CREATE INDEX tasks_calendars ON public.tasks USING gin (calendars) WHERE ((calendars <> '{}'::text[]) AND (deleted_at IS NULL));
CREATE INDEX tasks_expand ON public.tasks USING btree (expanded_until) WHERE ((status = 'active'::text) AND (deleted_at IS NULL) AND (expand_error IS NULL) AND (expanded_until IS NOT NULL));
CREATE UNIQUE INDEX tasks_key ON public.tasks USING btree (key) WHERE ((deleted_at IS NULL) AND (key IS NOT NULL));
CREATE INDEX tasks_name ON public.tasks USING btree (lower(name)) WHERE (deleted_at IS NULL);
CREATE INDEX tasks_paused_until ON public.tasks USING btree (paused_until) WHERE ((status = 'paused'::text) AND (deleted_at IS NULL));
comment on column tasks.key is 'The owner''s own name for the task; unique among tasks that are not deleted.';
comment on column tasks.expanded_until is 'Watermark: everything before it has been decided. Null: nothing left to expand.';
comment on column tasks.slots_decided is 'Occurrences that the schedule has had so far, those written ahead included: what max_runs counts.';
comment on column tasks.last_slot_at is 'The last occurrence that max_runs allows, once it is known.';
comment on column tasks.placement_offset_ms is 'How long after its scheduled time each occurrence is due, within the flexible window; null: as placement says.';
comment on column tasks.advice_id is 'The applied advice that gave the task its placement_offset_ms.';

create table task_schedule (
  task_id bigint not null,
  scheduled_time timestamp(3) with time zone not null,
  due_at timestamp(3) with time zone,
  status occurrence_status not null default 'Scheduled'::occurrence_status,
  trigger occurrence_trigger not null default 'schedule'::occurrence_trigger,
  revision integer not null,
  attempt integer not null default 0,
  attempt_base integer not null default 0,
  claim_id bigint,
  claimed_due_at timestamp(3) with time zone,
  locked_by bigint,
  locked_at timestamp(3) with time zone,
  lock_expires_at timestamp(3) with time zone,
  start_time timestamp(3) with time zone,
  end_time timestamp(3) with time zone,
  reason text,
  blocked_by timestamp(3) with time zone,
  moved_at timestamp(3) with time zone,
  constraint task_schedule_pkey PRIMARY KEY (task_id, scheduled_time),
  constraint task_schedule_due CHECK (((due_at IS NOT NULL) = (status = 'Scheduled'::occurrence_status)))
) partition by RANGE (scheduled_time);
CREATE INDEX task_schedule_due_at ON ONLY public.task_schedule USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX task_schedule_manual ON ONLY public.task_schedule USING btree (scheduled_time) WHERE (trigger = 'manual'::occurrence_trigger);
comment on table task_schedule is 'One row per occurrence, written before it is due. The two columns of the key are its identity.';
comment on column task_schedule.due_at is 'When it may next be claimed: moves on retry; null while claimed or done.';
comment on column task_schedule.attempt is 'Raised by one at each start, never reused: the fencing token of the outcome.';
comment on column task_schedule.attempt_base is 'Attempts that no longer count: those before the last redrive.';
comment on column task_schedule.claim_id is 'The claim (dispatch_batches.id) whose ticket may start it.';
comment on column task_schedule.claimed_due_at is 'The due_at that the last claim took: what its start is measured against.';
comment on column task_schedule.locked_by is 'replicas.id of the holder.';
comment on column task_schedule.blocked_by is 'The scheduled time of the occurrence of the same task that kept it from starting.';
comment on column task_schedule.moved_at is 'When a person gave it another due time: an edit of its task then keeps that.';

create table dispatch_batches (
  id bigint generated always as identity,
  distributor_id bigint not null,
  lease_until timestamp(3) with time zone not null,
  published_at timestamp(3) with time zone,
  verify_at timestamp(3) with time zone,
  task_ids bigint[] not null,
  scheduled_times timestamp(3) with time zone[] not null,
  constraint dispatch_batches_pkey PRIMARY KEY (id)
) with (fillfactor=70, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_cost_delay=0);
comment on table dispatch_batches is 'One row per claim until all its occurrences have started; what it holds is what a crash or a broker without memory would lose.';

create table running_tasks (
  task_id bigint not null,
  scheduled_time timestamp(3) with time zone not null,
  attempt integer not null,
  locked_by bigint not null,
  bars boolean not null,
  ending text,
  ending_reason text,
  constraint running_tasks_pkey PRIMARY KEY (task_id, scheduled_time),
  constraint running_tasks_ending_check CHECK ((ending = ANY (ARRAY['cancel'::text, 'terminate'::text])))
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_cost_delay=0);
CREATE UNIQUE INDEX running_tasks_bar ON public.running_tasks USING btree (task_id) WHERE bars;
comment on table running_tasks is 'One row per attempt that runs: what a lost processor held is found here, and not in the days of task_schedule.';
comment on column running_tasks.bars is 'Whether it bars others of its task from starting (overlap policy skip).';
comment on column running_tasks.ending is 'Somebody asked its processor to end the attempt: with time to clean up, or at once.';

create table task_runs (
  task_id bigint not null,
  scheduled_time timestamp(3) with time zone not null,
  attempt integer not null,
  outcome run_outcome not null,
  due_at timestamp(3) with time zone,
  started_at timestamp(3) with time zone not null,
  ended_at timestamp(3) with time zone not null default clock_timestamp(),
  elapsed_ms double precision,
  error text,
  result jsonb,
  cpu_ms double precision,
  peak_memory_bytes bigint,
  processor text,
  constraint task_runs_pkey PRIMARY KEY (task_id, scheduled_time, attempt)
) partition by RANGE (scheduled_time);
CREATE INDEX task_runs_ended_at ON ONLY public.task_runs USING brin (ended_at) WITH (pages_per_range='32', autosummarize='on');
CREATE INDEX task_runs_failed ON ONLY public.task_runs USING btree (scheduled_time, task_id) WHERE (outcome = ANY (ARRAY['failed'::run_outcome, 'timed-out'::run_outcome, 'lost'::run_outcome]));
comment on table task_runs is 'One row per attempt that ended; append-only.';
comment on column task_runs.elapsed_ms is 'Execution time alone, measured by the processor.';

create table task_logs (
  task_id bigint not null,
  scheduled_time timestamp(3) with time zone not null,
  attempt integer not null,
  seq integer not null,
  at timestamp(3) with time zone not null,
  level text not null,
  message text not null,
  constraint task_logs_pkey PRIMARY KEY (task_id, scheduled_time, attempt, seq)
) partition by RANGE (scheduled_time);

create table task_type_statistics (
  task_type text not null,
  day date not null,
  shard smallint not null,
  succeeded bigint not null default 0,
  failed bigint not null default 0,
  elapsed_sum_ms double precision not null default 0,
  elapsed_square_sum double precision not null default 0,
  histogram bigint[] not null,
  constraint task_type_statistics_pkey PRIMARY KEY (task_type, day, shard)
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_cost_delay=0);
comment on table task_type_statistics is 'Rollup per type and day, so that an average over a year never reads a year of runs. Shards keep processors from waiting for each other.';
comment on column task_type_statistics.histogram is 'Successful runs per elapsed time: bucket i (from 1) counts those below 2^((i-1)/4) ms and not in the bucket before; 120 buckets.';

create table replicas (
  id bigint generated always as identity,
  service text not null,
  name text not null,
  pool text,
  slots integer not null default 0,
  running integer not null default 0,
  status text not null,
  requested_at timestamp(3) with time zone,
  started_at timestamp(3) with time zone not null default clock_timestamp(),
  ready_at timestamp(3) with time zone,
  heartbeat_at timestamp(3) with time zone not null default clock_timestamp(),
  lease_until timestamp(3) with time zone not null,
  unreadable_messages bigint not null default 0,
  constraint replicas_pkey PRIMARY KEY (id),
  constraint replicas_service_check CHECK ((service = ANY (ARRAY['scheduler'::text, 'distributor'::text, 'processor'::text, 'autoscaler'::text, 'api'::text]))),
  constraint replicas_status_check CHECK ((status = ANY (ARRAY['starting'::text, 'ready'::text, 'draining'::text, 'lost'::text])))
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.05);
comment on table replicas is 'Every live process of every service. A processor whose lease ends loses all that it runs.';

create table scale_decisions (
  id bigint generated always as identity,
  decided_at timestamp(3) with time zone not null default clock_timestamp(),
  pool text not null,
  target text not null,
  from_replicas integer,
  to_replicas integer not null,
  outcome text not null,
  reason text not null,
  fence bigint,
  detail text,
  constraint scale_decisions_pkey PRIMARY KEY (id),
  constraint scale_decisions_outcome_check CHECK ((outcome = ANY (ARRAY['applied'::text, 'held'::text, 'failed'::text, 'advised'::text, 'ordered'::text])))
);
CREATE INDEX scale_decisions_recent ON public.scale_decisions USING btree (pool, id DESC);
comment on column scale_decisions.outcome is 'advised: it would have, in advisory mode; ordered: a person changed the controls.';
comment on column scale_decisions.fence is 'The right to write under which it was taken; null for orders of people.';
comment on column scale_decisions.detail is 'The reason in words, with the numbers behind it.';

create table capacity_samples (
  pool text not null,
  at timestamp(3) with time zone not null,
  required_instances integer,
  planned_instances integer,
  ready_instances integer,
  busy_instances integer,
  busy_slots integer,
  ready_slots integer,
  constraint capacity_samples_pkey PRIMARY KEY (pool, at)
);
comment on table capacity_samples is 'What the forecast said and what was there, each few seconds: the past of the line graph.';
comment on column capacity_samples.busy_instances is 'Ready replicas that ran something; null before this was recorded.';

create table notifications (
  id bigint generated always as identity,
  created_at timestamp(3) with time zone not null default clock_timestamp(),
  task_id bigint not null,
  scheduled_time timestamp(3) with time zone not null,
  recipient text not null,
  message text not null,
  constraint notifications_pkey PRIMARY KEY (id)
);
CREATE INDEX notifications_recent ON public.notifications USING btree (id DESC);

create table task_schedule_default partition of task_schedule default with (fillfactor=50, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_cost_delay=0);

create table task_runs_default partition of task_runs default;

create table task_logs_default partition of task_logs default;

create table calendars (
  name text not null,
  title text not null,
  time_zone text not null,
  rules jsonb not null default '[]'::jsonb,
  revision integer not null default 1,
  created_at timestamp(3) with time zone not null default clock_timestamp(),
  updated_at timestamp(3) with time zone not null default clock_timestamp(),
  constraint calendars_pkey PRIMARY KEY (name)
);
comment on table calendars is 'Times at which tasks that name the calendar do not run, such as the holidays of a country.';
comment on column calendars.rules is 'Exclusion rules: dates, ranges of instants, and windows that come back every week.';

create table calendar_revisions (
  name text not null,
  revision integer not null,
  valid_from timestamp(3) with time zone not null,
  valid_until timestamp(3) with time zone,
  time_zone text not null,
  rules jsonb not null,
  constraint calendar_revisions_pkey PRIMARY KEY (name, revision)
);

create table task_revisions (
  task_id bigint not null,
  revision integer not null,
  valid_from timestamp(3) with time zone not null,
  valid_until timestamp(3) with time zone,
  change text not null,
  first_at timestamp(3) with time zone,
  definition jsonb not null,
  constraint task_revisions_pkey PRIMARY KEY (task_id, revision),
  constraint task_revisions_change_check CHECK ((change = ANY (ARRAY['created'::text, 'edited'::text, 'activated'::text, 'paused'::text, 'deactivated'::text, 'deleted'::text, 'calendar'::text, 'migrated'::text, 'smoothed'::text, 'unsmoothed'::text])))
);
CREATE INDEX task_revisions_valid_until ON public.task_revisions USING btree (valid_until);
comment on table task_revisions is 'Every definition that a task ever had, and when it was in force: what the ledger recomputes from.';
comment on column task_revisions.first_at is 'The one occurrence that was written together with the revision.';
comment on column task_revisions.definition is 'The row of tasks as the change left it, its watermark included.';

create table waiting_occurrences (
  task_id bigint not null,
  scheduled_time timestamp(3) with time zone not null,
  constraint waiting_occurrences_pkey PRIMARY KEY (task_id, scheduled_time)
);
comment on table waiting_occurrences is 'Occurrences that wait until the one of their task that runs has ended. A row whose occurrence no longer waits means nothing.';

create table distribution (
  single boolean not null default true,
  alive_at timestamp(3) with time zone,
  catch_up_before timestamp(3) with time zone not null default '-infinity'::timestamp with time zone,
  released_until timestamp(3) with time zone not null default '-infinity'::timestamp with time zone,
  constraint distribution_pkey PRIMARY KEY (single),
  constraint distribution_single_check CHECK (single)
) with (fillfactor=20, autovacuum_vacuum_cost_delay=0);
comment on table distribution is 'One row: whether anybody hands out work, and what fell into the time when nobody did.';
comment on column distribution.alive_at is 'When a distributor last asked for work with a broker that would take it.';
comment on column distribution.catch_up_before is 'Due times up to here are not claimed any more: the misfire policies decide about them.';
comment on column distribution.released_until is 'Up to when catch-up runs have been handed out; the next ones come after.';

create table ledger_days (
  day date not null,
  checked_at timestamp(3) with time zone not null default clock_timestamp(),
  expected bigint not null,
  unaccounted bigint not null,
  unexpected bigint not null,
  statuses jsonb not null,
  problems jsonb not null default '[]'::jsonb,
  constraint ledger_days_pkey PRIMARY KEY (day)
);
comment on table ledger_days is 'What the nightly check of a UTC day found: expected occurrences against recorded ones.';
comment on column ledger_days.problems is 'The first occurrences that were missing or in excess, and the tasks that could not be recomputed.';

create table autoscaler_controls (
  pool text not null,
  mode text not null default 'automatic'::text,
  scale_out_paused boolean not null default false,
  scale_in_paused boolean not null default false,
  override_replicas integer,
  override_until timestamp(3) with time zone,
  reason text,
  updated_at timestamp(3) with time zone not null default clock_timestamp(),
  constraint autoscaler_controls_pkey PRIMARY KEY (pool),
  constraint autoscaler_controls_check CHECK (((override_replicas IS NULL) = (override_until IS NULL))),
  constraint autoscaler_controls_mode_check CHECK ((mode = ANY (ARRAY['automatic'::text, 'advisory'::text]))),
  constraint autoscaler_controls_override_replicas_check CHECK ((override_replicas >= 0))
);
comment on table autoscaler_controls is 'What a person ordered for a pool; without a row the autoscaler acts by its plan alone.';
comment on column autoscaler_controls.mode is 'advisory: it decides and records what it would do, and changes nothing.';

create table autoscaler_writers (
  pool text not null,
  fence bigint not null,
  holder text not null,
  renewed_at timestamp(3) with time zone not null,
  constraint autoscaler_writers_pkey PRIMARY KEY (pool)
) with (fillfactor=50);
comment on table autoscaler_writers is 'Which copy of the autoscaler may change the replicas of a pool. All copies plan.';
comment on column autoscaler_writers.fence is 'Raised at each change of the holder: a decision under an older number is refused.';

create table replica_starts (
  replica_id bigint not null,
  pool text not null,
  requested_at timestamp(3) with time zone not null,
  ready_at timestamp(3) with time zone not null,
  constraint replica_starts_pkey PRIMARY KEY (replica_id)
);
CREATE INDEX replica_starts_recent ON public.replica_starts USING btree (pool, ready_at DESC);
comment on table replica_starts is 'How long processors took from being asked for to taking work; kept when the replica is gone.';

create table demand_ahead (
  begins_at timestamp(3) with time zone not null,
  task_type text not null,
  priority text not null,
  seconds smallint[] not null,
  counts integer[] not null
) with (autovacuum_vacuum_scale_factor=0.1, autovacuum_vacuum_cost_delay=0);
CREATE INDEX demand_ahead_hour ON public.demand_ahead USING btree (begins_at, task_type, priority);
comment on table demand_ahead is 'How many occurrences fall due in each second ahead: the sum of all rows. Right from demand_far_from() on; what is nearer is counted from task_schedule.';
comment on column demand_ahead.begins_at is 'A full hour.';
comment on column demand_ahead.seconds is 'Seconds of the hour, 0 to 3599, in no order; counts has as many entries.';
comment on column demand_ahead.counts is 'Negative where occurrences went away.';

create table forecast_predictions (
  pool text not null,
  horizon_minutes smallint not null,
  at timestamp(3) with time zone not null,
  made_at timestamp(3) with time zone not null default clock_timestamp(),
  required_instances integer not null,
  planned_instances integer not null,
  lead_time_ms integer not null,
  foretold jsonb,
  constraint forecast_predictions_pkey PRIMARY KEY (pool, horizon_minutes, at)
);
comment on table forecast_predictions is 'What the plan said about a minute, some minutes before it: one row per minute and horizon.';
comment on column forecast_predictions.at is 'Start of the minute that it is about.';
comment on column forecast_predictions.foretold is 'Work of that minute as the rows had it: {taskType, count, workMs} each; for the nearest horizon only.';

create table applied_advice (
  id bigint generated always as identity,
  pool text not null,
  applied_at timestamp(3) with time zone not null,
  looked_until timestamp(3) with time zone not null,
  peak_before integer not null,
  peak_after integer not null,
  request text not null,
  constraint applied_advice_pkey PRIMARY KEY (id)
);
CREATE INDEX applied_advice_request ON public.applied_advice USING btree (md5(request));
comment on table applied_advice is 'One row per application of advice to smooth the peaks of a pool.';
comment on column applied_advice.looked_until is 'The peaks are those from applied_at up to here.';
comment on column applied_advice.request is 'What was asked for, in one fixed form: the same again is answered, not done twice.';

create table advice_moves (
  advice_id bigint not null,
  task_id bigint not null,
  "position" integer not null,
  revision_before integer not null,
  revision integer not null,
  window_before_ms bigint not null,
  window_ms bigint not null,
  offset_before_ms bigint,
  offset_ms bigint not null,
  shown_offset_ms bigint,
  advice_before bigint,
  written_until timestamp(3) with time zone,
  scheduled_times timestamp(3) with time zone[] not null,
  due_times timestamp(3) with time zone[] not null,
  undone_at timestamp(3) with time zone,
  constraint advice_moves_pkey PRIMARY KEY (advice_id, task_id),
  constraint advice_moves_advice_id_fkey FOREIGN KEY (advice_id) REFERENCES applied_advice(id)
);
comment on table advice_moves is 'What an application of advice changed of each task, and what it was before.';
comment on column advice_moves.revision is 'The revision that the task got. While it has it, the move can be undone.';
comment on column advice_moves.shown_offset_ms is 'The one offset that all its occurrences had before; null: they had several.';
comment on column advice_moves.written_until is 'The watermark of the task before: up to there its former places are kept.';
comment on column advice_moves.scheduled_times is 'With due_times: places that the load of the moment had decided, which nobody could find again.';

CREATE OR REPLACE FUNCTION public.ensure_partition(parent text, day date)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION public.ensure_partitions(first_day date, last_day date)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION public.drop_partitions(before_day date)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION public.calendar_sets(names text[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select case when names <> '{}' then (
    select jsonb_agg(jsonb_build_object('calendar', c.name, 'timeZone', c.time_zone, 'rules', c.rules) order by c.name)
    from calendars as c where c.name = any (names)
  ) end
$function$
;

CREATE OR REPLACE FUNCTION public.calendar_sets_at(names text[], instant timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select case when names <> '{}' then (
    select jsonb_agg(jsonb_build_object('calendar', c.name, 'timeZone', c.time_zone, 'rules', c.rules) order by c.name)
    from calendar_revisions as c
    where c.name = any (names) and c.valid_from <= instant and coalesce(c.valid_until, 'infinity') > instant
  ) end
$function$
;

CREATE OR REPLACE FUNCTION public.demand_kept_from()
 RETURNS timestamp with time zone
 LANGUAGE sql
AS $function$ select clock_timestamp() + interval '61 seconds' $function$
;

CREATE OR REPLACE FUNCTION public.demand_far_from()
 RETURNS timestamp with time zone
 LANGUAGE sql
AS $function$ select date_trunc('second', clock_timestamp()) + interval '65 seconds' $function$
;

CREATE OR REPLACE FUNCTION public.demand_added()
 RETURNS trigger
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
AS $function$
declare
  kept_from timestamptz := demand_kept_from();
begin
  -- What is put off or run by hand is mostly due at once.
  if not exists (select from changed as c where c.due_at >= kept_from) then
    return null;
  end if;
  insert into demand_ahead (begins_at, task_type, priority, seconds, counts)
  with kind as materialized (
    select t.id, t.task_type, t.priority from tasks as t where t.id = any (array(select distinct c.task_id from changed as c))
  ),
  instant as (
    select k.task_type, k.priority, c.due_at, count(*) as count
    from changed as c
    join kind as k on k.id = c.task_id
    where c.due_at >= kept_from
    group by 1, 2, 3
  ),
  second as (
    select i.task_type, i.priority, floor(date_part('epoch', i.due_at))::bigint as at, sum(i.count)::integer as count
    from instant as i
    group by 1, 2, 3
  )
  select to_timestamp(s.at / 3600 * 3600), s.task_type, s.priority, array_agg((s.at % 3600)::smallint), array_agg(s.count)
  from second as s
  group by s.at / 3600, s.task_type, s.priority;
  return null;
end
$function$
;

CREATE OR REPLACE FUNCTION public.demand_taken()
 RETURNS trigger
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
AS $function$
declare
  kept_from timestamptz := demand_kept_from();
begin
  -- What is put off or run by hand is mostly due at once.
  if not exists (select from changed as c where c.due_at >= kept_from) then
    return null;
  end if;
  insert into demand_ahead (begins_at, task_type, priority, seconds, counts)
  with kind as materialized (
    select t.id, t.task_type, t.priority from tasks as t where t.id = any (array(select distinct c.task_id from changed as c))
  ),
  instant as (
    select k.task_type, k.priority, c.due_at, count(*) as count
    from changed as c
    join kind as k on k.id = c.task_id
    where c.due_at >= kept_from
    group by 1, 2, 3
  ),
  second as (
    select i.task_type, i.priority, floor(date_part('epoch', i.due_at))::bigint as at, sum(i.count)::integer as count
    from instant as i
    group by 1, 2, 3
  )
  select to_timestamp(s.at / 3600 * 3600), s.task_type, s.priority, array_agg((s.at % 3600)::smallint), array_agg(-s.count)
  from second as s
  group by s.at / 3600, s.task_type, s.priority;
  return null;
end
$function$
;

CREATE OR REPLACE FUNCTION public.demand_moved()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into demand_ahead (begins_at, task_type, priority, seconds, counts)
  select date_trunc('hour', m.due_at, 'UTC'), t.task_type, t.priority,
    array[(floor(date_part('epoch', m.due_at))::bigint % 3600)::smallint], array[m.count]
  from (values (old.due_at, -1), (new.due_at, 1)) as m (due_at, count)
  join tasks as t on t.id = new.task_id
  where m.due_at is not null;
  return null;
end
$function$
;

CREATE OR REPLACE FUNCTION public.demand_rekeyed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  kept_from timestamptz := demand_kept_from();
begin
  insert into demand_ahead (begins_at, task_type, priority, seconds, counts)
  select date_trunc('hour', s.due_at, 'UTC'), m.task_type, m.priority,
    array_agg((floor(date_part('epoch', s.due_at))::bigint % 3600)::smallint), array_agg(m.count)
  from task_schedule as s
  cross join (values (old.task_type, old.priority, -1), (new.task_type, new.priority, 1)) as m (task_type, priority, count)
  where s.task_id = new.id and s.due_at >= kept_from
  group by 1, 2, 3;
  return null;
end
$function$
;

CREATE OR REPLACE FUNCTION public.demand_emptied()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  truncate demand_ahead;
  return null;
end
$function$
;

CREATE OR REPLACE FUNCTION public.demand_differences(from_at timestamp with time zone, until_at timestamp with time zone)
 RETURNS TABLE(due_second timestamp with time zone, task_type text, priority text, missing integer)
 LANGUAGE sql
AS $function$
  with span as materialized (select greatest(from_at, demand_far_from()) as from_at),
  kept as (
    select d.begins_at + u.second * interval '1 second' as due_second, d.task_type, d.priority, -u.count as count
    from demand_ahead as d
    cross join lateral unnest(d.seconds, d.counts) as u (second, count)
    where d.begins_at > (select span.from_at from span) - interval '1 hour' and d.begins_at < until_at
  ),
  there as (
    select to_timestamp(floor(date_part('epoch', s.due_at))) as due_second, t.task_type, t.priority, count(*)::integer as count
    from task_schedule as s
    join tasks as t on t.id = s.task_id
    where s.due_at >= (select span.from_at from span) and s.due_at < until_at
    group by 1, 2, 3
  )
  select b.due_second, b.task_type, b.priority, sum(b.count)::integer
  from (select * from kept union all select * from there) as b
  where b.due_second >= (select span.from_at from span) and b.due_second < until_at
  group by 1, 2, 3
  having sum(b.count) <> 0
$function$
;

CREATE OR REPLACE FUNCTION public.repair_demand(from_at timestamp with time zone, until_at timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
declare
  repaired integer;
begin
  -- Two at once would both add what is missing.
  perform pg_advisory_xact_lock(hashtext('almanac.demand'));
  with difference as materialized (
    select * from demand_differences(from_at, until_at)
  ),
  added as (
    insert into demand_ahead (begins_at, task_type, priority, seconds, counts)
    select date_trunc('hour', d.due_second, 'UTC'), d.task_type, d.priority,
      array_agg((date_part('epoch', d.due_second)::bigint % 3600)::smallint), array_agg(d.missing)
    from difference as d
    group by 1, 2, 3
  )
  select count(*)::integer into repaired from difference;
  return repaired;
end
$function$
;

CREATE TRIGGER demand_added AFTER INSERT ON task_schedule REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION demand_added();

CREATE TRIGGER demand_taken AFTER DELETE ON task_schedule REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION demand_taken();

CREATE TRIGGER demand_moved AFTER UPDATE OF due_at ON task_schedule FOR EACH ROW WHEN (old.due_at IS DISTINCT FROM new.due_at AND GREATEST(old.due_at, new.due_at) >= (clock_timestamp() + '00:01:01'::interval)) EXECUTE FUNCTION demand_moved();

CREATE TRIGGER demand_rekeyed AFTER UPDATE OF task_type, priority ON tasks FOR EACH ROW WHEN (old.task_type <> new.task_type OR old.priority <> new.priority) EXECUTE FUNCTION demand_rekeyed();

CREATE TRIGGER demand_emptied AFTER TRUNCATE ON task_schedule FOR EACH STATEMENT EXECUTE FUNCTION demand_emptied();

create view average_elapsed_time_per_task_type as
 SELECT tt.name AS task_type,
    COALESCE(sum(s.succeeded), 0::numeric)::bigint AS runs,
    COALESCE(sum(s.failed), 0::numeric)::bigint AS failures,
    COALESCE(sum(s.elapsed_sum_ms) / NULLIF(sum(s.succeeded), 0::numeric)::double precision, tt.estimate_ms) AS average_elapsed_ms,
    COALESCE(sum(s.succeeded), 0::numeric) = 0::numeric AS estimated
   FROM task_types tt
     LEFT JOIN task_type_statistics s ON s.task_type = tt.name AND s.day > ((now() AT TIME ZONE 'UTC'::text)::date - 365)
  GROUP BY tt.name, tt.estimate_ms;

create view scheduled_tasks_summary as
 SELECT s.scheduled_time,
    tt.pool,
    count(*)::integer AS number_of_tasks,
    sum(a.average_elapsed_ms) AS required_compute_ms,
    ceil(sum(a.average_elapsed_ms) / 9000.0::double precision)::integer AS required_instances
   FROM task_schedule s
     JOIN tasks t ON t.id = s.task_id
     JOIN task_types tt ON tt.name = t.task_type
     JOIN average_elapsed_time_per_task_type a ON a.task_type = t.task_type
  WHERE s.due_at IS NOT NULL
  GROUP BY s.scheduled_time, tt.pool;

create view task_overview as
 SELECT t.id,
    t.key,
    t.name,
    t.task_type,
    t.payload,
    t.schedule_kind,
    t.cron_expressions,
    t.time_zone,
    t.run_at,
    t.every_ms,
    t.starts_at,
    t.ends_at,
    t.misfire_policy,
    t.overlap_policy,
    t.dst_gap,
    t.dst_repeat,
    t.start_expiry_ms,
    t.retry,
    t.timeout_ms,
    t.priority,
    t.labels,
    t.recipients,
    t.security_group,
    t.status,
    t.status_reason,
    t.paused_until,
    t.revision,
    t.expanded_until,
    t.expand_error,
    t.created_at,
    t.updated_at,
    t.deleted_at,
    t.max_runs,
    t.calendars,
    t.blackouts,
    t.misfire_grace_ms,
    t.catch_up_limit,
    t.catch_up_per_minute,
    t.flexible_window_ms,
    t.placement,
    t.slots_decided,
    t.last_slot_at,
    t.placement_offset_ms,
    t.advice_id,
    tt.pool,
    tt.timeout_ms AS type_timeout_ms,
    a.average_elapsed_ms,
    next_occurrence.due_at AS next_run
   FROM tasks t
     JOIN task_types tt ON tt.name = t.task_type
     JOIN average_elapsed_time_per_task_type a ON a.task_type = t.task_type
     LEFT JOIN LATERAL ( SELECT s.due_at
           FROM task_schedule s
          WHERE s.task_id = t.id AND s.scheduled_time > (now() - '1 day'::interval) AND s.due_at IS NOT NULL
          ORDER BY s.scheduled_time
         LIMIT 1) next_occurrence ON true
  WHERE t.deleted_at IS NULL;
