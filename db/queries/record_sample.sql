-- One point of the line graph's past: $1 pool, $2 required, $3 planned, $4 ready and $5 busy replicas, $6 busy and $7 ready slots.
insert into capacity_samples (pool, at, required_instances, planned_instances, ready_instances, busy_instances, busy_slots, ready_slots)
values ($1, clock_timestamp(), $2, $3, $4, $5, $6, $7)
on conflict do nothing
