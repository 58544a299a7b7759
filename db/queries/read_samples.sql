-- The past of the line graph: $1 pool, $2 from and $3 until (epoch ms), $4 step in ms. The greatest values of each step that was
-- recorded: a peak that is shorter than a step must not vanish from the graph.
select
  floor((extract(epoch from at) * 1000 - $2::float8) / $4::float8)::integer as step,
  max(required_instances) as required_instances,
  max(planned_instances) as planned_instances,
  max(ready_instances) as ready_instances,
  max(busy_instances) as busy_instances
from capacity_samples
where pool = $1 and at >= to_timestamp($2::float8 / 1000) and at < to_timestamp($3::float8 / 1000)
group by 1
order by 1
