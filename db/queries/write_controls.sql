-- Replaces what is ordered for the pool $1: $2 mode, $3 and $4 whether scaling out and in are paused, $5 replicas to hold, $6 until when
-- (both or neither), $7 why, $8 all of it in words. The order is a decision too, beside those of the autoscaler.
with ordered as (
  insert into autoscaler_controls as c
    (pool, mode, scale_out_paused, scale_in_paused, override_replicas, override_until, reason)
  values ($1, $2, $3, $4, $5::integer, $6::timestamptz, $7)
  on conflict (pool) do update
  set
    mode = excluded.mode,
    scale_out_paused = excluded.scale_out_paused,
    scale_in_paused = excluded.scale_in_paused,
    override_replicas = excluded.override_replicas,
    override_until = excluded.override_until,
    reason = excluded.reason,
    updated_at = clock_timestamp()
),
wish as (
  select to_replicas from scale_decisions where pool = $1 and outcome in ('applied', 'held') order by id desc limit 1
)
insert into scale_decisions (pool, target, from_replicas, to_replicas, outcome, reason, detail)
select $1, 'controls', wish.to_replicas, coalesce($5::integer, wish.to_replicas, 0), 'ordered', 'ordered', $8
from (select) as one
left join wish on true
