-- The task $1 as it was at $2 (epoch ms), as it was at the revision $3 (or null), and as it is: one row per revision, up to three, the newest
-- last; each with when the task was created, and since when its revisions are kept. No row: there never was such a task.
-- A task that was deleted before revisions were kept has its last definition.
select
  coalesce(r.revision, t.revision) as revision,
  coalesce(r.valid_from, t.deleted_at, t.created_at) as valid_from,
  r.valid_until,
  coalesce(r.valid_from, t.deleted_at, t.created_at) <= to_timestamp($2::float8 / 1000)
    and coalesce(r.valid_until, 'infinity') > to_timestamp($2::float8 / 1000) as in_force,
  r.first_at,
  t.created_at,
  coalesce((select min(k.valid_from) from task_revisions as k where k.task_id = t.id), t.created_at) as known_from,
  d.schedule_kind,
  d.cron_expressions,
  d.time_zone,
  d.run_at,
  d.every_ms,
  d.starts_at,
  d.ends_at,
  d.max_runs,
  d.blackouts,
  case when r.valid_until is null then calendar_sets(d.calendars) else calendar_sets_at(d.calendars, r.valid_from) end as calendar_sets,
  d.dst_gap,
  d.dst_repeat,
  d.status,
  d.status_reason,
  d.paused_until,
  d.deleted_at is not null as deleted,
  d.misfire_policy,
  d.misfire_grace_ms,
  d.flexible_window_ms,
  d.placement_offset_ms,
  d.advice_id,
  d.start_expiry_ms,
  case when r.valid_until is null then t.expand_error end as expand_error,
  case when r.valid_until is null then t.expanded_until else d.expanded_until end as expanded_until,
  case when r.valid_until is null then t.slots_decided else d.slots_decided end as slots_decided,
  case when r.valid_until is null then t.last_slot_at else d.last_slot_at end as last_slot_at
from tasks as t
left join task_revisions as r on r.task_id = t.id
cross join lateral jsonb_populate_record(null::tasks, coalesce(r.definition, to_jsonb(t))) as d
where t.id = $1::bigint
  and (
    r.valid_until is null
    or r.revision = $3::integer
    or (r.valid_from <= to_timestamp($2::float8 / 1000) and r.valid_until > to_timestamp($2::float8 / 1000))
  )
order by 1
