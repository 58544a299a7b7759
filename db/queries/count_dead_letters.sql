-- How many occurrences failed for good.
-- $1 task id, $2 task type, $3 and $4 keys (task ids, scheduled times): each a filter where it is not null.
select count(*)::integer as matched
from task_runs as r
join task_schedule as s
  on s.task_id = r.task_id and s.scheduled_time = r.scheduled_time and s.attempt = r.attempt and s.status = 'Failed'
join tasks as t on t.id = s.task_id and t.deleted_at is null
where r.outcome in ('failed', 'timed-out', 'lost')
  and ($1::bigint is null or r.task_id = $1::bigint)
  and ($2::text is null or t.task_type = $2::text)
  and ($3::bigint[] is null or (r.task_id, r.scheduled_time) in (select * from unnest($3::bigint[], $4::timestamptz[])))
