-- Claims whose distributor died before the broker confirmed them: their occurrences go back to Scheduled, due at once.
-- At most $1 claims a call; several sweepers share them. An occurrence that was published all the same and has started stays as it is.
with expired as materialized (
  select id, task_ids, scheduled_times
  from dispatch_batches
  where published_at is null and lease_until < clock_timestamp()
  order by id
  limit $1
  for update skip locked
),
forgotten as (
  delete from dispatch_batches as b using expired where b.id = expired.id
)
update task_schedule as s
set
  status = 'Scheduled',
  due_at = s.claimed_due_at,
  claim_id = null,
  locked_by = null,
  locked_at = null,
  lock_expires_at = null,
  reason = 'the distributor that had claimed it was lost'
from expired as e, unnest(e.task_ids, e.scheduled_times) as k (task_id, scheduled_time)
where s.task_id = k.task_id
  and s.scheduled_time = k.scheduled_time
  and s.claim_id = e.id
  and s.status = 'Queued'
returning s.task_id, (extract(epoch from s.scheduled_time) * 1000)::bigint as scheduled_ms
