-- Every attempt of the occurrence $1, $2 (epoch ms), last first; $3 is one attempt, or null for all. Those that ended, and the one that runs,
-- whose outcome is null.
select
  r.task_id,
  (extract(epoch from r.scheduled_time) * 1000)::bigint as scheduled_ms,
  r.attempt,
  t.name as task_name,
  t.task_type,
  r.outcome,
  r.due_at,
  r.started_at,
  r.ended_at,
  r.elapsed_ms,
  r.error,
  r.result,
  r.cpu_ms,
  r.peak_memory_bytes,
  r.processor
from task_runs as r
join tasks as t on t.id = r.task_id
where r.task_id = $1::bigint
  and r.scheduled_time = to_timestamp($2::float8 / 1000)
  and ($3::integer is null or r.attempt = $3::integer)
union all
select
  s.task_id,
  (extract(epoch from s.scheduled_time) * 1000)::bigint,
  s.attempt,
  t.name,
  t.task_type,
  null,
  s.claimed_due_at,
  s.start_time,
  null,
  null,
  null,
  null,
  null,
  null,
  coalesce(p.name, s.locked_by::text)
from task_schedule as s
join tasks as t on t.id = s.task_id
left join replicas as p on p.id = s.locked_by
where s.task_id = $1::bigint
  and s.scheduled_time = to_timestamp($2::float8 / 1000)
  and s.status = 'Running'
  and ($3::integer is null or s.attempt = $3::integer)
order by attempt desc
