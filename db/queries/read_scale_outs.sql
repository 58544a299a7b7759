-- The last numbers of replicas that were asked for in the pool $1, the newest first, with how many more each was than what was before it.
select
  d.to_replicas as wanted,
  d.to_replicas - d.from_replicas as added,
  (extract(epoch from clock_timestamp() - d.decided_at) * 1000)::float8 as age_ms
from (
  select id, decided_at, from_replicas, to_replicas
  from scale_decisions
  where pool = $1 and outcome = 'applied'
  order by id desc
  limit 100
) as d
order by d.id desc
