-- The processors of the pool $1, as they last reported. Those that stop take no work any more.
select
  count(*) filter (where status = 'ready')::integer as ready,
  count(*) filter (where status = 'ready' and (running > 0 or id in (select locked_by from running_tasks)))::integer as busy,
  coalesce(sum(slots) filter (where status = 'ready'), 0)::integer as ready_slots,
  count(*) filter (where status = 'draining')::integer as draining,
  max(slots)::integer as slots
from replicas
where service = 'processor' and pool = $1 and status <> 'lost'
