-- A decision for the pool $1 under the fence $2: $3 target, $4 from, $5 to, $6 outcome, $7 reason, $8 the reason in words.
-- No row: another copy writes for the pool now. The lock makes a take-over wait until this is written.
insert into scale_decisions (pool, fence, target, from_replicas, to_replicas, outcome, reason, detail)
select w.pool, w.fence, $3, $4, $5, $6, $7, $8
from autoscaler_writers as w
where w.pool = $1 and w.fence = $2::bigint
for share
returning id
