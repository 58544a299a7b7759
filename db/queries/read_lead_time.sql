-- How long processors of the pool $1 took from being asked for to taking work: quantiles in ms of the last 200 of the past month.
select
  count(*)::integer as samples,
  percentile_disc(0.95) within group (order by elapsed_ms)::float8 as p95_ms,
  percentile_disc(0.995) within group (order by elapsed_ms)::float8 as p995_ms
from (
  select extract(epoch from ready_at - requested_at) * 1000 as elapsed_ms
  from replica_starts
  where pool = $1
  order by ready_at desc
  limit 200
) as starts
