-- How long runs of the task types of the pool $1 took, as it was known before the UTC day of $2 (epoch ms): successful runs of the 35 days
-- before it, with sum (ms), sum of squares (ms²) and buckets (core/histogram.ts). A type without runs has one row without them.
with days as materialized (
  select s.task_type, s.succeeded, s.elapsed_sum_ms, s.elapsed_square_sum, s.histogram
  from task_type_statistics as s
  cross join (select (to_timestamp($2::float8 / 1000) at time zone 'UTC')::date as day) as asked
  where s.day < asked.day and s.day >= asked.day - 35
),
sums as (
  select task_type, sum(succeeded)::float8 as runs, sum(elapsed_sum_ms) as sum_ms, sum(elapsed_square_sum) as squares_ms2
  from days
  group by task_type
),
buckets as (
  select d.task_type, u.bucket, sum(u.runs)::float8 as runs
  from days as d, unnest(d.histogram) with ordinality as u (runs, bucket)
  group by d.task_type, u.bucket
),
histograms as (
  select task_type, array_agg(runs order by bucket) as histogram from buckets group by task_type
)
select
  tt.name as task_type,
  tt.estimate_ms,
  true as recent,
  coalesce(s.runs, 0) as runs,
  coalesce(s.sum_ms, 0) as sum_ms,
  coalesce(s.squares_ms2, 0) as squares_ms2,
  coalesce(h.histogram, '{}') as histogram
from task_types as tt
left join sums as s on s.task_type = tt.name
left join histograms as h on h.task_type = s.task_type
where tt.pool = $1
