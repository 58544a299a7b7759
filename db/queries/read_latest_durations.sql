-- The newest successful runs of each task type of the pool $1, with count and mean (ms): those that ended within the last ten minutes, and
-- those of the present day (UTC). One row per type that has any. Read beside read_durations.sql to see durations drift.
with newest as (
  select t.task_type, count(r.elapsed_ms)::float8 as runs, avg(r.elapsed_ms) as mean_ms
  from task_runs as r
  join tasks as t on t.id = r.task_id
  where r.ended_at > (select clock_timestamp() - interval '10 minutes') and r.outcome = 'succeeded'
  group by t.task_type
),
today as (
  select s.task_type, sum(s.succeeded)::float8 as runs, sum(s.elapsed_sum_ms) / nullif(sum(s.succeeded), 0) as mean_ms
  from task_type_statistics as s
  where s.day = (now() at time zone 'UTC')::date
  group by s.task_type
)
select
  tt.name as task_type,
  coalesce(n.runs, 0) as newest_runs,
  coalesce(n.mean_ms, 0) as newest_mean_ms,
  coalesce(d.runs, 0) as today_runs,
  coalesce(d.mean_ms, 0) as today_mean_ms
from task_types as tt
left join newest as n on n.task_type = tt.name
left join today as d on d.task_type = tt.name
where tt.pool = $1 and (n.runs > 0 or d.runs > 0)
