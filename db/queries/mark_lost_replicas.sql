-- Replicas whose lease has ended become lost. The lock is stronger than the one that a starting attempt takes on its replica, so
-- no attempt of a lost replica can start after this commits. One whose attempt is just starting is skipped until the next call.
with expired as materialized (
  select id from replicas where status <> 'lost' and lease_until < clock_timestamp() order by id for update skip locked
)
update replicas as r
set status = 'lost', running = 0
from expired
where r.id = expired.id
returning r.id, r.service, r.name
