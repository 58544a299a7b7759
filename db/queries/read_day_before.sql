-- What was scheduled in the pool $1 from $2 to before $3 (epoch ms), done or not, of tasks that go on: one row per second and task type,
-- at the same time of the next day. It stands in for rows that are not written yet.
with kinds as materialized (
  select tt.name, a.average_elapsed_ms
  from task_types as tt
  join average_elapsed_time_per_task_type as a on a.task_type = tt.name
  where tt.pool = $1
),
work as materialized (
  select s.scheduled_time, t.task_type, count(*)::integer as count
  from task_schedule as s
  join tasks as t on t.id = s.task_id
  where s.scheduled_time >= to_timestamp($2::float8 / 1000)
    and s.scheduled_time < to_timestamp($3::float8 / 1000)
    and s.trigger = 'schedule'
    and t.schedule_kind <> 'once'
    and t.status = 'active'
    and t.expanded_until is not null
    and t.deleted_at is null
  group by 1, 2
)
select
  (extract(epoch from date_trunc('second', w.scheduled_time)) * 1000)::float8 + 86400000 as at_ms,
  w.task_type,
  sum(w.count)::integer as count,
  min(k.average_elapsed_ms) as average_ms
from work as w
join kinds as k on k.name = w.task_type
group by 1, 2
