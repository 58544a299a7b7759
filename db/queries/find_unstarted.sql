-- Published claims whose time to be verified has come: those that are done with are deleted, the others are looked at again after $2 ms.
-- One row per occurrence that still waits in the broker, or should; without any, one row that says how many claims were looked at.
-- At most $1 claims a call; several sweepers share them.
with checked as materialized (
  select id, task_ids, scheduled_times
  from dispatch_batches
  where verify_at < clock_timestamp()
  order by verify_at
  limit $1
  for update skip locked
),
waiting as materialized (
  select s.claim_id, s.task_id, s.scheduled_time
  from checked as c, unnest(c.task_ids, c.scheduled_times) as k (task_id, scheduled_time), task_schedule as s
  where s.task_id = k.task_id and s.scheduled_time = k.scheduled_time and s.claim_id = c.id and s.status = 'Queued'
),
done as (
  delete from dispatch_batches as b
  using checked as c
  where b.id = c.id and not exists (select from waiting as w where w.claim_id = c.id)
),
later as (
  update dispatch_batches as b
  set verify_at = clock_timestamp() + $2::integer * interval '1 millisecond'
  from checked as c
  where b.id = c.id and exists (select from waiting as w where w.claim_id = c.id)
)
select
  looked.claims,
  w.claim_id,
  w.task_id,
  (extract(epoch from w.scheduled_time) * 1000)::bigint as scheduled_ms,
  t.priority,
  t.task_type,
  tt.pool
from (select count(*)::integer as claims from checked) as looked
left join waiting as w on true
left join tasks as t on t.id = w.task_id
left join task_types as tt on tt.name = t.task_type
