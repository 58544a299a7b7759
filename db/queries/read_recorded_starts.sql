-- How the attempts of the pool $1 started that were due from $2 until $3 (epoch ms): one row per step of $4 ms with any, and one for all of
-- them (step null). Delays in ms, from the due time to the start; late is more than 10 s. Attempts that were due a week or more after
-- their scheduled time are left out, so that only some days of runs are read.
select
  step,
  count(*)::integer as occurrences,
  (count(*) filter (where delay_ms > 10000))::integer as late,
  min(due_ms) as first_due_ms,
  max(due_ms) as last_due_ms,
  percentile_disc(0.5) within group (order by delay_ms) as p50_ms,
  percentile_disc(0.95) within group (order by delay_ms) as p95_ms,
  percentile_disc(0.99) within group (order by delay_ms) as p99_ms,
  max(delay_ms) as worst_ms
from (
  select
    floor((extract(epoch from r.due_at) * 1000 - $2::float8) / $4::float8)::integer as step,
    extract(epoch from r.due_at)::float8 * 1000 as due_ms,
    greatest(0, extract(epoch from r.started_at - r.due_at) * 1000)::float8 as delay_ms
  from task_runs as r
  join tasks as t on t.id = r.task_id
  join task_types as tt on tt.name = t.task_type
  where tt.pool = $1
    and r.due_at >= to_timestamp($2::float8 / 1000)
    and r.due_at < to_timestamp($3::float8 / 1000)
    and r.scheduled_time > to_timestamp($2::float8 / 1000) - interval '7 days'
    and r.scheduled_time < to_timestamp($3::float8 / 1000) + interval '1 day'
) as starts
group by rollup (step)
order by step nulls first
