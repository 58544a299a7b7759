-- The occurrence $1, $2 (epoch ms) with its task, which may be deleted.
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
  coalesce(e.ending_reason, s.reason) as reason,
  s.blocked_by
from task_schedule as s
join tasks as t on t.id = s.task_id
left join replicas as r on r.id = s.locked_by
left join running_tasks as e on e.task_id = s.task_id and e.scheduled_time = s.scheduled_time and s.status = 'Running'
where s.task_id = $1::bigint and s.scheduled_time = to_timestamp($2::float8 / 1000)
