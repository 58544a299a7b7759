-- All occurrences of the tasks $1 in [$2, $3), epoch ms: one row each, in order.
select
  task_id,
  (extract(epoch from scheduled_time) * 1000)::float8 as at_ms,
  status,
  trigger in ('schedule', 'catch-up') as from_schedule,
  moved_at is not null as moved
from task_schedule
where task_id = any($1::bigint[])
  and scheduled_time >= to_timestamp($2::float8 / 1000)
  and scheduled_time < to_timestamp($3::float8 / 1000)
order by task_id, scheduled_time
