-- Work of the pool $1 that falls due from $2 to before $3 (epoch ms): one row per second, task type and priority.
select
  (extract(epoch from date_trunc('second', s.due_at)) * 1000)::bigint as at_ms,
  t.task_type,
  t.priority,
  count(*)::integer as count,
  min(a.average_elapsed_ms) as average_ms
from task_schedule as s
join tasks as t on t.id = s.task_id
join task_types as tt on tt.name = t.task_type
join average_elapsed_time_per_task_type as a on a.task_type = t.task_type
where s.due_at >= to_timestamp($2::float8 / 1000) and s.due_at < to_timestamp($3::float8 / 1000) and tt.pool = $1
group by 1, 2, 3
