-- How long processors of the pool $1 took from being asked for to taking work, in ms: the last 200 before $2 (epoch ms), the first of them first.
select elapsed_ms
from (
  select ready_at, extract(epoch from ready_at - requested_at)::float8 * 1000 as elapsed_ms
  from replica_starts
  where pool = $1 and ready_at < to_timestamp($2::float8 / 1000)
  order by ready_at desc
  limit 200
) as starts
order by ready_at
