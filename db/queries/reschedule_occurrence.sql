-- Moves the occurrence $1, $2 (epoch ms) to $3 (epoch ms) if it is Scheduled and its task is not deleted. Its scheduled time, which is its
-- identity, stays. No row: it is not there, or not Scheduled.
update task_schedule as s
set due_at = to_timestamp($3::float8 / 1000), reason = 'rescheduled'
from tasks as t
where s.task_id = $1::bigint
  and s.scheduled_time = to_timestamp($2::float8 / 1000)
  and s.status = 'Scheduled'
  and t.id = s.task_id
  and t.deleted_at is null
returning s.task_id
