-- Decides about what became due while nobody handed out work, for at most $1 tasks: see distribution.catch_up_before.
-- $2 ms is the grace of tasks that name none; of all tasks together $3 occurrences a second are released at most.
-- One row: how many occurrences will run, and how many are skipped; none while another caller is at it.
with state as materialized (
  select catch_up_before, greatest(released_until, clock_timestamp()) as free_from, clock_timestamp() as now
  from distribution
  where pg_try_advisory_xact_lock(hashtext('almanac.catch-up'))
),
overdue as materialized (
  select distinct o.task_id
  from (
    select s.task_id
    from task_schedule as s
    where s.due_at <= (select catch_up_before from state)
    order by s.due_at
    limit $1::integer * 20
  ) as o
  -- A task whose expansion is behind may get more missed ones, and which one is the latest is not known yet.
  join tasks as t on t.id = o.task_id and (
    t.expanded_until is null or t.expand_error is not null or t.status <> 'active' or t.expanded_until >= (select catch_up_before from state)
  )
  order by 1
  limit $1
),
missed as materialized (
  select
    s.task_id,
    s.scheduled_time,
    t.misfire_policy,
    t.catch_up_limit,
    t.catch_up_per_minute,
    s.attempt = 0
      and s.trigger = 'schedule'
      and s.moved_at is null
      and s.due_at < state.now - coalesce(t.misfire_grace_ms, $2::bigint) * interval '1 millisecond' as missed,
    state.now,
    state.free_from
  from state
  cross join overdue as o
  join tasks as t on t.id = o.task_id
  join task_schedule as s on s.task_id = o.task_id and s.due_at <= state.catch_up_before
  for update of s
),
ranked as materialized (
  select
    m.*,
    row_number() over (partition by m.task_id, m.missed order by m.scheduled_time desc) as rank,
    count(*) over (partition by m.task_id, m.missed) as missed_of_task
  from missed as m
),
decided as materialized (
  select
    r.*,
    not r.missed
      or (r.misfire_policy = 'latest' and r.rank = 1)
      or (r.misfire_policy = 'all' and r.rank <= r.catch_up_limit) as runs,
    least(r.missed_of_task, r.catch_up_limit) - r.rank as turn
  from ranked as r
),
released as materialized (
  select
    d.task_id,
    d.scheduled_time,
    d.missed,
    case when not d.missed then d.now else greatest(
      d.now + (case when d.misfire_policy = 'all' then d.turn * 60000.0 / d.catch_up_per_minute else 0 end) * interval '1 millisecond',
      d.free_from + (row_number() over (
        partition by d.missed order by case when d.misfire_policy = 'all' then d.turn else 0 end, d.task_id, d.scheduled_time
      ) - 1) * 1000.0 / $3::integer * interval '1 millisecond'
    ) end as due_at
  from decided as d
  where d.runs
),
run as (
  update task_schedule as s
  set
    due_at = r.due_at,
    trigger = case when r.missed then 'catch-up' else s.trigger end,
    reason = case when r.missed then 'catching up: its time passed while nobody was there' else s.reason end
  from released as r
  where s.task_id = r.task_id and s.scheduled_time = r.scheduled_time
  returning 1
),
skipped as (
  update task_schedule as s
  set
    status = 'Skipped', due_at = null, end_time = clock_timestamp(),
    reason = case
      when d.misfire_policy = 'all' then 'missed: its time passed while nobody was there, and later ones fill the catch-up limit'
      else 'missed: its time passed while nobody was there, and the misfire policy leaves it out'
    end
  from decided as d
  where not d.runs and s.task_id = d.task_id and s.scheduled_time = d.scheduled_time
  returning 1
),
paced as (
  update distribution
  set released_until = greatest(
    released_until,
    (select free_from + count(*) * 1000.0 / $3::integer * interval '1 millisecond' from released, state where missed group by free_from)
  )
  where exists (select from released where missed)
)
select
  (select count(*) from run)::integer as released,
  (select count(*) from skipped)::integer as skipped
