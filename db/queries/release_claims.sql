-- Puts claimed occurrences that were not published back to Scheduled. $1 task ids, $2 scheduled times, $3 claim ids;
-- $4 and $5 are the first and last scheduled time, so that only their partitions are looked at. $6: due again after so many ms, because
-- the broker refused them; null: when they were, because they were not tried.
-- Guarded by the claim: an occurrence that was started, edited or claimed again meanwhile is left alone.
update task_schedule as s
set
  status = 'Scheduled',
  due_at = greatest(s.claimed_due_at, clock_timestamp() + $6::integer * interval '1 millisecond'), -- greatest passes over null
  claim_id = null,
  locked_by = null,
  locked_at = null,
  lock_expires_at = null
from unnest($1::bigint[], $2::timestamptz[], $3::bigint[]) as k (task_id, scheduled_time, claim_id)
where s.task_id = k.task_id
  and s.scheduled_time = k.scheduled_time
  and s.claim_id = k.claim_id
  and s.status = 'Queued'
  and s.scheduled_time between $4::timestamptz and $5::timestamptz
returning s.task_id
