-- Sends at most $5 occurrences that had failed for good by $6 round again: due at once, with all attempts of the policy before them, under
-- the task as it is now. Several callers share the work. Answers how many went.
-- $1 task id, $2 task type, $3 and $4 keys (task ids, scheduled times): each a filter where it is not null.
with dead as materialized (
  select s.task_id, s.scheduled_time, t.revision
  from task_runs as r
  join task_schedule as s
    on s.task_id = r.task_id and s.scheduled_time = r.scheduled_time and s.attempt = r.attempt and s.status = 'Failed'
  join tasks as t on t.id = s.task_id and t.deleted_at is null
  where r.outcome in ('failed', 'timed-out', 'lost')
    and ($1::bigint is null or r.task_id = $1::bigint)
    and ($2::text is null or t.task_type = $2::text)
    and ($3::bigint[] is null or (r.task_id, r.scheduled_time) in (select * from unnest($3::bigint[], $4::timestamptz[])))
    and s.end_time <= $6::timestamptz
  order by r.scheduled_time, r.task_id
  limit $5::integer
  for update of s skip locked
),
redriven as (
  update task_schedule as s
  set
    status = 'Scheduled', due_at = clock_timestamp(), attempt_base = s.attempt, revision = dead.revision, end_time = null,
    claim_id = null, locked_by = null, locked_at = null, reason = 'redriven'
  from dead
  where s.task_id = dead.task_id and s.scheduled_time = dead.scheduled_time
  returning 1
)
select count(*)::integer as redriven from redriven
