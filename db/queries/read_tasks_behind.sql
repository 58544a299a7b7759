-- Those of the tasks $1, which are locked, that are active and whose watermark is before $2 (epoch ms).
select
  t.id,
  t.task_type,
  t.revision,
  t.schedule_kind,
  t.cron_expressions,
  t.time_zone,
  t.run_at,
  t.every_ms,
  t.starts_at,
  t.ends_at,
  t.max_runs,
  t.blackouts,
  t.calendars,
  t.dst_gap,
  t.dst_repeat,
  t.misfire_policy,
  t.misfire_grace_ms,
  t.flexible_window_ms,
  t.placement,
  t.placement_offset_ms,
  t.slots_decided,
  (extract(epoch from t.expanded_until) * 1000)::bigint as expanded_until_ms
from tasks as t
where t.id = any($1::bigint[])
  and t.status = 'active'
  and t.deleted_at is null
  and t.expand_error is null
  and t.expanded_until < to_timestamp($2::float8 / 1000)
order by t.id
