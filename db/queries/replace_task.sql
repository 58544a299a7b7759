-- Replaces the definition of the task $1, which is locked: $2 holds its columns as JSON, $3 its watermark (epoch ms; null: nothing is left
-- to expand), $4 how many of its occurrences were taken back, $5 whether the place that advice gave it stays. The revision goes up, so that tickets of the old definition start nothing.
update tasks as t
set
  key = d.key, name = d.name, task_type = d.task_type, payload = d.payload, schedule_kind = d.schedule_kind,
  cron_expressions = d.cron_expressions, time_zone = d.time_zone, run_at = d.run_at, every_ms = d.every_ms,
  starts_at = d.starts_at, ends_at = d.ends_at, max_runs = d.max_runs, calendars = d.calendars, blackouts = d.blackouts,
  misfire_policy = d.misfire_policy, misfire_grace_ms = d.misfire_grace_ms, catch_up_limit = d.catch_up_limit,
  catch_up_per_minute = d.catch_up_per_minute, overlap_policy = d.overlap_policy, dst_gap = d.dst_gap,
  dst_repeat = d.dst_repeat, start_expiry_ms = d.start_expiry_ms, flexible_window_ms = d.flexible_window_ms,
  placement = d.placement, retry = d.retry, timeout_ms = d.timeout_ms, priority = d.priority, labels = d.labels,
  recipients = d.recipients, security_group = d.security_group,
  placement_offset_ms = case when $5::boolean then t.placement_offset_ms end,
  advice_id = case when $5::boolean then t.advice_id end,
  expanded_until = to_timestamp($3::float8 / 1000), slots_decided = t.slots_decided - $4::integer, last_slot_at = null,
  expand_error = null, revision = t.revision + 1, updated_at = clock_timestamp()
from jsonb_populate_record(null::tasks, $2::jsonb) as d
where t.id = $1::bigint
returning t.id, t.revision
