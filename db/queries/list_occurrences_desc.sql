-- At most $7 occurrences scheduled in [$1, $2), from last to first, of the task $3, the task type $4 and the status $5 where these are not null,
-- beyond the position $6 (scheduled time in epoch ms) and $8 (task id) where it is not null.
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
  case when s.status in ('Queued', 'Running') then coalesce(r.name, s.locked_by::text) end as locked_by,
  s.reason,
  s.blocked_by
from (
  select s.*
  from task_schedule as s
  where s.scheduled_time >= $1::timestamptz
    and s.scheduled_time < $2::timestamptz
    and ($3::bigint is null or s.task_id = $3::bigint)
    and ($4::text is null or exists (select from tasks as t where t.id = s.task_id and t.task_type = $4::text))
    and ($5::occurrence_status is null or s.status = $5::occurrence_status)
    and ($6::float8 is null or (s.scheduled_time, s.task_id) < (to_timestamp($6::float8 / 1000), $8::bigint))
  order by s.scheduled_time desc, s.task_id desc
  limit $7::integer
) as s
join tasks as t on t.id = s.task_id
left join replicas as r on r.id = s.locked_by
order by s.scheduled_time desc, s.task_id desc
