-- Sends the occurrences $1 task ids, $2 scheduled times (epoch ms) round again if they are Failed and their task is not deleted: due at once,
-- with all attempts of the policy before them, under the task as it is now. One row per occurrence that goes.
update task_schedule as s
set
  status = 'Scheduled', due_at = clock_timestamp(), attempt_base = s.attempt, revision = t.revision, end_time = null,
  claim_id = null, locked_by = null, locked_at = null, reason = 'redriven'
from unnest($1::bigint[], $2::float8[]) as k (task_id, scheduled_ms)
join tasks as t on t.id = k.task_id and t.deleted_at is null
where s.task_id = k.task_id and s.scheduled_time = to_timestamp(k.scheduled_ms / 1000) and s.status = 'Failed'
returning s.task_id
