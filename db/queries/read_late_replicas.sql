-- Replica time that was missing in the pool $1 because replicas took longer to start than was planned, of those that were ready from $2 to
-- before $3 (epoch ms). $4: minutes of a horizon, whose forecasts say which lead time was planned with when a replica was asked for.
-- One row: missing_ms, the time of the late ones beyond that lead time. Starts of which no forecast knows are not among them.
select
  coalesce(sum(s.over_ms) filter (where s.over_ms > 0), 0)::float8 as missing_ms
from (
  select
    extract(epoch from r.ready_at - r.requested_at) * 1000 - coalesce(
      (
        select f.lead_time_ms
        from forecast_predictions as f
        where f.pool = $1 and f.horizon_minutes = $4 and f.at <= r.requested_at + $4::integer * interval '1 minute'
        order by f.at desc
        limit 1
      ),
      -- It was asked for before the first forecast.
      (
        select f.lead_time_ms
        from forecast_predictions as f
        where f.pool = $1 and f.horizon_minutes = $4 and f.at > r.requested_at
        order by f.at
        limit 1
      )
    ) as over_ms
  from replica_starts as r
  where r.pool = $1 and r.ready_at >= to_timestamp($2::float8 / 1000) and r.ready_at < to_timestamp($3::float8 / 1000)
) as s
