-- The work of the pool $1 as it is at one moment: what falls due before $2 (epoch ms), what is overdue with its own time, what waits in
-- tickets, what runs, and what ended within the last $3 ms. One row per kind, second, task type and priority; what runs also per age.
-- kind: due (no distributor has it), queued, running, leaving (it runs on a replica that is being stopped), ended.
-- The clock in a sub-select is one value, which an index condition needs; `offset 0` keeps the planner from reading whole days for a few keys.
select
  w.kind,
  (extract(epoch from date_trunc('second', w.at)) * 1000)::bigint as at_ms,
  t.task_type,
  t.priority,
  (extract(epoch from clock_timestamp() - date_trunc('second', w.started)) * 1000)::float8 as age_ms,
  count(*)::integer as count,
  min(a.average_elapsed_ms) as average_ms
from (
  select 'due' as kind, s.task_id, s.due_at as at, null::timestamptz as started
  from task_schedule as s
  where s.due_at < to_timestamp($2::float8 / 1000)
  union all
  select 'queued', k.task_id, s.claimed_due_at, null
  from dispatch_batches as b
  cross join lateral unnest(b.task_ids, b.scheduled_times) as k (task_id, scheduled_time)
  cross join lateral (
    select o.claimed_due_at
    from task_schedule as o
    where o.task_id = k.task_id and o.scheduled_time = k.scheduled_time and o.claim_id = b.id and o.status = 'Queued'
    offset 0
  ) as s
  union all
  select case when p.status = 'ready' then 'running' else 'leaving' end, r.task_id, s.claimed_due_at, s.start_time
  from running_tasks as r
  join replicas as p on p.id = r.locked_by and p.status in ('ready', 'draining')
  cross join lateral (
    select o.claimed_due_at, o.start_time
    from task_schedule as o
    where o.task_id = r.task_id and o.scheduled_time = r.scheduled_time and o.status = 'Running'
    offset 0
  ) as s
  union all
  select 'ended', r.task_id, coalesce(r.due_at, r.started_at), null
  from task_runs as r
  where r.ended_at > (select clock_timestamp() - $3::integer * interval '1 millisecond')
    and coalesce(r.due_at, r.started_at) > (select clock_timestamp() - $3::integer * interval '1 millisecond')
) as w
join tasks as t on t.id = w.task_id
join task_types as tt on tt.name = t.task_type
join average_elapsed_time_per_task_type as a on a.task_type = t.task_type
where tt.pool = $1 and w.at is not null
group by w.kind, date_trunc('second', w.at), t.task_type, t.priority, date_trunc('second', w.started)
