-- Cancels the occurrence $1, $2 (epoch ms) for the reason $3 if it has not started. Its ticket, if it has one, then starts nothing.
update task_schedule
set
  status = 'Cancelled', due_at = null, end_time = clock_timestamp(), reason = $3, claim_id = null,
  locked_by = null, locked_at = null, lock_expires_at = null
where task_id = $1::bigint and scheduled_time = to_timestamp($2::float8 / 1000) and status in ('Scheduled', 'Queued')
returning task_id
