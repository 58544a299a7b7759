-- Up to $1 active tasks whose watermark is behind the horizon $2 (epoch ms), those furthest behind first, locked for this transaction.
-- Several expanders share them; a task that is being edited is left for the next turn.
select
  id,
  revision,
  schedule_kind,
  cron_expressions,
  time_zone,
  (extract(epoch from run_at) * 1000)::bigint as run_ms,
  every_ms,
  (extract(epoch from starts_at) * 1000)::bigint as starts_ms,
  (extract(epoch from ends_at) * 1000)::bigint as ends_ms,
  dst_gap,
  dst_repeat,
  misfire_policy,
  (extract(epoch from expanded_until) * 1000)::bigint as expanded_until_ms
from tasks
where status = 'active'
  and deleted_at is null
  and expand_error is null
  and expanded_until is not null
  and expanded_until < to_timestamp($2::float8 / 1000)
order by expanded_until
limit $1
for no key update skip locked
