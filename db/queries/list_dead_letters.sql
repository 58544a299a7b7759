-- Occurrences that failed for good, newest first: at most $5, beyond the position $6 (scheduled time in epoch ms), $7 (task id) where it is
-- not null. They are found through the index of failed runs, so that the schedule itself is not searched.
-- $1 task id, $2 task type, $3 and $4 keys (task ids, scheduled times): each a filter where it is not null.
select
  s.task_id,
  (extract(epoch from s.scheduled_time) * 1000)::bigint as scheduled_ms,
  t.name as task_name,
  t.task_type,
  s.due_at,
  s.status,
  s.trigger,
  s.attempt,
  s.start_time,
  s.end_time,
  null::text as locked_by,
  s.reason,
  r.error
from task_runs as r
join task_schedule as s
  on s.task_id = r.task_id and s.scheduled_time = r.scheduled_time and s.attempt = r.attempt and s.status = 'Failed'
join tasks as t on t.id = s.task_id and t.deleted_at is null
where r.outcome in ('failed', 'timed-out', 'lost')
  and ($1::bigint is null or r.task_id = $1::bigint)
  and ($2::text is null or t.task_type = $2::text)
  and ($3::bigint[] is null or (r.task_id, r.scheduled_time) in (select * from unnest($3::bigint[], $4::timestamptz[])))
  and ($6::float8 is null or (r.scheduled_time, r.task_id) < (to_timestamp($6::float8 / 1000), $7::bigint))
order by r.scheduled_time desc, r.task_id desc
limit $5::integer
