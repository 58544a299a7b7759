-- What was ordered for the pool $1, and what has become of it by now. One row, also when nothing was ever ordered.
select
  coalesce(c.mode, 'automatic') as mode,
  coalesce(c.scale_out_paused, false) as scale_out_paused,
  coalesce(c.scale_in_paused, false) as scale_in_paused,
  case when c.override_until > clock_timestamp() then c.override_replicas end as override_replicas,
  case when c.override_until > clock_timestamp() then c.override_until end as override_until,
  c.reason,
  c.updated_at
from (select $1::text as pool) as p
left join autoscaler_controls as c on c.pool = p.pool
