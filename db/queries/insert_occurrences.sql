-- Writes the occurrences of many tasks: $1 task ids, $2 revisions, $3 the plan of each; $4 plan numbers, $5 instants (epoch ms),
-- $6 reasons, one entry per instant of a plan. An instant with a reason is written as Skipped. Tasks with equal schedules share a plan,
-- so instants cross the wire once. Writing twice is harmless.
with written as (
  insert into task_schedule (task_id, scheduled_time, due_at, status, revision, end_time, reason)
  select
    t.task_id,
    to_timestamp(p.at_ms / 1000),
    case when p.reason is null then to_timestamp(p.at_ms / 1000) end,
    case when p.reason is null then 'Scheduled' else 'Skipped' end::occurrence_status,
    t.revision,
    case when p.reason is not null then clock_timestamp() end,
    p.reason
  from unnest($1::bigint[], $2::integer[], $3::integer[]) as t (task_id, revision, plan)
  join unnest($4::integer[], $5::float8[], $6::text[]) as p (plan, at_ms, reason) on p.plan = t.plan
  on conflict (task_id, scheduled_time) do nothing
  returning 1
)
select count(*)::integer as written from written
