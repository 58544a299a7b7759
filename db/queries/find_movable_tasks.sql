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
peaks as materialized (
  select to_timestamp(at_ms / 1000) as at from unnest($2::float8[]) as p (at_ms)
),
found as materialized (
  select distinct c.id
  from peaks as p
  cross join (values (true), (false)) as f (flexible)
  cross join lateral (
    select t.id
    from task_schedule as s
    join tasks as t on t.id = s.task_id
    join kinds as k on k.name = t.task_type
    where s.due_at > p.at - $3::float8 * interval '1 millisecond'
      and s.due_at < p.at + interval '1 second'
      and s.due_at > p.at - k.length
      and s.scheduled_time > to_timestamp($5::float8 / 1000)
      and s.status = 'Scheduled' and s.attempt = 0 and s.moved_at is null and s.trigger in ('schedule', 'catch-up')
      and t.status = 'active' and t.deleted_at is null and t.expand_error is null
      and (t.flexible_window_ms > 0) = f.flexible
      and (f.flexible or t.schedule_kind in ('cron', 'interval'))
    order by k.average_elapsed_ms desc, t.id
    limit $4::integer
  ) as c
)
select
  t.id, t.name, t.task_type, t.priority, t.revision, t.flexible_window_ms, t.placement, t.placement_offset_ms, k.average_elapsed_ms
from found as f
join tasks as t on t.id = f.id
join kinds as k on k.name = t.task_type
order by t.id
