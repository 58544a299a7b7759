-- The processors of the pool $1, as they last reported.
select
  count(*) filter (where status = 'ready')::integer as ready,
  count(*) filter (where status = 'ready' and running > 0)::integer as busy,
  max(slots)::integer as slots
from replicas
where service = 'processor' and pool = $1 and status <> 'lost'
