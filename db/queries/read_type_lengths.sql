-- How long runs of each task type of the pool $1 took in the last 30 days: one row per type. histogram: successful runs per bucket of elapsed
-- time (core/histogram.ts), empty without runs; failed: attempts that failed or ran out of time; timeout_ms and estimate_ms as declared.
with days as materialized (
  select s.task_type, s.failed, s.histogram
  from task_type_statistics as s
  join task_types as tt on tt.name = s.task_type
  where tt.pool = $1 and s.day > (now() at time zone 'UTC')::date - 30
),
buckets as (
  select d.task_type, u.bucket, sum(u.runs)::float8 as runs
  from days as d, unnest(d.histogram) with ordinality as u (runs, bucket)
  group by 1, 2
)
select
  tt.name as task_type,
  tt.timeout_ms,
  tt.estimate_ms,
  coalesce((select sum(d.failed) from days as d where d.task_type = tt.name), 0)::float8 as failed,
  coalesce((select array_agg(b.runs order by b.bucket) from buckets as b where b.task_type = tt.name), '{}') as histogram
from task_types as tt
where tt.pool = $1
