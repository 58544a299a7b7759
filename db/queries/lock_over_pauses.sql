-- Paused tasks whose pause is over, locked for this transaction. Several callers share them, and a task that is being changed is left for the
-- next turn: nobody waits, so nobody can deadlock.
select id
from tasks
where status = 'paused' and deleted_at is null and paused_until <= clock_timestamp()
order by id
for no key update skip locked
