-- The past of the line graph: $1 pool, $2 from and $3 until (epoch ms), $4 step in ms. The greatest requirement and the last replica
-- count of each step that was recorded.
select
  floor((extract(epoch from at) * 1000 - $2::float8) / $4::float8)::integer as step,
  max(required_instances) as required_instances,
  max(planned_instances) as planned_instances,
  (array_agg(ready_instances order by at desc))[1] as ready_instances
from capacity_samples
where pool = $1 and at >= to_timestamp($2::float8 / 1000) and at < to_timestamp($3::float8 / 1000)
group by 1
order by 1
