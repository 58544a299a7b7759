-- After an edit of tasks: their waiting occurrences $1 task ids, $2 scheduled times (epoch ms) go on under the new revisions $3, each when it was
-- due or at once when it was on its way; all others that wait, $4 task ids, $5 scheduled times, are Cancelled for the reason $6. Tickets that
-- are under way start nothing.
with carried as (
  update task_schedule as s
  set
    status = 'Scheduled', due_at = coalesce(s.due_at, clock_timestamp()), revision = k.revision, claim_id = null,
    locked_by = null, locked_at = null, lock_expires_at = null
  from unnest($1::bigint[], $2::float8[], $3::integer[]) as k (task_id, at_ms, revision)
  where s.task_id = k.task_id and s.scheduled_time = to_timestamp(k.at_ms / 1000) and s.status in ('Scheduled', 'Queued')
)
update task_schedule as s
set
  status = 'Cancelled', due_at = null, end_time = clock_timestamp(), reason = $6, claim_id = null,
  locked_by = null, locked_at = null, lock_expires_at = null
from unnest($4::bigint[], $5::float8[]) as k (task_id, at_ms)
where s.task_id = k.task_id and s.scheduled_time = to_timestamp(k.at_ms / 1000) and s.status in ('Scheduled', 'Queued')
