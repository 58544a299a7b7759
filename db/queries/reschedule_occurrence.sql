-- Moves the occurrence $1, $2 (epoch ms) to $3 (epoch ms) if it is Scheduled and its task is not deleted. Its scheduled time, which is its
-- identity, stays. If it waited for another one of its task, it waits for its new time instead. No row: it is not there, or not Scheduled.
with moved as (
  update task_schedule as s
  set due_at = to_timestamp($3::float8 / 1000), reason = 'rescheduled', moved_at = clock_timestamp()
  from tasks as t
  where s.task_id = $1::bigint
    and s.scheduled_time = to_timestamp($2::float8 / 1000)
    and s.status = 'Scheduled'
    and t.id = s.task_id
    and t.deleted_at is null
  returning s.task_id, s.scheduled_time
),
waited as (
  delete from waiting_occurrences as w using moved as m where w.task_id = m.task_id and w.scheduled_time = m.scheduled_time
)
select task_id from moved
