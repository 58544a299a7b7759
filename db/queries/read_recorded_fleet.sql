-- The replicas of the pool $1 that took work from $2 until $3 (epoch ms), each time that the autoscaler looked.
select extract(epoch from at)::float8 * 1000 as at_ms, ready_instances as ready
from capacity_samples
where pool = $1
  and at >= to_timestamp($2::float8 / 1000)
  and at < to_timestamp($3::float8 / 1000)
  and ready_instances is not null
order by at
