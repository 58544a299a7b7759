-- Work (ms of compute) that is due from $1 (epoch ms) on, in $3 steps of $2 ms: one row per pool and step that has any.
-- Counted by type first: durations belong to types, and there are few of them.
select due.pool, due.step, sum(due.count * a.average_elapsed_ms) as work_ms
from (
  select tt.pool, t.task_type, floor((extract(epoch from s.due_at) * 1000 - $1::float8) / $2::float8)::integer as step, count(*) as count
  from task_schedule as s
  join tasks as t on t.id = s.task_id
  join task_types as tt on tt.name = t.task_type
  where s.due_at >= to_timestamp($1::float8 / 1000)
    and s.due_at < to_timestamp(($1::float8 + $2::float8 * $3::integer) / 1000)
  group by 1, 2, 3
) as due
join average_elapsed_time_per_task_type as a on a.task_type = due.task_type
group by due.pool, due.step
