-- A process of a service reports for work. $1 service, $2 name, $3 pool, $4 slots, $5 lease in ms, $6 when it was asked for (epoch ms, or null).
insert into replicas (service, name, pool, slots, status, lease_until, requested_at, ready_at)
values (
  $1, $2, $3, $4, 'ready', clock_timestamp() + $5::integer * interval '1 millisecond', to_timestamp($6::float8 / 1000), clock_timestamp()
)
returning id
