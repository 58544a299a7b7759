-- One point of the line graph's past: $1 pool, $2 required, $3 planned, $4 ready.
insert into capacity_samples (pool, at, required_instances, planned_instances, ready_instances)
values ($1, clock_timestamp(), $2, $3, $4)
on conflict do nothing
