-- A new task: $1 holds its columns as JSON, $2 its watermark (epoch ms; null: nothing is left to expand).
insert into tasks (
  key, name, task_type, payload, schedule_kind, cron_expressions, time_zone, run_at, every_ms, starts_at, ends_at, max_runs,
  calendars, blackouts, misfire_policy, misfire_grace_ms, catch_up_limit, catch_up_per_minute, overlap_policy, dst_gap,
  dst_repeat, start_expiry_ms, flexible_window_ms, placement, retry, timeout_ms, priority, labels, recipients, security_group,
  expanded_until
)
select
  d.key, d.name, d.task_type, d.payload, d.schedule_kind, d.cron_expressions, d.time_zone, d.run_at, d.every_ms, d.starts_at,
  d.ends_at, d.max_runs, d.calendars, d.blackouts, d.misfire_policy, d.misfire_grace_ms, d.catch_up_limit,
  d.catch_up_per_minute, d.overlap_policy, d.dst_gap, d.dst_repeat, d.start_expiry_ms, d.flexible_window_ms, d.placement,
  d.retry, d.timeout_ms, d.priority, d.labels, d.recipients, d.security_group, to_timestamp($2::float8 / 1000)
from jsonb_populate_record(null::tasks, $1::jsonb) as d
returning id, revision
