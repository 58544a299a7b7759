-- Tasks of the pool $1 that may be moved away from peaks: those that run in the seconds $2 (epoch ms) and still wait for it at $5 (epoch ms).
-- For each peak at most $4 that have a flexible window and $4 that recur and have none, those with the longest runs first. $3: how long before a
-- peak the longest run may have been due (ms). One row per task.
-- A run counts for ten seconds, or for as long as it takes, as in the forecast.
with kinds as materialized (
  select tt.name, a.average_elapsed_ms, greatest(10000, a.average_elapsed_ms / 0.9) * interval '1 millisecond' as length
  from task_types as tt
  join average_elapsed_time_per_task_type as a on a.task_type = tt.name
  where tt.pool = $1
),
-- Through the index of due times, peak by peak, before anything is joined: what is under the peaks is few of many.
due as materialized (
  select p.at, s.task_id, s.due_at
  from (select to_timestamp(at_ms / 1000) as at from unnest($2::float8[]) as u (at_ms)) as p
  cross join lateral (
    select task_id, due_at
    from task_schedule
    where due_at > p.at - $3::float8 * interval '1 millisecond'
      and due_at < p.at + interval '1 second'
      and scheduled_time > to_timestamp($5::float8 / 1000)
      and status = 'Scheduled' and attempt = 0 and moved_at is null and trigger in ('schedule', 'catch-up')
    offset 0
  ) as s
),
ranked as (
  select
    t.id,
    k.average_elapsed_ms,
    row_number() over (partition by d.at, t.flexible_window_ms > 0 order by k.average_elapsed_ms desc, t.id) as place
  from due as d
  join tasks as t on t.id = d.task_id
  join kinds as k on k.name = t.task_type
  where d.due_at > d.at - k.length
    and t.status = 'active' and t.deleted_at is null and t.expand_error is null
    and (t.flexible_window_ms > 0 or t.schedule_kind in ('cron', 'interval'))
),
found as materialized (
  select distinct id, average_elapsed_ms from ranked where place <= $4::integer
)
select
  t.id, t.name, t.task_type, t.priority, t.revision, t.flexible_window_ms, t.placement, t.placement_offset_ms, f.average_elapsed_ms
from found as f
join tasks as t on t.id = f.id
order by t.id
