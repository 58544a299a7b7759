-- How much of what was ready in the pool $1 from $2 to before $3 (epoch ms) was busy: one row. busy and ready are sums of slots over the
-- samples; null where none was recorded.
select sum(busy_slots)::float8 as busy, sum(ready_slots)::float8 as ready
from capacity_samples
where pool = $1
  and at >= to_timestamp($2::float8 / 1000)
  and at < to_timestamp($3::float8 / 1000)
  and busy_slots is not null
