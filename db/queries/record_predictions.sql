-- What the plan of the pool $1 says about some minutes: $2 minutes ahead, $3 starts of the minutes (epoch ms), $4 required, $5 planned,
-- $6 the lead time in ms that it plans with, $7 the foretold work (JSON) or null. The first word about a minute counts.
insert into forecast_predictions (pool, horizon_minutes, at, required_instances, planned_instances, lead_time_ms, foretold)
select $1, p.horizon_minutes, to_timestamp(p.at_ms / 1000), p.required, p.planned, $6::integer, p.foretold
from unnest($2::smallint[], $3::float8[], $4::integer[], $5::integer[], $7::jsonb[]) as p (horizon_minutes, at_ms, required, planned, foretold)
on conflict do nothing
