-- A process of a service reports for work. $1 service, $2 name, $3 pool, $4 slots, $5 lease in ms, $6 when it was asked for (epoch ms, or null).
-- A processor that nobody told when it was asked for (a pod) counts from the last increase of its pool, as long as that is not yet complete.
with asked as materialized (
  select coalesce(
    to_timestamp($6::float8 / 1000),
    (
      select d.decided_at
      from (
        select decided_at, from_replicas, to_replicas
        from scale_decisions
        where pool = $3 and outcome = 'applied'
        order by id desc
        limit 1
      ) as d
      where d.to_replicas > d.from_replicas
        and d.decided_at > clock_timestamp() - interval '10 minutes'
        and d.to_replicas > (select count(*) from replicas where service = 'processor' and pool = $3 and status <> 'lost')
    )
  ) as at
  where $1 = 'processor'
),
registered as (
  insert into replicas (service, name, pool, slots, status, lease_until, requested_at, ready_at)
  values (
    $1, $2, $3, $4, 'ready', clock_timestamp() + $5::integer * interval '1 millisecond', (select at from asked), clock_timestamp()
  )
  returning id, pool, requested_at, ready_at
),
measured as (
  insert into replica_starts (replica_id, pool, requested_at, ready_at)
  select id, pool, least(requested_at, ready_at), ready_at from registered where requested_at is not null and pool is not null
),
forgotten as (
  delete from replica_starts
  where replica_id in (
    select replica_id from replica_starts where ready_at < clock_timestamp() - interval '30 days' order by replica_id limit 100 for update skip locked
  )
)
select id from registered
