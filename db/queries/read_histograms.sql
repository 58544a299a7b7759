-- One row per task type with runs in the past year: how many successful runs each bucket of elapsed time holds (core/histogram.ts).
select h.task_type, array_agg(h.runs order by h.bucket) as histogram
from (
  select s.task_type, u.bucket, sum(u.runs)::float8 as runs
  from task_type_statistics as s, unnest(s.histogram) with ordinality as u (runs, bucket)
  where s.day > (now() at time zone 'UTC')::date - 365
  group by s.task_type, u.bucket
) as h
group by h.task_type
