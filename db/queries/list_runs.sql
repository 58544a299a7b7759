-- At most $6 attempts that ended in [$1, $2), last first, with the outcome $3, of the task $4, of the task type $5 where these are not null,
-- beyond the position $7 (ended at, in epoch ms), $8 (task id), $9 (scheduled time), $10 (attempt) where it is not null.
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
from (
  select r.*
  from task_runs as r
  where r.ended_at >= $1::timestamptz
    and r.ended_at < $2::timestamptz
    and ($3::run_outcome is null or r.outcome = $3::run_outcome)
    and ($4::bigint is null or r.task_id = $4::bigint)
    and ($5::text is null or exists (select from tasks as t where t.id = r.task_id and t.task_type = $5::text))
    and (
      $7::float8 is null
      or (r.ended_at, r.task_id, r.scheduled_time, r.attempt)
        < (to_timestamp($7::float8 / 1000), $8::bigint, $9::timestamptz, $10::integer)
    )
  order by r.ended_at desc, r.task_id desc, r.scheduled_time desc, r.attempt desc
  limit $6::integer
) as r
join tasks as t on t.id = r.task_id
order by r.ended_at desc, r.task_id desc, r.scheduled_time desc, r.attempt desc
