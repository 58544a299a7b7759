-- How long runs of the task types of the pool $1 take: successful runs of the last week (recent) and of the rest of the past year, with sum (ms),
-- sum of squares (ms²) and buckets (core/histogram.ts). A type without runs has one row without them, with the declared estimate.
with days as materialized (
  select
    s.task_type,
    s.day > (now() at time zone 'UTC')::date - 7 as recent,
    s.succeeded,
    s.elapsed_sum_ms,
    s.elapsed_square_sum,
    s.histogram
  from task_type_statistics as s
  join task_types as tt on tt.name = s.task_type
  where tt.pool = $1 and s.day > (now() at time zone 'UTC')::date - 365
),
sums as (
  select task_type, recent, sum(succeeded)::float8 as runs, sum(elapsed_sum_ms) as sum_ms, sum(elapsed_square_sum) as squares_ms2
  from days
  group by task_type, recent
),
buckets as (
  select d.task_type, d.recent, u.bucket, sum(u.runs)::float8 as runs
  from days as d, unnest(d.histogram) with ordinality as u (runs, bucket)
  group by d.task_type, d.recent, u.bucket
),
histograms as (
  select task_type, recent, array_agg(runs order by bucket) as histogram from buckets group by task_type, recent
)
select
  tt.name as task_type,
  tt.estimate_ms,
  coalesce(s.recent, true) as recent,
  coalesce(s.runs, 0) as runs,
  coalesce(s.sum_ms, 0) as sum_ms,
  coalesce(s.squares_ms2, 0) as squares_ms2,
  coalesce(h.histogram, '{}') as histogram
from task_types as tt
left join sums as s on s.task_type = tt.name
left join histograms as h on h.task_type = s.task_type and h.recent = s.recent
where tt.pool = $1
