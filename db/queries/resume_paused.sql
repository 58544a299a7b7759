-- Paused tasks whose pause is over at $1 (epoch ms) go on from then; what fell into the pause is not caught up.
-- Several callers share them, and a task that is being changed is left for the next turn: nobody waits, so nobody can deadlock.
with over as materialized (
  select id
  from tasks
  where status = 'paused' and deleted_at is null and paused_until <= to_timestamp($1::float8 / 1000)
  order by id
  for no key update skip locked
)
update tasks as t
set
  status = 'active', status_reason = null, paused_until = null, revision = t.revision + 1,
  expanded_until = to_timestamp($1::float8 / 1000), last_slot_at = null, updated_at = clock_timestamp()
from over
where t.id = over.id
returning t.id
