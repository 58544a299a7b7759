-- Writes the occurrences of many tasks and moves their watermarks. $1 task ids, $2 revisions, $3 the plan of each, $4 its watermark (epoch ms),
-- $5 how long after its scheduled time an occurrence is due (ms), $6 the new watermark (epoch ms; null: nothing is left to expand), $7 the last
-- occurrence that a limit of runs allows (epoch ms, or null), $12 how many occurrences it gets; $8 plan numbers, $9 instants (epoch ms), $10 when
-- it is due (epoch ms; null: as the task's offset says), $11 reasons: one entry per instant of a plan. An instant with a reason is written as
-- Skipped.
-- Tasks with equal schedules share a plan, so instants cross the wire once. What is there already stays as it is.
-- The tasks are locked, so nobody else writes occurrences of theirs: to look first is enough, and half the work of "on conflict".
with task as materialized (
  select *
  from unnest($1::bigint[], $2::integer[], $3::integer[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $12::integer[])
    as t (id, revision, plan, from_ms, offset_ms, until_ms, last_slot_ms, slots)
),
slot as materialized (
  select t.id, t.revision, p.at_ms, coalesce(p.due_ms, p.at_ms + t.offset_ms) as due_ms, p.reason
  from task as t
  join unnest($8::integer[], $9::float8[], $10::float8[], $11::text[]) as p (plan, at_ms, due_ms, reason)
    on p.plan = t.plan and p.at_ms >= t.from_ms
  order by t.id, p.at_ms
),
written as (
  insert into task_schedule (task_id, scheduled_time, due_at, status, revision, end_time, reason)
  select
    id,
    to_timestamp(at_ms / 1000),
    case when reason is null then to_timestamp(due_ms / 1000) end,
    case when reason is null then 'Scheduled' else 'Skipped' end::occurrence_status,
    revision,
    case when reason is not null then clock_timestamp() end,
    reason
  from slot
  where not exists (
    select from task_schedule as s where s.task_id = slot.id and s.scheduled_time = to_timestamp(slot.at_ms / 1000)
  )
  returning 1
),
moved as (
  update tasks as t
  set
    -- "greatest" passes over nulls.
    expanded_until = case when w.until_ms is not null then to_timestamp(greatest(w.until_ms, w.from_ms) / 1000) end,
    slots_decided = t.slots_decided + w.slots,
    last_slot_at = coalesce(to_timestamp(w.last_slot_ms / 1000), t.last_slot_at)
  from task as w
  where t.id = w.id
)
select count(*)::integer as written from written
