-- Takes back the occurrences of the task $1 that have not started, as of $2 (epoch ms): those still to come are deleted, and those whose
-- time has come are Cancelled with the reason $3. One that starts at this moment is left alone, or is not started: the row's lock decides.
-- One row: how many of its schedule's occurrences were ahead, whatever had become of them, since all would be decided anew.
with deleted as (
  delete from task_schedule
  where task_id = $1::bigint and scheduled_time > to_timestamp($2::float8 / 1000) and status in ('Scheduled', 'Queued')
),
cancelled as (
  update task_schedule
  set
    status = 'Cancelled', due_at = null, end_time = clock_timestamp(), reason = $3, claim_id = null,
    locked_by = null, locked_at = null, lock_expires_at = null
  where task_id = $1::bigint and scheduled_time <= to_timestamp($2::float8 / 1000) and status in ('Scheduled', 'Queued')
)
select count(*)::integer as ahead
from task_schedule
where task_id = $1::bigint and scheduled_time > to_timestamp($2::float8 / 1000) and trigger in ('schedule', 'catch-up')
