-- The occurrences of the pool $1 that are due from $2 to before $3 (epoch ms), those of the tasks $4 left out, with the policies that
-- decide about them when they are missed. $5 is the grace (ms) of tasks that name none.
select
  s.task_id,
  (extract(epoch from date_trunc('second', s.due_at)) * 1000)::float8 as at_ms,
  t.task_type,
  t.priority,
  a.average_elapsed_ms as average_ms,
  t.misfire_policy,
  coalesce(t.misfire_grace_ms, $5::bigint)::float8 as grace_ms,
  t.catch_up_limit,
  t.catch_up_per_minute
from task_schedule as s
join tasks as t on t.id = s.task_id
join task_types as tt on tt.name = t.task_type
join average_elapsed_time_per_task_type as a on a.task_type = t.task_type
where s.due_at >= to_timestamp($2::float8 / 1000)
  and s.due_at < to_timestamp($3::float8 / 1000)
  and tt.pool = $1
  and s.task_id <> all ($4::bigint[])
