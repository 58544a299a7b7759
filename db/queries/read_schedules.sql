-- The schedules of the pool $1 that go on by themselves, those of tasks whose pause will end included: one row per task type, schedule,
-- policies and watermark (epoch ms; of a paused task the end of its pause), with the ids of the tasks that share them.
-- slots_decided is 0 where nobody counts. timeout_ms is the task's own; null: its type's.
select
  t.task_type,
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
  t.timeout_ms,
  case when t.max_runs is null then 0 else t.slots_decided end as slots_decided,
  (extract(epoch from case t.status when 'active' then t.expanded_until else t.paused_until end) * 1000)::float8 as expanded_until_ms,
  array_agg(t.id) as ids
from tasks as t
-- Not a join: its size would be guessed far too small, and the groups sorted on disk.
where t.task_type = any (array(select name from task_types where pool = $1))
  and t.deleted_at is null
  and t.expand_error is null
  and ((t.status = 'active' and t.expanded_until is not null) or (t.status = 'paused' and t.paused_until is not null))
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21
