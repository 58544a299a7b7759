-- Up to $1 active tasks whose watermark is behind the horizon $2 (epoch ms), those furthest behind first, locked for this transaction.
-- Several expanders share them; a task that is being edited is left for the next turn.
-- Calendars are read after this, when the tasks are locked: in here they would be those of before an edit that was just waited out.
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
where t.status = 'active'
  and t.deleted_at is null
  and t.expand_error is null
  and t.expanded_until is not null
  and t.expanded_until < to_timestamp($2::float8 / 1000)
order by t.expanded_until
limit $1
for no key update skip locked
