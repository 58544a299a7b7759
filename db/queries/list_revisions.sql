-- What the task $1 was, last change first: at most $2 revisions before the revision $3 (or null). No row: there never was such a task, or
-- there is nothing before. A task that was deleted before revisions were kept has its last definition.
select
  coalesce(r.revision, t.revision) as revision,
  coalesce(r.change, 'deleted') as change,
  coalesce(r.valid_from, t.deleted_at, t.created_at) as valid_from,
  r.valid_until,
  d.name,
  d.status,
  d.deleted_at is not null as deleted,
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
  d.dst_repeat
from tasks as t
left join task_revisions as r on r.task_id = t.id
cross join lateral jsonb_populate_record(null::tasks, coalesce(r.definition, to_jsonb(t))) as d
where t.id = $1::bigint and ($3::integer is null or r.revision < $3::integer)
order by 1 desc
limit $2::integer
