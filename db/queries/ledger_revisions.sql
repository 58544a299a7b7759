-- The next $2 tasks after the id $1, each with its active revisions that were in force at some time from $3 to $4 (epoch ms) and the schedule of
-- each as it was then; one row with nulls for a task without any. In the order of the ids.
-- A revision that wrote its one occurrence for a time just past belongs to that time as well.
-- Tasks and schedules from before there were revisions go on from the first of them, also those that nothing was left to expand of.
with batch as materialized (
  select id, expanded_until from tasks where id > $1::bigint order by id limit $2
)
select
  b.id as task_id,
  r.revision,
  (extract(epoch from r.valid_until) * 1000)::float8 as until_ms,
  (extract(epoch from r.first_at) * 1000)::float8 as first_ms,
  (extract(epoch from case when r.change = 'migrated' then coalesce(d.expanded_until, r.valid_from) else d.expanded_until end) * 1000)::float8 as from_ms,
  case when r.valid_until is null then (extract(epoch from b.expanded_until) * 1000)::float8 end as decided_until_ms,
  d.slots_decided,
  d.schedule_kind,
  d.cron_expressions,
  d.time_zone,
  d.run_at,
  d.every_ms,
  d.starts_at,
  d.ends_at,
  d.max_runs,
  d.blackouts,
  case when d.calendars <> '{}' then calendar_sets_at(d.calendars, r.valid_from) end as calendar_sets,
  d.dst_gap,
  d.dst_repeat
from batch as b
-- Task by task through the key's index, whatever the planner believes of conditions that it can not estimate.
left join lateral (
  select *
  from task_revisions as v
  where v.task_id = b.id
    and (v.valid_until is null or v.valid_until > to_timestamp($3::float8 / 1000))
    and (v.valid_from < to_timestamp($4::float8 / 1000) or v.first_at < to_timestamp($4::float8 / 1000))
    and v.definition ->> 'status' = 'active'
    and v.definition ->> 'deleted_at' is null
  offset 0
) as r on true
-- Only what makes a schedule: to read the whole row takes several times as long.
left join lateral jsonb_to_record(r.definition) as d (
  expanded_until timestamptz, slots_decided bigint, schedule_kind text, cron_expressions text[], time_zone text, run_at timestamptz,
  every_ms bigint, starts_at timestamptz, ends_at timestamptz, max_runs bigint, blackouts jsonb, calendars text[], dst_gap text, dst_repeat text
) on true
order by b.id, r.revision
