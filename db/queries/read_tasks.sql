-- The tasks $1 with what a page shows of each: one row per task that is not deleted, in no particular order.
-- The last run is its latest occurrence that has ended; one that did not run has its reason for an error.
select
  t.*,
  (extract(epoch from last_occurrence.scheduled_time) * 1000)::bigint as last_scheduled_ms,
  last_occurrence.status as last_status,
  last_occurrence.end_time as last_end_time,
  last_occurrence.error as last_error,
  (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms
from task_overview as t
left join lateral (
  select s.scheduled_time, s.status, s.end_time, coalesce(r.error, case when s.status <> 'Completed' then s.reason end) as error
  from task_schedule as s
  left join task_runs as r on r.task_id = s.task_id and r.scheduled_time = s.scheduled_time and r.attempt = s.attempt
  where s.task_id = t.id and s.scheduled_time <= now() and s.end_time is not null
  order by s.scheduled_time desc
  limit 1
) as last_occurrence on true
where t.id = any($1::bigint[])
