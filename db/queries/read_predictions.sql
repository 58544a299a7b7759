-- What was said about the minutes of the pool $1 from $2 to before $3 (epoch ms), one row per minute and horizon.
select
  horizon_minutes,
  (extract(epoch from at) * 1000)::float8 as at_ms,
  required_instances,
  planned_instances,
  foretold
from forecast_predictions
where pool = $1 and at >= to_timestamp($2::float8 / 1000) and at < to_timestamp($3::float8 / 1000)
order by horizon_minutes, at
